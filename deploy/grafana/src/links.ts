// Dashboards: where one can go from here. Out: links to the other dashboard, to a host, to a runbook.
import {
  DashboardLinkBuilder,
  DashboardLinkType,
  type DashboardLink,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { FLEET_UID, HOST_UID, type Runbook } from './identity.ts';

const SAME_SOURCE = '${datasource:queryparam}';

/** At the top of the page. Host shows one job, so Fleet's choice of many cannot be handed over. */
export const TO_FLEET = top('All hosts', `/d/${FLEET_UID}?${SAME_SOURCE}&\${job:queryparam}`);
export const TO_HOST = top('One host', `/d/${HOST_UID}?${SAME_SOURCE}`);
export const TO_RUNBOOKS = new DashboardLinkBuilder('Runbooks')
  .type(DashboardLinkType.Link)
  .icon('doc')
  .tooltip('What each alert means, and what to do')
  .url('${runbooks}')
  .targetBlank(true);

function top(title: string, url: string): DashboardLinkBuilder {
  return new DashboardLinkBuilder(title)
    .type(DashboardLinkType.Link)
    .icon('dashboard')
    .tooltip(`procevents: ${title.toLowerCase()}`)
    .url(url)
    .keepTime(true);
}

/** In a panel's corner. */
export function runbook(alert: Runbook): DashboardLinkBuilder {
  return new DashboardLinkBuilder(`Runbook: ${alert}`)
    .type(DashboardLinkType.Link)
    .url(`\${runbooks}/${alert}.md`)
    .targetBlank(true);
}

type DataLink = Pick<DashboardLink, 'title' | 'url'>;

/** From a row of a table that has the columns job and Host. */
export const ROW_TO_HOST = dataLink(
  'Look at ${__data.fields.Host}',
  'var-job=${__data.fields.job:percentencode}&var-instance=${__data.fields.Host:percentencode}',
);
/** From a line of a graph by host. */
export const LINE_TO_HOST = dataLink(
  'Look at ${__field.labels.instance}',
  'var-job=${__field.labels.job:percentencode}&var-instance=${__field.labels.instance:percentencode}',
);
/** From a row of Host's table of commands to Host with that command alone. */
export const ROW_TO_COMMAND = dataLink(
  'Only ${__data.fields.Command}',
  '${job:queryparam}&${instance:queryparam}&var-comm=${__data.fields.Command:percentencode}',
);

function dataLink(title: string, variables: string): DataLink {
  return { title, url: `/d/${HOST_UID}?${SAME_SOURCE}&${variables}&\${__url_time_range}` };
}
