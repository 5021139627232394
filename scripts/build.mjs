// Entry of the build. Input: the source tree. Output: node_modules, build/Release/procevents.node, dist/.
// Written so that a Node far too old can still parse it and say what is wrong: the rest is imported late.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    'procevents-exporter: Node ' +
      process.versions.node +
      ' is too old. Install Node 20.19 or newer (24 LTS is recommended) and run this again.\n',
  );
  process.exit(1);
}

void import('./build/steps.mjs').then((steps) => steps.run());
