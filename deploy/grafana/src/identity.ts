// Dashboards: what both have in common. Out: names that must stay, the data source, where the runbooks are.
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';

/** Bookmarks and links of other people end in these: they stay. */
export const HOST_UID = 'procevents-host';
export const FLEET_UID = 'procevents-fleet';
export const TAG = 'procevents';

/** Whatever is chosen at the top of the page. */
export const DATASOURCE: DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

/** The alerts that have a page in docs/runbooks. */
export type Runbook =
  | 'CoreDump'
  | 'CrashLoop'
  | 'EventsLost'
  | 'ExecFlood'
  | 'ExporterDown'
  | 'FeedSilent'
  | 'ForkBomb'
  | 'ForkStorm'
  | 'ProcessChurn'
  | 'SeriesFolded'
  | 'Unresolved';
