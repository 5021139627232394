// Mixin: the dashboards that stand in ../../../grafana as JSON. Out: grafanaDashboards, by file name.
{
  grafanaDashboards+:: {},
}
