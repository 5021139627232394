// Host: one host in full. Out: the dashboard.
import { DashboardBuilder, type Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { CRASHES, STORMY } from './marks.ts';
import { ALIVE } from './alive.ts';
import { ENDS } from './ends.ts';
import { GLANCE } from './glance.ts';
import { RATES } from './rates.ts';
import { STORMS } from './storms.ts';
import { TRUST } from './trust.ts';
import { WHO } from './who.ts';
import { HOST_UID } from '../identity.ts';
import { TO_FLEET, TO_RUNBOOKS } from '../links.ts';
import { fill } from '../rows.ts';
import { COMMAND, ONE_HOST, ONE_JOB, RUNBOOKS_VARIABLE, SOURCE_VARIABLE } from '../variables.ts';

export function host(): Dashboard {
  const dashboard = new DashboardBuilder('procevents / Host')
    .uid(HOST_UID)
    .description('What one host forks, executes and loses: how much, who does it, how it ends')
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .variables([SOURCE_VARIABLE, ONE_JOB, ONE_HOST, COMMAND, RUNBOOKS_VARIABLE])
    .annotations([CRASHES, STORMY])
    .links([TO_FLEET, TO_RUNBOOKS]);
  fill(dashboard, [GLANCE, RATES, WHO, ENDS, STORMS, ALIVE, TRUST]);
  return dashboard.build();
}
