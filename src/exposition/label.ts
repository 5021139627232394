// Exposition: a label's name and text in, the label as the text format writes it out.

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };

export function labelPair(name: string, value: string): string {
  return `${name}="${value.replace(/[\\"\n]/g, (char) => ESCAPES[char]!)}"`;
}
