// Mixin: the dashboards that stand in ../../../grafana as JSON. In: _config's runbookURL. Out: grafanaDashboards, by file name.
// Of hosts they know job and instance only, whatever hostLabels says.
{
  local committed = (import '../config.libsonnet')._config.runbookURL,

  // What the variable `runbooks` holds, and what follows it in a link to a page. No address has a bar in it.
  local split(runbookURL) =
    local parts = std.split(runbookURL % '|', '|');
    local folder = std.rstripChars(parts[0], '/');
    { folder: folder, page(alert): std.substr(parts[0], std.length(folder), 1) + alert + parts[1] },

  local old = split(committed),
  local new = split($._config.runbookURL),

  local withRunbooks(json) = std.parseJson(std.foldl(
    function(text, alert) std.strReplace(text, '${runbooks}' + old.page(alert), '${runbooks}' + new.page(alert)),
    std.objectFields($._config.severities),
    std.strReplace(json, old.folder, new.folder),
  )),

  grafanaDashboards+:: {
    'procevents-fleet.json': withRunbooks(importstr '../../../grafana/procevents-fleet.json'),
    'procevents-host.json': withRunbooks(importstr '../../../grafana/procevents-host.json'),
  },
}
