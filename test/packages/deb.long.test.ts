// The Debian package: what is in it, what it demands, what its scripts do, and that the tree it unpacks runs.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { hash } from '@node-rs/bcrypt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../harness/programs.ts';
import { describeWith } from '../harness/requirements.ts';
import { ALL_RUNS, countedRuns } from './counted-runs.ts';

const HOME = 'usr/lib/procevents-exporter';
/** Each file is one of these, without "./". */
const WANTED = [
  /^etc\/default\/procevents-exporter$/,
  /^usr\/bin\/procevents-exporter$/,
  /^usr\/lib\/procevents-exporter\/package\.json$/,
  /^usr\/lib\/procevents-exporter\/dist\/([\w-]+\/)*[\w-]+\.js(on)?$/,
  /^usr\/lib\/procevents-exporter\/dist\/page\/(page\.html|page\.css|icon\.svg)$/,
  /^usr\/lib\/procevents-exporter\/build\/Release\/procevents\.node$/,
  /^usr\/lib\/procevents-exporter\/node_modules\/.+\.([cm]?js|json|node)$/,
  /^usr\/lib\/systemd\/system\/procevents-exporter\.(service|socket)$/,
  /^usr\/share\/doc\/procevents-exporter\/(copyright|changelog\.gz|changelog\.Debian\.gz|examples\/hardened\.conf)$/,
  /^usr\/share\/lintian\/overrides\/procevents-exporter$/,
  /^usr\/share\/man\/man8\/procevents-exporter\.8\.gz$/,
];
const MOST_BYTES = 1_400_000;

interface Entry {
  readonly mode: string;
  readonly owner: string;
  readonly path: string;
}

describeWith(['dpkg'], 'the Debian package', () => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'procevents-deb-'));
  const tree = path.join(scratch, 'tree');
  const control = path.join(scratch, 'control');
  afterAll(() => rmSync(scratch, { recursive: true }));
  chmodSync(scratch, 0o755); // the daemon reads the web file as another user
  let deb: string;
  let entries: readonly Entry[];
  beforeAll(() => {
    deb = makeDeb();
    run('dpkg-deb', '--extract', deb, tree);
    run('dpkg-deb', '--control', deb, control);
    const listed = run('dpkg-deb', '--contents', deb).trimEnd().split('\n');
    entries = listed.map((line) => {
      const [mode = '', owner = '', , , , file = ''] = line.split(/\s+/);
      return { mode, owner, path: file.replace(/^\.\//, '') };
    });
  });
  const read = (file: string): string => readFileSync(path.join(tree, file), 'utf8');
  const field = (name: string): string => run('dpkg-deb', '--field', deb, name).trim();
  const scripts = () => ['postinst', 'prerm', 'postrm'].map((name) => path.join(control, name));

  test('holds what runs, and nothing else', () => {
    const files = entries.map((entry) => entry.path).filter((file) => !file.endsWith('/'));
    const known = files.filter((file) => file !== '');
    expect(known.filter((file) => !WANTED.some((pattern) => pattern.test(file)))).toEqual([]);
    for (const pattern of WANTED) expect(known.some((file) => pattern.test(file))).toBe(true);
    expect(readFileSync(deb).length).toBeLessThan(MOST_BYTES);
  });

  test('belongs to root, and nobody else may write to it', () => {
    const odd = entries.filter(
      ({ mode, owner }) => owner !== 'root/root' || !/^[-d]rw[-x]r-[-x]r-[-x]$/.test(mode),
    );
    expect(odd).toEqual([]);
  });

  test('depends on a Node that runs it, and on the C libraries in the versions that it is linked with', () => {
    const { engines, version } = JSON.parse(
      readFileSync(path.join(root, 'package.json'), 'utf8'),
    ) as { engines: { node: string }; version: string };
    const depends = field('Depends').split(', ');
    expect(depends).toContain(`nodejs (>= ${engines.node.replace('>=', '')})`);
    expect(depends).toContainEqual(expect.stringMatching(/^libc6 \(>= [\d.]+\)$/));
    expect(depends).toContainEqual(expect.stringMatching(/^libstdc\+\+6 \(>= [\d.]+\)$/));
    expect(field('Version')).toBe(`${version}-1`);
  });

  test('keeps the settings of the administrator', () => {
    expect(readFileSync(path.join(control, 'conffiles'), 'utf8')).toBe(
      '/etc/default/procevents-exporter\n',
    );
    expect(read(`usr/lib/systemd/system/procevents-exporter.service`)).toMatch(
      /^EnvironmentFile=-?\/etc\/default\/procevents-exporter$/m,
    );
  });

  test('starts and enables nothing on a first install', () => {
    for (const script of scripts()) {
      // try-restart leaves alone what does not run.
      const words = readFileSync(script, 'utf8').replaceAll(/^\s*#.*$|try-restart/gm, '');
      expect(words).not.toMatch(/\b(start|restart|enable|unmask|preset)\b/);
    }
  });

  test('comes out the same twice, for the same commit', () => {
    const before = readFileSync(deb);
    expect(readFileSync(makeDeb()).equals(before)).toBe(true);
  });

  describeWith(['shellcheck'], 'has scripts', () => {
    test('in which shellcheck finds nothing', () => {
      const command = path.join(tree, 'usr/bin/procevents-exporter');
      expect(tried('shellcheck', '--shell=dash', ...scripts(), command)).toEqual(QUIET);
    });
  });

  describeWith(['lintian'], 'is read by lintian', () => {
    test('without an error or a warning', () => {
      const { status, output } = tried('lintian', '--fail-on', 'error,warning', deb);
      expect({ status, output }).toMatchObject({ status: 0 });
    });
  });

  describeWith(['groff'], 'has a manual page', () => {
    test('that renders without a warning', () => {
      const page = path.join(scratch, 'page.8');
      const packed = path.join(tree, 'usr/share/man/man8/procevents-exporter.8.gz');
      writeFileSync(page, gunzipSync(readFileSync(packed)));
      expect(tried('groff', '-man', '-ww', '-z', '-Tutf8', page)).toEqual(QUIET);
      const text = run('groff', '-man', '-Tutf8', '-P-cbou', page);
      expect(text).toContain('Prometheus exporter of process events');
    });
  });

  describeWith(['events'], 'unpacked and run', () => {
    const command = () => [process.execPath, path.join(tree, HOME, 'dist', 'main.js')];

    test('counts real programs', async () => {
      expect(await countedRuns(command())).toEqual(ALL_RUNS);
    });

    test('has what its options load: the readable log, YAML, bcrypt', async () => {
      const file = path.join(scratch, 'web.yml');
      writeFileSync(file, `basic_auth_users:\n  test: ${await hash('test', 4)}\n`);
      const flags = ['--log.format=pretty', `--web.config.file=${file}`];
      const headers = { authorization: `Basic ${Buffer.from('test:test').toString('base64')}` };
      expect(await countedRuns(command(), { flags, headers })).toEqual(ALL_RUNS);
    });
  });
});

const QUIET = { status: 0, output: '' };

/** The script says where it is. */
function makeDeb(): string {
  const env = { ...process.env, DEB_REVISION: '1' };
  const options = { cwd: root, encoding: 'utf8', env } as const;
  const said = execFileSync(process.execPath, ['scripts/deb.mjs'], options);
  return path.join(root, said.trim());
}

function run(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { encoding: 'utf8' });
}

function tried(
  command: string,
  ...args: readonly string[]
): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}
