// What every test under systemd stands on: one manager a file, and no unit left from the test before.
import { readFileSync, readdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { Exposition } from '../harness/exposition.ts';
import { Manager, SERVICE, SOCKET } from './manager.ts';

export interface Stage {
  readonly manager: Manager;
}

export function useManager(): Stage {
  let manager: Manager | undefined;
  beforeAll(async () => {
    manager = await Manager.start();
  });
  afterEach(async () => {
    await manager?.systemctl('stop', SOCKET, SERVICE);
    await manager?.systemctl('reset-failed');
  });
  afterAll(() => manager?.stop());
  return {
    get manager() {
      if (manager === undefined) throw new Error('no manager yet');
      return manager;
    },
  };
}

export async function scrape(url: string): Promise<Exposition> {
  const response = await fetch(`${url}/metrics`);
  return new Exposition(await response.text());
}

/** What the threads of a process have in /proc/<pid>/task/<tid>/status, each value once. */
export function threadsSay(pid: number, names: readonly string[]): Record<string, string[]> {
  const said = Object.fromEntries(names.map((name) => [name, new Set<string>()]));
  for (const tid of readdirSync(`/proc/${pid}/task`)) {
    const status = readFileSync(`/proc/${pid}/task/${tid}/status`, 'utf8');
    for (const name of names) {
      said[name]?.add(new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '');
    }
  }
  return Object.fromEntries(names.map((name) => [name, [...(said[name] ?? [])]]));
}
