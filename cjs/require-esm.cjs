// What require() of an ES module needs, or an error that says so.
'use strict';
module.exports = function requireEsm(load) {
  if (process.features.require_module) return load();
  const remedy = "Use await import('procevents-exporter'), or Node 20.19, 22.12 or newer.";
  const message = `this Node cannot require ES modules. ${remedy}`;
  throw Object.assign(new Error(message), { code: 'PROCEVENTS_REQUIRE', remedy });
};
