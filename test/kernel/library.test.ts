// The library against the real kernel: its contract with a socket of its own and with one that is handed to it.
import { describe } from 'vitest';
import { openSocket, ProcConnector } from '../../src/index.ts';
import { performCast } from '../harness/cast.ts';
import { renameSelf, testContract } from '../harness/library-contract.ts';
import { describeWith } from '../harness/requirements.ts';

describeWith(['events'], 'the library on the real kernel', () => {
  describe('with a socket of its own', () => {
    testContract({
      open: (options) => ProcConnector.open(options),
      perform: performCast,
      flood: renameSelf,
    });
  });

  describe('with a socket that is there already', () => {
    testContract({
      open: ({ receiveBuffer, filter, ...options } = {}) => {
        const { fd } = openSocket(receiveBuffer === undefined ? {} : { receiveBuffer });
        return ProcConnector.open({ ...options, fd, ...(filter === undefined ? {} : { filter }) });
      },
      perform: performCast,
      flood: renameSelf,
    });
  });
});
