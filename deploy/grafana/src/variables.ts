// Dashboards: what is chosen at the top of the page. Out: data source, job, host, command, and where the runbooks are.
import {
  ConstantVariableBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DATASOURCE } from './identity.ts';

/**
 * The project's own pages have no address that everybody can reach: README.md says where to put yours. A constant is no
 * part of the page's address, so nobody can be sent to a page whose runbooks are elsewhere.
 */
const RUNBOOKS =
  'https://github.com/procevents-exporter/procevents-exporter/blob/main/docs/runbooks';

export const SOURCE_VARIABLE = new DatasourceVariableBuilder('datasource')
  .label('Data source')
  .type('prometheus')
  .description('The Prometheus that scrapes the exporters');

export const RUNBOOKS_VARIABLE = new ConstantVariableBuilder('runbooks')
  .description('Where the pages of docs/runbooks are')
  .value(RUNBOOKS);

const BUILD = 'procevents_build_info';

export const ONE_JOB = choice('job', 'Job', `label_values(${BUILD}, job)`);
export const ANY_JOBS = choice('job', 'Job', `label_values(${BUILD}, job)`)
  .multi(true)
  .includeAll(true)
  .current(all());

export const ONE_HOST = choice('instance', 'Host', `label_values(${BUILD}{job="$job"}, instance)`);
/** All is a pattern here, for a list of 10,000 names would be in every query. */
export const ANY_HOSTS = choice('instance', 'Host', `label_values(${BUILD}{job=~"$job"}, instance)`)
  .multi(true)
  .includeAll(true)
  .allValue('.+')
  .current(all());

export const COMMAND = choice(
  'comm',
  'Command',
  'label_values(procevents_forks_total{job="$job",instance="$instance"}, comm)',
)
  .description('Of the panels that tell commands apart')
  .multi(true)
  .includeAll(true)
  .allValue('.+')
  .current(all());

function all(): { text: string; value: string } {
  return { text: 'All', value: '$__all' };
}

function choice(name: string, label: string, query: string): QueryVariableBuilder {
  return (
    new QueryVariableBuilder(name)
      .label(label)
      .datasource(DATASOURCE)
      .query({ qryType: 1, query, refId: `${name}-values` })
      .definition(query)
      .refresh(VariableRefresh.OnTimeRangeChanged)
      // oxlint-disable-next-line unicorn/no-array-sort -- a builder's
      .sort(VariableSort.NaturalAsc)
  );
}
