// Dashboards: a panel's targets. In: PromQL. Out: what Grafana sends to the data source that is chosen.
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { DATASOURCE } from './identity.ts';

export interface Query {
  readonly expr: string;
  /** Of a graph, the line's name; of a table, the column's. */
  readonly name: string;
}

/** A to Z. */
export function refId(index: number): string {
  return String.fromCodePoint(65 + index);
}

/** Over the time shown. */
export function ranges(queries: readonly Query[]): DataqueryBuilder[] {
  return queries.map((query, index) => target(query, index).range());
}

/** As it is at the end of the time shown. */
export function instants(queries: readonly Query[]): DataqueryBuilder[] {
  return queries.map((query, index) => target(query, index).instant());
}

export function columns(queries: readonly Query[]): DataqueryBuilder[] {
  return instants(queries).map((query) => query.format(PromQueryFormat.Table));
}

export function buckets(query: Query): DataqueryBuilder[] {
  return [target(query, 0).range().format(PromQueryFormat.Heatmap)];
}

function target({ expr, name }: Query, index: number): DataqueryBuilder {
  return new DataqueryBuilder()
    .refId(refId(index))
    .datasource(DATASOURCE)
    .expr(expr)
    .legendFormat(name);
}
