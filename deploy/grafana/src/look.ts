// Dashboards: what every panel has. In: its words, its size. Out: a builder dressed in them; overrides and thresholds.
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  FieldColorBuilder,
  FieldColorModeId,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type DashboardLink,
  type DynamicConfigValue,
  type Threshold,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { PanelBuilder as HeatBuilder } from '@grafana/grafana-foundation-sdk/heatmap';
import type { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import type { PanelBuilder as TimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import type { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import type { PanelBuilder as GraphBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { DATASOURCE, type Runbook } from './identity.ts';
import { runbook } from './links.ts';

export type Panel = GraphBuilder | HeatBuilder | StatBuilder | TableBuilder | TimelineBuilder;

export interface Look {
  readonly title: string;
  /** What it shows, how to read it. */
  readonly description: string;
  readonly unit: string;
  /** Of the 24 columns of the page. */
  readonly width: number;
  readonly height: number;
  readonly decimals?: number;
  readonly runbooks?: readonly Runbook[];
  /** From each value or line to another page. */
  readonly link?: Pick<DashboardLink, 'title' | 'url'>;
}

export function dress(panel: Panel, look: Look): void {
  panel
    .title(look.title)
    .description(look.description)
    .unit(look.unit)
    .span(look.width)
    .height(look.height)
    .datasource(DATASOURCE);
  if (look.decimals !== undefined) panel.decimals(look.decimals);
  if (look.runbooks !== undefined) panel.links(look.runbooks.map((alert) => runbook(alert)));
  if (look.link !== undefined) panel.dataLinks([{ build: () => look.link as DashboardLink }]);
}

/** `[value, colour]`, each from that value on; the first colour is for all below. */
export function thresholds(
  below: string,
  ...steps: readonly (readonly [number, string])[]
): Builder<{ mode: ThresholdsMode; steps: Threshold[] }> {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([{ value: null, color: below }, ...steps.map(([value, color]) => ({ value, color }))]);
}

export function byThresholds(): FieldColorBuilder {
  return new FieldColorBuilder().mode(FieldColorModeId.Thresholds);
}

/** A name keeps its colour from panel to panel. */
export function byName(): FieldColorBuilder {
  return new FieldColorBuilder().mode(FieldColorModeId.PaletteClassicByName);
}

export function inColour(fixedColor: string): DynamicConfigValue {
  return { id: 'color', value: { mode: FieldColorModeId.Fixed, fixedColor } };
}

export function inUnit(unit: string): DynamicConfigValue {
  return { id: 'unit', value: unit };
}

export function dashed(): DynamicConfigValue {
  return { id: 'custom.lineStyle', value: { fill: 'dash', dash: [10, 10] } };
}

export function unfilled(): DynamicConfigValue {
  return { id: 'custom.fillOpacity', value: 0 };
}
