// Stage: source. What start-up opens while it is privileged, and the collector drains.
import { fromNative } from '../errors.ts';
import { native, type NativeConnector } from './native.ts';

/** The kernel answers LISTEN before send() returns; a second serves a machine that is under water. */
const ACK_TIMEOUT_MS = 1000;

/** Subscribes to the kernel's process events. `receiveBuffer` in bytes. Throws an ExporterError that names the cause. */
export function openConnector(receiveBuffer: number): NativeConnector {
  try {
    return native().openConnector(receiveBuffer, ACK_TIMEOUT_MS);
  } catch (error) {
    throw fromNative(error);
  }
}
