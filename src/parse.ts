// The package's second entry, which needs no addon: `import { parseDatagram } from 'procevents-exporter/parse'`.
export { parseDatagram, type ParsedMessage, type RejectReason } from './library/parse.ts';
export * from './library/kernel.ts';
