// Doctor: one look at the host, as the daemon would meet it. In: the configuration. Out: checks, in the order of the way
// of an event: kernel, place, privilege, connector, witnesses, procfs, limits.
import { availableParallelism, release } from 'node:os';
import { native } from '../collector/native.ts';
import type { Config } from '../config/config.ts';
import { fromNative } from '../errors.ts';
import { failing, ok, type Check } from './check.ts';
import { readText } from './files.ts';
import { judgeKernel, judgeProcEvents, readKernelConfig } from './kernel.ts';
import { judgeLockedMemory, judgeOpenFiles, judgeRingMemory, readLimits } from './limits.ts';
import { judgeListeners, kernelIsHere, readListeners, readSockets } from './listeners.ts';
import { isInitial, judgeNamespaces, readNamespaces } from './namespaces.ts';
import { judgePrivilege, readPrivilege } from './privilege.ts';
import { judgeProcfs, readProcfs } from './procfs.ts';
import {
  judgeConnector,
  judgeExecNames,
  judgeFeed,
  judgeReceiveBuffer,
  judgeTaskstats,
  told,
} from './sources.ts';
import { tryOut } from './trial.ts';

export async function examine(config: Config): Promise<readonly Check[]> {
  const kernel = release();
  // Before ours is among them.
  const sockets = readSockets(config.procfs);
  const listeners = readListeners(config.procfs, sockets);
  const limits = readLimits(config.procfs);
  const namespaces = readNamespaces(kernelIsHere(sockets));
  const addon = judgeAddon();
  const trial = await tryOut(config);
  const place = told(trial);
  const paranoid = readText(`${config.procfs}/sys/kernel/perf_event_paranoid`)?.trim();
  return [
    judgeKernel(kernel),
    judgeProcEvents(readKernelConfig(config.procfs, kernel), place.acked),
    ...judgeNamespaces(namespaces, kernel, place),
    judgePrivilege(readPrivilege(), {
      firstUserNamespace: place.acked || isInitial('user', namespaces, kernel) !== false,
      connects: trial.connector.value !== undefined,
      perfServed: trial.execNames === undefined || trial.execNames.value !== undefined,
    }),
    addon,
    judgeConnector(trial),
    judgeReceiveBuffer(trial, config.receiveBuffer),
    judgeFeed(trial),
    judgeTaskstats(trial),
    judgeExecNames(trial, paranoid),
    judgeListeners(listeners),
    judgeProcfs(readProcfs(config.procfs)),
    judgeRingMemory(limits, config),
    judgeOpenFiles(limits, config, availableParallelism()),
    // What did not open has nothing to map.
    judgeLockedMemory(limits, trial.execNames?.value && trial.collector?.value?.execNames),
  ];
}

function judgeAddon(): Check {
  try {
    native();
    return ok('addon', 'the native addon loads');
  } catch (error) {
    const { message, remedy } = fromNative(error);
    return failing('addon', message, remedy);
  }
}
