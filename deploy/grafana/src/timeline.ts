// Dashboards: states over time. In: queries whose values stand for states. Out: a bar a query, coloured by the words.
import {
  LegendDisplayMode,
  LegendPlacement,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { byThresholds, dress, thresholds, type Look } from './look.ts';
import { BAD, GOOD } from './palette.ts';
import { ranges, type Query } from './queries.ts';
import { worded, type Word } from './stat.ts';

export interface Timeline extends Look {
  readonly queries: readonly Query[];
  readonly words: Readonly<Record<string, Word>>;
}

export function timeline(look: Timeline): PanelBuilder {
  const panel = new PanelBuilder()
    .targets(ranges(look.queries))
    .mappings(worded(look.words))
    .colorScheme(byThresholds())
    .thresholds(thresholds(BAD, [1, GOOD]))
    .mergeValues(true)
    .showValue(VisibilityMode.Never)
    .rowHeight(0.8)
    .fillOpacity(75)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Single));
  dress(panel, look);
  return panel;
}
