// Fleet: all hosts. Out: the dashboard.
import { DashboardBuilder, type Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { COMMANDS } from './commands.ts';
import { GLANCE } from './glance.ts';
import { HOSTS } from './hosts.ts';
import { OUTLIERS } from './outliers.ts';
import { TROUBLE } from './trouble.ts';
import { TRUST } from './trust.ts';
import { FLEET_UID } from '../identity.ts';
import { TO_HOST, TO_RUNBOOKS } from '../links.ts';
import { fill } from '../rows.ts';
import { ANY_HOSTS, ANY_JOBS, RUNBOOKS_VARIABLE, SOURCE_VARIABLE } from '../variables.ts';

export function fleet(): Dashboard {
  const dashboard = new DashboardBuilder('procevents / Fleet')
    .uid(FLEET_UID)
    .description(
      'What all hosts fork, execute and lose: which hosts, which commands, who is not like the others',
    )
    .time({ from: 'now-3h', to: 'now' })
    .refresh('1m')
    .variables([SOURCE_VARIABLE, ANY_JOBS, ANY_HOSTS, RUNBOOKS_VARIABLE])
    .links([TO_HOST, TO_RUNBOOKS]);
  fill(dashboard, [GLANCE, HOSTS, OUTLIERS, COMMANDS, TROUBLE, TRUST]);
  return dashboard.build();
}
