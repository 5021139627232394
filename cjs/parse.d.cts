// Under `module` node16 a CommonJS file may name an ES module's types only: its values come as one, of that type.
import type * as parse from '../dist/parse.js' with { 'resolution-mode': 'import' };

declare const values: typeof parse;
declare namespace values {
  type ParsedMessage = parse.ParsedMessage;
  type RejectReason = parse.RejectReason;
}
export = values;
