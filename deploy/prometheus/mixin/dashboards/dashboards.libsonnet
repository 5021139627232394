// Mixin: the dashboards that stand in ../../../grafana as JSON. Out: grafanaDashboards, by file name.
{
  grafanaDashboards+:: {
    'procevents-fleet.json': import '../../../grafana/procevents-fleet.json',
    'procevents-host.json': import '../../../grafana/procevents-host.json',
  },
}
