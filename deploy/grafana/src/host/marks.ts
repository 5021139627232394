// Dashboards: marks in all graphs of a host. Out: core dumps, with who crashed; storms, as long as they last.
import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { DATASOURCE } from '../identity.ts';
import { COLOURS } from '../palette.ts';
import { named, series } from '../promql.ts';

/** With it $__rate_interval is two minutes or more, which holds two scrapes of up to one minute. */
const STEP = '30s';
const WINDOW = '$__rate_interval';

const dumps = series('host', 'procevents_coredumps_total');
const storms = series('host', 'procevents_fork_storm_seconds_total');
const known = `${series('host', 'procevents_build_info')} offset ${WINDOW}`;
/** A pair that crashed; or one that is new with a crash in it, while the exporter is not new itself. */
const crashed = `increase(${dumps}[${WINDOW}]) > 0 or ${dumps} > 0 unless ${dumps} offset ${WINDOW} and on (job, instance) ${known}`;

export const CRASHES = mark(
  'Core dumps',
  COLOURS.coredump,
  `sum by (comm, user, uid) (${named('host', crashed)})`,
)
  .titleFormat('{{comm}} dumped core')
  .textFormat('of user {{user}}, uid {{uid}}')
  .tagKeys('comm,user');

export const STORMY = mark('Fork storms', COLOURS.storm, `sum(increase(${storms}[${WINDOW}])) > 0`)
  .titleFormat('Fork storm')
  .textFormat('Seconds over --storm.threshold');

/** Grafana reads `expr` and `step` of the mark up to 10, and its target since. */
function mark(name: string, colour: string, expr: string): AnnotationQueryBuilder {
  const target = new DataqueryBuilder()
    .refId('Anno')
    .datasource(DATASOURCE)
    .expr(expr)
    .range()
    .interval(STEP);
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor(colour)
    .target(target)
    .expr(expr)
    .step(STEP)
    .useValueForTime(false);
}
