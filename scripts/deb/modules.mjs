// The packages that run in production. Input: package-lock.json, node_modules. Output: a lean copy of them.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { filesUnder } from '../build/fingerprint.mjs';

/** Needed to compile the addon only, which the package has compiled. */
const BUILD_ONLY = new Set(['node_modules/node-addon-api']);
/** What Node can load. No package of ours reads other files of its own. */
const LOADABLE = new Set(['.js', '.cjs', '.mjs', '.json', '.node']);
/** Not loaded, where they stand directly below the package; deeper such a name may be a part of it (yaml/dist/doc). */
const SIDE_SHOWS = new Set(
  '.github bench benchmark benchmarks docs example examples integration test tests'.split(' '),
);

/** Folders of node_modules that the lock does not call dev, of those which this machine has. */
export function productionModules() {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  return Object.entries(packages)
    .filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional)
    .map(([path]) => path)
    .filter((path) => !BUILD_ONLY.has(path) && existsSync(path))
    .toSorted();
}

/** What the build has copied into dist/: only its licence is wanted here. */
export const BUNDLED = ['node_modules/uplot'];

export function loadableFiles(folder) {
  const isSideShow = (path) =>
    basename(path) === 'node_modules' ||
    (dirname(path) === folder && SIDE_SHOWS.has(basename(path))) ||
    /^(\.|eslint\.config)/.test(basename(path));
  return filesUnder([folder], (path) => path !== folder && isSideShow(path)).filter((path) =>
    LOADABLE.has(extname(path)),
  );
}

/** Name, version, licence and its text: the package's own `copyright` holds them all. */
export function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const text = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .toSorted()
    .map((file) => readFileSync(join(folder, file), 'utf8').trim())
    .join('\n\n');
  return { name, version, license, text };
}
