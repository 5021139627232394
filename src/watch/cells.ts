// Watch: text on a terminal. Printable text in; the columns that it takes, padded or cut to so many, out. Widths are
// Unicode's table of East Asian widths, which changes each year: hence a package.
import { eastAsianWidth } from 'get-east-asian-width';

const ASCII = /^[ -~]*$/;
/** Marks stand upon the character before them. */
const MARK = /^[\p{Mn}\p{Me}]$/u;
const ELLIPSIS = '…';

function cellsOf(character: string): number {
  return MARK.test(character) ? 0 : eastAsianWidth(character.codePointAt(0) ?? 0);
}

export function width(text: string): number {
  if (ASCII.test(text)) return text.length;
  let cells = 0;
  for (const character of text) cells += cellsOf(character);
  return cells;
}

/** At most so many columns: what is longer ends with an ellipsis. */
export function cut(text: string, columns: number): string {
  if (text.length <= columns && ASCII.test(text)) return text;
  if (width(text) <= columns) return text;
  let cells = 0;
  let kept = '';
  for (const character of text) {
    cells += cellsOf(character);
    if (cells > columns - 1) break;
    kept += character;
  }
  return columns < 1 ? '' : kept + ELLIPSIS;
}

/** At least so many columns; longer text stays whole. */
export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)));
}

export function paddedLeft(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - width(text))) + text;
}
