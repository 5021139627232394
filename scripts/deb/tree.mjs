// The files of the Debian package. Input: the built clone. Output: the tree that will be unpacked at /.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { runQuietly } from '../build/failure.mjs';
import { filesUnder } from '../build/fingerprint.mjs';
import { BUNDLED, licenceOf, loadableFiles, productionModules } from './modules.mjs';

const HOME = 'usr/lib/procevents-exporter';
const UNITS = 'usr/lib/systemd/system';
const DOC = 'usr/share/doc/procevents-exporter';
const ADDON = 'build/Release/procevents.node';

export function layOut(root, id) {
  const put = (path, content, mode = 0o644) => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    chmodSync(file, mode);
  };
  const copy = (from, to) => {
    const content = readFileSync(from);
    put(to, content, content.subarray(0, 2).toString() === '#!' ? 0o755 : 0o644);
  };
  const modules = productionModules();

  for (const file of filesUnder(['dist']).filter(isProgram)) copy(file, join(HOME, file));
  for (const file of modules.flatMap((folder) => loadableFiles(folder))) {
    copy(file, join(HOME, file));
  }
  put(join(HOME, 'package.json'), manifest());
  copy(ADDON, join(HOME, ADDON));
  stripped(join(root, HOME, ADDON));

  copy('deploy/debian/procevents-exporter', 'usr/bin/procevents-exporter');
  copy('deploy/debian/default', 'etc/default/procevents-exporter');
  for (const unit of ['procevents-exporter.service', 'procevents-exporter.socket']) {
    copy(join('systemd', unit), join(UNITS, unit));
  }
  copy('systemd/hardened.conf', join(DOC, 'examples/hardened.conf'));
  put(join(DOC, 'changelog.gz'), zipped(readFileSync('CHANGELOG.md')));
  put(join(DOC, 'changelog.Debian.gz'), zipped(changelog(id)));
  put(join(DOC, 'copyright'), copyright([...modules, ...BUNDLED]));
  const manual = readFileSync('deploy/debian/procevents-exporter.8');
  put('usr/share/man/man8/procevents-exporter.8.gz', zipped(manual));
  copy('deploy/debian/lintian-overrides', 'usr/share/lintian/overrides/procevents-exporter');
}

/** Declarations are for who writes against the code. */
function isProgram(file) {
  return file !== 'dist/.stamp' && !file.endsWith('.d.ts');
}

/** What the running code reads of it; scripts and dependencies have had their time. */
function manifest() {
  const { name, version, license, type } = JSON.parse(readFileSync('package.json', 'utf8'));
  return `${JSON.stringify({ name, version, license, type }, undefined, 2)}\n`;
}

function stripped(file) {
  runQuietly('strip', ['--strip-unneeded', '--remove-section=.comment', file], {
    failure: 'strip failed. Run `apt install binutils` and run this again.',
  });
}

function zipped(content) {
  return gzipSync(content, { level: 9 }); // Node writes no time stamp and no name: the same bytes each time
}

function changelog({ version, epoch }) {
  const date = new Date(epoch * 1000).toUTCString().replace('GMT', '+0000');
  return [
    `procevents-exporter (${version}) unstable; urgency=medium`,
    '',
    '  * Packaged from the source tree; changelog.gz tells what changed for users.',
    '',
    ` -- ${maintainer()}  ${date}`,
    '',
  ].join('\n');
}

export function maintainer() {
  return readFileSync('deploy/debian/maintainer', 'utf8').trim();
}

function copyright(modules) {
  const ours = [
    'procevents-exporter is licensed under the Apache License, Version 2.0.',
    'On Debian systems its text is in /usr/share/common-licenses/Apache-2.0.',
    '',
    'Copyright of procevents-exporter is held by its authors.',
    '',
    'The package holds copies of the following npm packages, each under its own licence.',
  ];
  const theirs = modules.map((folder) => {
    const { name, version, license, text } = licenceOf(folder);
    const terms = license === 'Apache-2.0' ? 'The text is the same as above.' : text;
    return `${'-'.repeat(78)}\n${name} ${version}: ${license}\n\n${terms}`;
  });
  return `${[...ours, '', ...theirs].join('\n')}\n`;
}
