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
      readonly matcher: { readonly id: string; readonly options?: unknown };
      readonly properties: readonly { readonly id: string; readonly value: unknown }[];
    }[];
  };
  readonly options?: { readonly sortBy?: readonly { readonly displayName: string }[] };
  readonly transformations?: readonly {
    readonly id: string;
    readonly options: {
      readonly indexByName?: Readonly<Record<string, number>>;
      readonly renameByName?: Readonly<Record<string, string>>;
    };
  }[];
  readonly panels?: readonly Panel[];
}

interface Target {
  readonly refId: string;
  readonly legendFormat?: string;
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
  readonly titleFormat: string;
  readonly textFormat: string;
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
  /** Without which a line has no name, or a row not the columns that the table has. */
  readonly labels: readonly string[];
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
  const ofPanels = panelsOf(dashboard).flatMap((panel) =>
    (panel.targets ?? []).map(({ refId, expr, instant, legendFormat = '' }) => ({
      where: `${panel.title} ${refId}`,
      expr,
      instant,
      labels: panel.type === 'table' ? labelColumns(panel) : inBraces(legendFormat),
    })),
  );
  const ofMarks = (dashboard.annotations.list ?? []).map(
    ({ name, target, titleFormat, textFormat }) => ({
      where: `mark ${name}`,
      expr: target.expr,
      instant: false,
      labels: inBraces(titleFormat + textFormat),
    }),
  );
  return [...ofPanels, ...ofMarks];
}

/** What a table calls its columns, by the names that its fields have before. */
export function columnsOf({ transformations = [] }: Panel): Map<string, string> {
  const organize = transformations.find(({ id }) => id === 'organize')?.options;
  const renamed = organize?.renameByName ?? {};
  return new Map(Object.keys(organize?.indexByName ?? {}).map((key) => [key, renamed[key] ?? key]));
}

function labelColumns(panel: Panel): string[] {
  return [...columnsOf(panel).keys()].filter((name) => !name.startsWith('Value'));
}

function inBraces(format: string): string[] {
  return [...format.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name);
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
