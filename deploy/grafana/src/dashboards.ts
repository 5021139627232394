// Dashboards: the files. In: the two dashboards. Out: what stands in each committed file.
import { DashboardLinkPlacement, type Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { fleet } from './fleet/dashboard.ts';
import { host } from './host/dashboard.ts';

/** By path under deploy/grafana. */
export const DASHBOARDS: Readonly<Record<string, Dashboard>> = {
  'procevents-host.json': host(),
  'procevents-fleet.json': fleet(),
};

export function text(dashboard: Dashboard): string {
  return `${JSON.stringify(dashboard, visible, 2)}\n`;
}

/** The SDK puts each link and mark into a menu of Grafana 12, and knows no way to leave them at the top of the page. */
function visible(key: string, value: unknown): unknown {
  return key === 'placement' && value === DashboardLinkPlacement.InControlsMenu ? undefined : value;
}
