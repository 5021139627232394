// Doctor: what the trial says of the connector, its buffer, its feed and the two witnesses. Out: checks.
import { constants } from 'node:os';
import { CATALOGUE } from '../errors.ts';
import { degraded, failing, ok, type Check } from './check.ts';
import type { Told } from './namespaces.ts';
import { sizeText } from './sizes.ts';
import type { Outcome, Trial } from './trial.ts';

/** Receive buffer that the kernel charges for one event. */
const EVENT_BYTES = 832;
const CONNECTOR_FIRST = 'See what the line of the connector says.';

/** What the connector's answer, or its silence, says of the place that we are in. */
export function told({ connector }: Trial): Told {
  if (connector.error === undefined) return { acked: true, reached: true };
  switch (connector.error.code) {
    // The buffer is refused after the ack only.
    case 'PROCEVENTS_CONNECTOR_BUFFER':
      return { acked: true, reached: true };
    case 'PROCEVENTS_CONNECTOR_NO_ACK':
    case 'PROCEVENTS_CONNECTOR_ACK_ERROR':
      return { acked: false, reached: true };
    case 'PROCEVENTS_CONNECTOR_SEND':
      return {
        acked: false,
        reached: connector.errno === constants.errno.ECONNREFUSED ? false : undefined,
      };
    default:
      return { acked: false, reached: undefined };
  }
}

export function judgeConnector({ connector }: Trial): Check {
  const name = 'connector';
  const { error } = connector;
  if (error === undefined) return ok(name, `acknowledged after ${time(connector.ms)}`);
  if (error.code === 'PROCEVENTS_CONNECTOR_BUFFER') {
    return ok(name, 'acknowledged, but see the receive buffer');
  }
  return failing(name, error.message, error.remedy);
}

export function judgeReceiveBuffer({ connector }: Trial, asked: number): Check {
  const name = 'receive_buffer';
  if (connector.error?.code === 'PROCEVENTS_CONNECTOR_BUFFER') {
    return failing(name, connector.error.message, connector.error.remedy);
  }
  if (connector.value === undefined) {
    return failing(name, 'not granted, for the connector does not open', CONNECTOR_FIRST);
  }
  const granted = connector.value.receiveBuffer;
  const events = Math.floor(granted / EVENT_BYTES).toLocaleString('en-US');
  const shown = `${sizeText(asked)} asked, ${sizeText(granted)} granted as the kernel counts, which holds ${events} events`;
  // The kernel doubles what is asked, for its own book-keeping.
  if (granted >= 2 * asked) return ok(name, shown);
  return degraded(
    name,
    `${shown}: bursts beyond them are lost, and counted`,
    'Run it as root or with CAP_NET_ADMIN, or raise net.core.rmem_max.',
  );
}

export function judgeTaskstats({ exitRecords }: Trial): Check {
  const name = 'taskstats';
  const costs = 'names of the dead and their CPU time are missing';
  return judgeWitness(name, costs, exitRecords, ({ receiveBuffer }) =>
    ok(name, `registered, and a record came; ${sizeText(receiveBuffer)} of receive buffer granted`),
  );
}

export function judgeExecNames(trial: Trial, paranoid: string | undefined): Check {
  const name = 'exec_names';
  const level = `kernel.perf_event_paranoid is ${paranoid ?? 'not to be read'}`;
  const costs = `some names of execs are missing; ${level}`;
  return judgeWitness(name, costs, trial.execNames, (fds) => {
    if (trial.collector?.value?.execNames === false) {
      return degraded(
        name,
        `perf opens, but its rings find no memory: ${costs}`,
        'Raise the limit on locked memory (LimitMEMLOCK), or kernel.perf_event_mlock_kb.',
      );
    }
    return ok(name, `perf gives COMM records of ${fds.length} CPUs; ${level}`);
  });
}

function judgeWitness<T>(
  name: string,
  costs: string,
  outcome: Outcome<T> | undefined,
  judge: (value: T) => Check,
): Check {
  if (outcome === undefined) return ok(name, `turned off: ${costs}`);
  if (outcome.error === undefined) return judge(outcome.value);
  return degraded(name, `${outcome.error.message}: ${costs}`, outcome.error.remedy);
}

export function judgeFeed({ collector }: Trial): Check {
  const name = 'feed';
  if (collector === undefined) {
    return failing(name, 'no events, for the connector does not open', CONNECTOR_FIRST);
  }
  if (collector.error !== undefined) {
    return failing(name, collector.error.message, collector.error.remedy);
  }
  const { events } = collector.value;
  if (events > 0) return ok(name, `events flow: ${events} within ${time(collector.ms)}`);
  return failing(
    name,
    `no event within ${time(collector.ms)}, though a thread was created`,
    CATALOGUE.PROCEVENTS_FEED_SILENT.remedy,
  );
}

function time(ms: number): string {
  if (ms < 0.1) return 'less than 0.1 ms';
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
