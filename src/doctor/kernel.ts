// Doctor: the kernel and how it was built. In: its release, its configuration where that can be read. Out: checks.
import { gunzipSync } from 'node:zlib';
import { degraded, failing, ok, type Check } from './check.ts';
import { readBytes, readText } from './files.ts';

export interface KernelConfig {
  readonly path: string;
  readonly text: string;
}

// Unpacked it has 300 kB.
const MOST_BYTES = 16 * 1024 * 1024;

export function readKernelConfig(procfs: string, release: string): KernelConfig | undefined {
  const packed = `${procfs}/config.gz`;
  const bytes = readBytes(packed);
  if (bytes !== undefined) {
    try {
      const options = { maxOutputLength: MOST_BYTES };
      return { path: packed, text: gunzipSync(bytes, options).toString('latin1') };
    } catch {
      // Not what it says it is: the other place may have it.
    }
  }
  const path = `/boot/config-${release}`;
  const text = readText(path);
  return text === undefined ? undefined : { path, text };
}

/** [6, 18, 44] of 6.18.44-amd64; what is missing is 0. */
export function versionOf(release: string): readonly [number, number, number] {
  const [, major, minor, patch] = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(release) ?? [];
  return [Number(major ?? 0), Number(minor ?? 0), Number(patch ?? 0)];
}

export function isAtLeast(release: string, wantedMajor: number, wantedMinor: number): boolean {
  const [major, minor] = versionOf(release);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

export function judgeKernel(release: string): Check {
  const [major, minor, patch] = versionOf(release);
  const name = 'kernel';
  const text = `Linux ${release}`;
  // These forget that anybody listens as soon as one message finds no room anywhere.
  const forgets =
    (major === 6 && minor === 6 && patch >= 13 && patch <= 17) ||
    (major === 6 && minor === 7 && patch <= 5);
  if (forgets) {
    return degraded(
      name,
      `${text}, whose feed falls silent after an overrun; the exporter then asks anew`,
      'Update the kernel: 6.6.18 and 6.7.6 have it mended.',
    );
  }
  if (!isAtLeast(release, 5, 10)) {
    return degraded(
      name,
      `${text}: the exporter is tested from 5.10 on`,
      'Update the kernel, or try what the other lines say.',
    );
  }
  return ok(name, text);
}

/** The ack proves it; without one the configuration may tell. */
export function judgeProcEvents(config: KernelConfig | undefined, acked: boolean): Check {
  const name = 'proc_events';
  const set = config === undefined ? undefined : /^CONFIG_PROC_EVENTS=y$/m.test(config.text);
  if (acked) {
    return ok(
      name,
      set === true
        ? `CONFIG_PROC_EVENTS=y in ${config?.path}, and the kernel acknowledges`
        : 'CONFIG_PROC_EVENTS is there, for the kernel acknowledges',
    );
  }
  if (set === true) return ok(name, `CONFIG_PROC_EVENTS=y in ${config?.path}`);
  const remedy = 'Use a kernel that is built with CONFIG_CONNECTOR=y and CONFIG_PROC_EVENTS=y.';
  if (set === false) return failing(name, `no CONFIG_PROC_EVENTS=y in ${config?.path}`, remedy);
  return degraded(
    name,
    'cannot be told: neither config.gz in procfs nor a file in /boot says how this kernel is built',
    remedy,
  );
}
