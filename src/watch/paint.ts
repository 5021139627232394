// Watch: colours. What the output is and the environment in; a painter out, which without colours leaves text as it is.

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  reverse: [7, 27],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const;

export type Colour = keyof typeof CODES;
export type Paint = (text: string, ...colours: readonly Colour[]) => string;

export const PLAIN: Paint = (text) => text;

export const COLOURED: Paint = (text, ...colours) => {
  let painted = text;
  for (const colour of colours) {
    const [on, off] = CODES[colour];
    painted = `\u001b[${on}m${painted}\u001b[${off}m`;
  }
  return painted;
};

/**
 * no-color.org and force-color.org; FORCE_COLOR beats NO_COLOR, as in Node itself. An empty variable says nothing, but for
 * FORCE_COLOR=0 and =false, which are a no.
 */
export function wantsColour(o: {
  readonly terminal: boolean;
  readonly environment: NodeJS.ProcessEnv;
}): boolean {
  const { FORCE_COLOR: force = '', NO_COLOR: no = '', TERM: term } = o.environment;
  if (force === '0' || force === 'false') return false;
  if (force !== '') return true;
  return o.terminal && no === '' && term !== 'dumb';
}
