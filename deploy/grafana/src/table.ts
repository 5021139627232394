// Dashboards: a table. In: a query a column. Out: the columns side by side, a row for each set of labels.
import {
  BarGaugeDisplayMode,
  BarGaugeValueMode,
  TableCellDisplayMode,
  TableCellHeight,
  TableFooterOptionsBuilder,
  TableSortByFieldStateBuilder,
  type TableCellOptions,
} from '@grafana/grafana-foundation-sdk/common';
import {
  MappingType,
  type DashboardLink,
  type DynamicConfigValue,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { dress, inColour, inUnit, thresholds, type Look } from './look.ts';
import { columns, refId, type Query } from './queries.ts';
import { worded, type Word } from './stat.ts';

export interface Column extends Query {
  readonly unit?: string;
  readonly decimals?: number;
  /** A bar in this colour, as long as the value is large within its column. */
  readonly bar?: string;
  /** The text's colour below, and from which value on which other. */
  readonly colours?: readonly [string, ...(readonly [number, string])[]];
  readonly words?: Readonly<Record<string, Word>>;
}

export interface Table extends Look {
  /** Label and heading, from the left. */
  readonly labels: readonly (readonly [label: string, heading: string])[];
  readonly columns: readonly Column[];
  readonly sortBy: string;
  readonly ascending?: boolean;
  /** Instead of a table that would have no rows. */
  readonly none: string;
  /** Of a cell without a value: it is not known, unless this says better. */
  readonly blank?: string;
  /** On the cells with this heading. */
  readonly linkOn?: string;
}

export function table(look: Table): PanelBuilder {
  const { link, linkOn, sortBy, ascending = false, blank = '–', ...rest } = look;
  const panel = new PanelBuilder()
    .targets(columns(rest.columns))
    .transformations([{ id: 'merge', options: {} }, organized(look)])
    .filterable(true)
    .cellHeight(TableCellHeight.Sm)
    .footer(new TableFooterOptionsBuilder().show(false).reducer([]).enablePagination(true))
    .sortBy([new TableSortByFieldStateBuilder().displayName(sortBy).desc(!ascending)])
    .noValue(rest.none);
  dress(panel, rest);
  for (const column of rest.columns) panel.overrideByName(column.name, properties(column, blank));
  if (link !== undefined && linkOn !== undefined) {
    panel.overrideByName(linkOn, [{ id: 'links', value: [link satisfies Partial<DashboardLink>] }]);
  }
  return panel;
}

/** Grafana calls the value of an only query otherwise than those of several. */
function organized({ labels, columns: all }: Table): { id: string; options: unknown } {
  const values = all.map(({ name }, index): readonly [string, string] => [
    all.length === 1 ? 'Value' : `Value #${refId(index)}`,
    name,
  ]);
  const order = [...labels, ...values];
  return {
    id: 'organize',
    options: {
      excludeByName: { Time: true },
      includeByName: {},
      indexByName: Object.fromEntries(order.map(([field], index) => [field, index])),
      renameByName: Object.fromEntries(order.filter(([field, heading]) => field !== heading)),
    },
  };
}

function properties(column: Column, blank: string): DynamicConfigValue[] {
  const { unit, decimals, bar, colours, words } = column;
  const all: DynamicConfigValue[] = [
    {
      id: 'mappings',
      value: [
        ...(words === undefined ? [] : worded(words)),
        { type: MappingType.SpecialValue, options: { match: 'null', result: { text: blank } } },
      ],
    },
  ];
  if (unit !== undefined) all.push(inUnit(unit));
  if (decimals !== undefined) all.push({ id: 'decimals', value: decimals });
  if (bar !== undefined) all.push(cell(BAR), inColour(bar), { id: 'min', value: 0 });
  if (colours !== undefined) {
    const [below, ...steps] = colours;
    const color = { id: 'color', value: { mode: 'thresholds' } };
    const built = thresholds(below, ...steps).build();
    all.push(cell({ type: TableCellDisplayMode.ColorText }), color);
    all.push({ id: 'thresholds', value: built });
  }
  if (words !== undefined) all.push(cell({ type: TableCellDisplayMode.ColorBackground }));
  return all;
}

const BAR: TableCellOptions = {
  type: TableCellDisplayMode.Gauge,
  mode: BarGaugeDisplayMode.Gradient,
  valueDisplayMode: BarGaugeValueMode.Text,
};

function cell(value: TableCellOptions): DynamicConfigValue {
  return { id: 'custom.cellOptions', value };
}
