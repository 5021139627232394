// Dashboards: rows of panels. In: rows. Out: a dashboard that has them, each panel with its number and its place.
import {
  DashboardCursorSync,
  RowBuilder,
  type DashboardBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { TAG } from './identity.ts';
import type { Panel } from './look.ts';

export interface Row {
  /** The first has none: it is what one came for. */
  readonly title?: string;
  readonly panels: readonly Panel[];
}

/** A panel's number stands in links to it; so that a new one in another row does not change it. */
const NUMBERS_A_ROW = 100;

export function fill(dashboard: DashboardBuilder, rows: readonly Row[]): void {
  dashboard.tags([TAG]).editable().tooltip(DashboardCursorSync.Crosshair).timezone('browser');
  for (const [index, { title, panels }] of rows.entries()) {
    const first = NUMBERS_A_ROW * (index + 1);
    if (title !== undefined) dashboard.withRow(new RowBuilder(title).id(first));
    for (const [place, panel] of panels.entries()) {
      dashboard.withPanel(panel.id(first + place + 1));
    }
  }
}
