// For require('procevents-exporter'). The package is ES modules; from Node 20.19 and 22.12 on require takes them.
'use strict';
module.exports = require('./require-esm.cjs')(() => require('../dist/index.js'));
