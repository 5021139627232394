// Renders the mixin for those who take plain rule files. Input: deploy/prometheus/mixin, the folder to write to (default:
// deploy/prometheus/rules). Output: procevents-alerts.yml and procevents-rules.yml there.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';

const home = fileURLToPath(new URL('../deploy/prometheus/', import.meta.url));
const HEADER =
  '# Written by `npm run rules` from deploy/prometheus/mixin, where the reasons stand.\n';
const FILES = {
  'procevents-alerts.yml': 'prometheusAlerts',
  'procevents-rules.yml': 'prometheusRules',
};
/** As people write a rule; jsonnet sorts by name. */
const ORDER = 'name interval record alert expr for labels annotations summary description'.split(
  ' ',
);

const folder = process.argv[2] ?? path.join(home, 'rules');
mkdirSync(folder, { recursive: true });
const mixin = evaluate();
for (const [file, field] of Object.entries(FILES)) {
  const text = stringify(inOrder(mixin[field]), { lineWidth: 0, aliasDuplicateObjects: false });
  writeFileSync(path.join(folder, file), HEADER + text);
}

function evaluate() {
  const fields = Object.values(FILES).map((field) => `${field}: mixin.${field}`);
  const program = `local mixin = import 'mixin/mixin.libsonnet'; { ${fields.join(', ')} }`;
  const { error, status, stdout, stderr } = spawnSync('jsonnet', ['-e', program], {
    cwd: home,
    encoding: 'utf8',
  });
  if (error) throw new Error(`jsonnet (Debian: jsonnet): ${error.message}`);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

function inOrder(value) {
  if (Array.isArray(value)) return value.map((one) => inOrder(one));
  if (typeof value !== 'object' || value === null) return value;
  const place = (name) => (ORDER.indexOf(name) + ORDER.length + 1) % (ORDER.length + 1);
  const entries = Object.entries(value).toSorted(([a], [b]) => place(a) - place(b));
  return Object.fromEntries(entries.map(([name, one]) => [name, inOrder(one)]));
}
