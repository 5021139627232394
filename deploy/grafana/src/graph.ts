// Dashboards: lines over time. In: queries. Out: a graph with a table of the lines' values beside or below it.
import {
  GraphDrawStyle,
  GraphGradientMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  ScaleDistribution,
  ScaleDistributionConfigBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { byName, dress, inColour, thresholds, type Look } from './look.ts';
import { BAD } from './palette.ts';
import { ranges, type Query } from './queries.ts';

export interface Graph extends Look {
  readonly queries: readonly Query[];
  /** By the line's name. A line that has none here gets one of the palette, the same in all panels. */
  readonly colours?: Readonly<Record<string, string>>;
  readonly shape?: 'lines' | 'stack' | 'bars';
  readonly legend?: 'bottom' | 'right';
  /** A dashed line across. */
  readonly border?: number;
}

export function graph(look: Graph): PanelBuilder {
  const { queries, colours = {}, shape = 'lines', border } = look;
  const panel = new PanelBuilder()
    .targets(ranges(queries))
    .legend(legend(look.legend ?? 'bottom'))
    .tooltip(
      new VizTooltipOptionsBuilder()
        .mode(TooltipDisplayMode.Multi)
        // oxlint-disable-next-line unicorn/no-array-sort -- a builder's
        .sort(SortOrder.Descending)
        .hideZeros(true),
    )
    .colorScheme(byName())
    .lineInterpolation(LineInterpolation.Linear)
    .lineWidth(1)
    .showPoints(VisibilityMode.Never)
    .fillOpacity(shape === 'lines' ? 10 : 45)
    .gradientMode(shape === 'lines' ? GraphGradientMode.Opacity : GraphGradientMode.None)
    .axisSoftMin(0)
    .axisBorderShow(false);
  dress(panel, look);
  if (shape !== 'lines') panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
  if (shape === 'bars') panel.drawStyle(GraphDrawStyle.Bars).lineWidth(0).fillOpacity(80);
  if (border !== undefined) {
    panel
      .thresholds(thresholds('transparent', [border, BAD]))
      .thresholdsStyle(
        new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed),
      );
  }
  for (const [name, colour] of Object.entries(colours)) {
    panel.overrideByName(name, [inColour(colour)]);
  }
  return panel;
}

/** For values so far apart that a linear scale shows only the largest. 0 has its place on it too. */
export function logarithmic(base: 2 | 10, linearBelow: number): ScaleDistributionConfigBuilder {
  return new ScaleDistributionConfigBuilder()
    .type(ScaleDistribution.Symlog)
    .log(base)
    .linearThreshold(linearBelow);
}

function legend(place: 'bottom' | 'right'): VizLegendOptionsBuilder {
  return new VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(LegendDisplayMode.Table)
    .placement(place === 'bottom' ? LegendPlacement.Bottom : LegendPlacement.Right)
    .calcs(place === 'bottom' ? ['mean', 'lastNotNull', 'max'] : ['lastNotNull', 'max'])
    .sortBy('Max')
    .sortDesc(true);
}
