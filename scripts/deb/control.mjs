// DEBIAN/: what dpkg is told of the package. Input: the tree, deploy/debian/. Output: control, conffiles, md5sums, scripts.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { BuildFailure } from '../build/failure.mjs';
import { filesUnder } from '../build/fingerprint.mjs';
import { maintainer } from './tree.mjs';

/** As package.json's engines, in Debian's words. */
const NODE = 'nodejs (>= 20.19)';

export function writeControl(root, scratch, id) {
  const folder = join(root, 'DEBIAN');
  const files = filesUnder([root]);
  mkdirSync(folder, { mode: 0o755 });
  const addons = files.filter((file) => extname(file) === '.node');
  const kibibytes = files.reduce((sum, file) => sum + Math.ceil(statSync(file).size / 1024), 0);
  writeFileSync(join(folder, 'control'), control(id, kibibytes, libraries(addons, scratch)));
  writeFileSync(join(folder, 'conffiles'), '/etc/default/procevents-exporter\n');
  writeFileSync(join(folder, 'md5sums'), sums(root, files));
  for (const script of ['postinst', 'prerm', 'postrm']) {
    copyFileSync(join('deploy/debian', script), join(folder, script));
    chmodSync(join(folder, script), 0o755);
  }
}

function control({ version, architecture }, kibibytes, depends) {
  return `${[
    'Package: procevents-exporter',
    `Version: ${version}`,
    `Architecture: ${architecture}`,
    `Maintainer: ${maintainer()}`,
    `Installed-Size: ${kibibytes}`,
    `Depends: ${[NODE, depends].join(', ')}`,
    'Section: net',
    'Priority: optional',
    'Description: Prometheus exporter of process events',
    ' Counts the forks, execs, exits, signals and core dumps of a Linux host, per',
    ' command name and user. The kernel reports each event itself, so programs that',
    ' live for a millisecond are counted like all others, and nothing is sampled.',
    ' .',
    ' The service is neither enabled nor started by the package.',
  ].join('\n')}\n`;
}

/** The C libraries that the addons are linked with, in the versions that they need. */
function libraries(addons, scratch) {
  // It wants a source package around it; an empty one will do.
  mkdirSync(join(scratch, 'debian'), { recursive: true });
  writeFileSync(
    join(scratch, 'debian/control'),
    'Source: procevents-exporter\n\nPackage: procevents-exporter\nArchitecture: any\n',
  );
  const args = ['-O', ...addons.map((addon) => `-e${resolve(addon)}`)];
  const { status, stdout, stderr } = spawnSync('dpkg-shlibdeps', args, {
    cwd: scratch,
    encoding: 'utf8',
  });
  const found = /^shlibs:Depends=(.+)$/m.exec(stdout ?? '')?.[1];
  if (status === 0 && found !== undefined) return found;
  process.stderr.write(stderr ?? '');
  throw new BuildFailure('dpkg-shlibdeps failed. Run `apt install dpkg-dev` and run this again.');
}

/** md5 is what dpkg's own format names; it tells of damage, not of malice. */
function sums(root, files) {
  const line = (file) => {
    const sum = createHash('md5').update(readFileSync(file)).digest('hex');
    return `${sum}  ${file.slice(root.length + 1)}\n`;
  };
  return files
    .filter((file) => !file.startsWith(`${root}/etc/`))
    .map(line)
    .join('');
}
