// Stage 2 of the build. Input: native/, binding.gyp, this Node. Output: build/Release/procevents.node.
// npm never rebuilds an addon that still loads; the stamp beside it does.
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { BuildFailure, runQuietly } from './failure.mjs';
import { dropStamp, filesUnder, fingerprint, stampHolds, writeStamp } from './fingerprint.mjs';

const ADDON = 'build/Release/procevents.node';
const STAMP = 'build/procevents.stamp';

export function isFresh() {
  return existsSync(ADDON) && stampHolds(STAMP, digest());
}

export function build() {
  requireTools();
  process.stderr.write('procevents-exporter: building the native addon\n');
  const wanted = digest(); // taken first: an edit made during the build makes the result stale
  dropStamp(STAMP);
  const gyp = resolve('node_modules/node-gyp/bin/node-gyp.js');
  const args = [gyp, 'rebuild', '--release', ...headers()];
  // node-gyp refuses to start when it has no home for downloaded headers.
  if (!process.env.HOME) args.push(`--devdir=${resolve('node_modules/.node-gyp')}`);
  runQuietly(process.execPath, args, {
    // binding.gyp asks `node`; it has to be this one.
    env: { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` },
    failure: 'building the native addon failed; the compiler says above why.',
  });
  writeStamp(STAMP, wanted);
}

function digest() {
  const sources = filesUnder(['native', 'binding.gyp'], (path) => path === 'native/test');
  const { CXX = '', CXXFLAGS = '', LDFLAGS = '' } = process.env;
  const { modules } = process.versions;
  return fingerprint(sources, [modules, process.arch, CXX, CXXFLAGS, LDFLAGS]);
}

/** Node's headers lie beside the running node; only without them does node-gyp ask the network. */
function headers() {
  const prefix = resolve(process.execPath, '../..');
  // Where npm's own package `node` keeps the headers of the node that it links into bin/.
  const packaged = join(prefix, `node_modules/node-linux-${process.arch}`);
  const found = [prefix, packaged].find((p) => existsSync(join(p, 'include/node/node_api.h')));
  return found === undefined ? [] : [`--nodedir=${found}`];
}

function requireTools() {
  const compiler = process.env.CXX?.split(' ')[0] || 'g++';
  const missing = [
    [compiler],
    ['make'],
    ['python3', process.env.PYTHON, process.env.npm_config_python].filter(Boolean),
  ].filter((names) => !names.some(isInPath));
  if (missing.length === 0) return;
  const names = missing.map((alternatives) => alternatives[0]).join(', ');
  throw new BuildFailure(
    `the native addon needs ${names}, not found here. Run \`apt install g++ make python3\` and run this again.`,
  );
}

function isInPath(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(resolve(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
