// What the running kernel's version decides.
import { release } from 'node:os';

/** From Linux 6.6 on anybody may listen. */
export function listensUnasked(): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return major > 6 || (major === 6 && minor >= 6);
}
