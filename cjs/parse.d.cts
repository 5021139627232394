export * from '../dist/parse.js';
