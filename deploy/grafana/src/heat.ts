// Dashboards: a histogram over time. In: its buckets. Out: a heat map, the darker the more.
import { HeatmapCellLayout, TooltipDisplayMode } from '@grafana/grafana-foundation-sdk/common';
import {
  CellValuesBuilder,
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  HeatmapColorScale,
  HeatmapTooltipBuilder,
  PanelBuilder,
  RowsHeatmapOptionsBuilder,
  YAxisConfigBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { dress, type Look } from './look.ts';
import { buckets } from './queries.ts';

export interface Heat extends Look {
  readonly expr: string;
  readonly scheme: 'Blues' | 'Oranges';
}

/** Cells narrower than some pixels cannot be pointed at. */
const CELLS = 120;

export function heat(look: Heat): PanelBuilder {
  const panel = new PanelBuilder()
    .targets(buckets({ expr: look.expr, name: '{{le}}' }))
    .maxDataPoints(CELLS)
    .calculate(false)
    .rowsFrame(new RowsHeatmapOptionsBuilder().layout(HeatmapCellLayout.Auto))
    .color(
      new HeatmapColorOptionsBuilder()
        .mode(HeatmapColorMode.Scheme)
        .scheme(look.scheme)
        .scale(HeatmapColorScale.Exponential)
        .exponent(0.4) // else a few rare long ones are as good as white beside thousands of short ones
        .steps(64),
    )
    .yAxis(new YAxisConfigBuilder().unit(look.unit))
    .cellValues(new CellValuesBuilder().unit(units.Short).decimals(0))
    .cellGap(1)
    .showLegend()
    .tooltip(new HeatmapTooltipBuilder().mode(TooltipDisplayMode.Single).yHistogram(true));
  dress(panel, look);
  return panel;
}
