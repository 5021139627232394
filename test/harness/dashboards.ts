// The committed dashboards, as Grafana reads them. Input: deploy/grafana/*.json. Output: panels, and the queries that
// Grafana would send with its variables put in.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './programs.ts';

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
  readonly datasource?: unknown;
  readonly targets?: readonly Target[];
  readonly links?: readonly { readonly url: string }[];
  readonly fieldConfig?: {
    readonly defaults: { readonly unit?: string };
    readonly overrides: readonly {
      readonly properties: readonly { readonly id: string; readonly value: unknown }[];
    }[];
  };
  readonly panels?: readonly Panel[];
}

interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly instant: boolean;
  readonly datasource?: unknown;
}

interface Variable {
  readonly name: string;
  readonly type: string;
  readonly datasource?: unknown;
  readonly query: string | { readonly query: string };
  readonly includeAll: boolean;
  readonly allValue?: string;
}

interface Mark {
  readonly name: string;
  readonly datasource?: unknown;
  readonly expr: string;
  readonly target: Target;
}

export interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
  readonly annotations: { readonly list?: readonly Mark[] };
  readonly links: readonly { readonly url: string }[];
}

export interface Query {
  /** For messages: which panel, and which of its queries. */
  readonly where: string;
  readonly expr: string;
  readonly instant: boolean;
}

export const DASHBOARD_FOLDER = path.join(root, 'deploy/grafana');

export function readDashboard(file: string): Dashboard {
  return JSON.parse(readFileSync(path.join(DASHBOARD_FOLDER, file), 'utf8')) as Dashboard;
}

/** Rows included, and what is in them. */
export function panelsOf({ panels }: Pick<Dashboard, 'panels'>): Panel[] {
  return panels.flatMap((panel) => [panel, ...panelsOf({ panels: panel.panels ?? [] })]);
}

/** Of all panels and marks. */
export function queriesOf(dashboard: Dashboard): Query[] {
  const ofPanels = panelsOf(dashboard).flatMap(({ title, targets = [] }) =>
    targets.map(({ refId, expr, instant }) => ({ where: `${title} ${refId}`, expr, instant })),
  );
  const ofMarks = (dashboard.annotations.list ?? []).map(({ name, target }) => ({
    where: `mark ${name}`,
    expr: target.expr,
    instant: false,
  }));
  return [...ofPanels, ...ofMarks];
}

/** `label_values(series, label)` of each variable that asks for one. */
export function choicesOf(dashboard: Dashboard): { name: string; of: string; label: string }[] {
  return dashboard.templating.list
    .filter(({ type }) => type === 'query')
    .map(({ name, query }) => {
      const text = typeof query === 'string' ? query : query.query;
      const [, of = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(text) ?? [];
      return { name, of, label };
    });
}

/** As Grafana does; `$1` and other names that are no variable's stay. */
export function withVariables(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$(\w+)/g, (whole, name: string) => values[name] ?? whole);
}
