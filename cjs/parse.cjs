// For require('procevents-exporter/parse'); see index.cjs.
'use strict';
module.exports = require('./require-esm.cjs')(() => require('../dist/parse.js'));
