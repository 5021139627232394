// The npm package, as it is packed and installed: without a compiler where it brings its addon, with one elsewhere.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';
import { ALL_RUNS, countedRuns } from './counted-runs.ts';

/** Each file of the package is one of these; what is none came in by mistake. */
const WANTED = [
  /^(package\.json|README\.md|CHANGELOG\.md|LICENSE|binding\.gyp)$/,
  /^dist\/([\w-]+\/)*[\w-]+\.(js|d\.ts)$/,
  /^dist\/build\.json$/,
  /^dist\/page\/(page\.html|page\.css|icon\.svg)$/,
  /^cjs\/[\w-]+\.(cjs|d\.cts)$/,
  /^docs\/(library\.md|examples\/[\w-]+\.mjs)$/,
  /^native\/\w+\.(cc|h)$/,
  /^systemd\/[\w-]+\.(service|socket|conf)$/,
  /^prebuilds\/linux-\w+\/procevents-exporter\.(glibc|musl)\.node$/,
];
/** Half of what it has now may be added before somebody should look. */
const MOST_PACKED = 450_000;
const MOST_UNPACKED = 1_500_000;

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

const scratch = mkdtempSync(path.join(tmpdir(), 'procevents-npm-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const NAME = 'procevents-exporter';
const installed = (prefix: string): string => path.join(prefix, 'lib', 'node_modules', NAME);

function npm(args: readonly string[], environment: NodeJS.ProcessEnv = {}): string {
  const env = { ...process.env, npm_config_prefer_offline: 'true', ...environment };
  return execFileSync('npm', args, { cwd: root, encoding: 'utf8', env, stdio: 'pipe' });
}

function install(tarball: string, environment?: NodeJS.ProcessEnv): string {
  const prefix = mkdtempSync(path.join(scratch, 'prefix-'));
  // Strict: no package of the tree may refuse the Node that ours names.
  const args = ['install', '--global', '--engine-strict', '--no-audit', '--no-fund'];
  npm([...args, '--prefix', prefix, tarball], environment);
  return prefix;
}

describe('the npm package', () => {
  let packed: Packed;
  let tarball: string;
  beforeAll(() => {
    const args = ['pack', '--json', '--pack-destination', scratch];
    packed = (JSON.parse(npm(args)) as [Packed])[0];
    tarball = path.join(scratch, packed.filename);
  });

  test('holds what runs, what compiles, and nothing else', () => {
    const files = packed.files.map((file) => file.path);
    expect(files.filter((file) => !WANTED.some((pattern) => pattern.test(file)))).toEqual([]);
    for (const pattern of WANTED) {
      expect(files.some((file) => pattern.test(file))).toBe(true);
    }
    expect(files).toContain('dist/main.js');
  });

  test('is small', () => {
    expect(packed.size).toBeLessThan(MOST_PACKED);
    expect(packed.unpackedSize).toBeLessThan(MOST_UNPACKED);
  });

  test('leaves no prebuilt addon behind in the clone, which would stand in for a stale one', () => {
    expect(existsSync(path.join(root, 'prebuilds'))).toBe(false);
  });

  describe('installed where there is no compiler, make or python', () => {
    let prefix: string;
    beforeAll(() => {
      const bare = path.join(scratch, 'bin');
      mkdirSync(bare);
      for (const command of ['node', 'npm', 'sh']) {
        symlinkSync(which(command), path.join(bare, command));
      }
      prefix = install(tarball, { PATH: bare });
    });

    test('has compiled nothing', () => {
      expect(existsSync(path.join(installed(prefix), 'build'))).toBe(false);
      expect(existsSync(path.join(installed(prefix), 'prebuilds'))).toBe(true);
    });

    test('gives the command', () => {
      const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
        version: string;
      };
      const command = path.join(prefix, 'bin', NAME);
      expect(execFileSync(command, ['--version'], { encoding: 'utf8' })).toBe(
        `${NAME} ${version}\n`,
      );
    });

    describeWith(['events'], 'and run', () => {
      test('counts real programs', async () => {
        expect(await countedRuns([path.join(prefix, 'bin', NAME)])).toEqual(ALL_RUNS);
      });
    });
  });

  describe('installed where no addon is brought along', () => {
    let prefix: string;
    beforeAll(() => {
      const tree = path.join(scratch, 'unpacked');
      mkdirSync(tree);
      execFileSync('tar', ['-xf', tarball, '-C', tree]);
      rmSync(path.join(tree, 'package', 'prebuilds'), { recursive: true });
      const source = path.join(scratch, 'without-prebuilds.tgz');
      execFileSync('tar', ['-czf', source, '-C', tree, 'package']);
      prefix = install(source, headers());
    });

    test('has compiled it', () => {
      expect(existsSync(path.join(installed(prefix), 'build/Release/procevents.node'))).toBe(true);
    });

    describeWith(['events'], 'and run', () => {
      test('counts real programs', async () => {
        expect(await countedRuns([path.join(prefix, 'bin', NAME)])).toEqual(ALL_RUNS);
      });
    });
  });
});

function which(command: string): string {
  return realpathSync(
    execFileSync('sh', ['-c', 'command -v "$1"', 'sh', command], { encoding: 'utf8' }).trim(),
  );
}

/** Where this node's headers are, if they are here; else node-gyp asks the network for them. */
function headers(): NodeJS.ProcessEnv {
  const prefix = path.resolve(process.execPath, '../..');
  const packaged = path.join(prefix, `node_modules/node-linux-${process.arch}`);
  const found = [prefix, packaged].find((each) =>
    existsSync(path.join(each, 'include/node/node_api.h')),
  );
  return found === undefined ? {} : { npm_config_nodedir: found };
}
