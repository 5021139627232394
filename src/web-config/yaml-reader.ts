// Web file: YAML to values. In: text. Out: values of the wanted kinds, or an error that names file, key and line; never a secret.
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
} from 'yaml';
import { nearest } from '../config/nearest.ts';
import { ExporterError, quoted, type ErrorCode } from '../errors.ts';

/** One place of the file, and what is there. */
export class Place {
  readonly #file: string;
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #key: string;
  readonly #node: Node | undefined;

  constructor(o: {
    file: string;
    document: Document;
    lines: LineCounter;
    key: string;
    node: unknown;
  }) {
    this.#file = o.file;
    this.#document = o.document;
    this.#lines = o.lines;
    this.#key = o.key;
    const node = o.node as Node | null;
    this.#node = isAlias(node) ? node.resolve(o.document) : (node ?? undefined);
  }

  /** Nothing, ~ or null stand there: as if the key were missing. */
  get missing(): boolean {
    if (this.#node === undefined) return true;
    return isScalar(this.#node) && this.#plain && /^(?:|~|null|Null|NULL)$/.test(this.#text);
  }

  get #plain(): boolean {
    return isScalar(this.#node) && (this.#node.type === 'PLAIN' || this.#node.type === undefined);
  }

  get #text(): string {
    return isScalar(this.#node) && typeof this.#node.value === 'string' ? this.#node.value : '';
  }

  error(why: string, code: ErrorCode = 'PROCEVENTS_WEB_CONFIG_VALUE'): ExporterError {
    const at = this.#node?.range?.[0];
    const line = at === undefined ? '' : `, line ${this.#lines.linePos(at).line}`;
    const key = this.#key === '' ? 'the file' : this.#key;
    return new ExporterError(code, `${quoted(this.#file)}${line}: ${key} ${why}`);
  }

  /** The values of these keys; any other key is an error. */
  keys<T extends string>(known: readonly [T, ...T[]]): Readonly<Record<T, Place>> {
    const found = new Map(this.entries('a mapping of keys to values'));
    for (const key of found.keys()) {
      if (known.some((name) => name === key)) continue;
      const place = this.#key === '' ? 'at the top' : `in ${this.#key}`;
      throw (found.get(key) ?? this).error(
        `is not known; did you mean ${nearest(key, known)}? Allowed ${place}: ${known.join(', ')}`,
        'PROCEVENTS_WEB_CONFIG_KEY',
      );
    }
    const missing = (key: T): Place => this.#at(key, undefined);
    return Object.fromEntries(known.map((key) => [key, found.get(key) ?? missing(key)])) as Record<
      T,
      Place
    >;
  }

  entries(allowed: string): (readonly [string, Place])[] {
    if (this.missing) return [];
    if (!isMap(this.#node)) throw this.error(`takes ${allowed}`);
    return this.#node.items.map(({ key, value }) => {
      const name = isAlias(key) ? key.resolve(this.#document) : key;
      if (!isScalar(name) || typeof name.value !== 'string') throw this.error(`takes ${allowed}`);
      return [name.value, this.#at(name.value, value)] as const;
    });
  }

  #at(key: string, node: unknown): Place {
    const known = /^[\w-]{1,40}$/.test(key) ? key : quoted(key);
    const path = this.#key === '' ? known : `${this.#key}.${known}`;
    return new Place({
      file: this.#file,
      document: this.#document,
      lines: this.#lines,
      key: path,
      node,
    });
  }

  /** A text; empty where nothing stands. */
  text(allowed = 'a text'): string {
    if (this.missing) return '';
    if (!isScalar(this.#node)) throw this.error(`takes ${allowed}`);
    return this.#text;
  }

  boolean(fallback: boolean): boolean {
    if (this.missing) return fallback;
    // The YAML of Go's exporters knows all of these.
    if (this.#plain && /^(?:true|yes|on|y)$/i.test(this.#text)) return true;
    if (this.#plain && /^(?:false|no|off|n)$/i.test(this.#text)) return false;
    throw this.error('takes true or false');
  }

  oneOf<T extends string>(choices: readonly T[], fallback: T): T {
    const text = this.text(`one of ${choices.join(', ')}`);
    if (text === '') return fallback;
    const choice = choices.find((one) => one === text);
    if (choice !== undefined) return choice;
    throw this.error(`does not take ${quoted(text)}; allowed is one of ${choices.join(', ')}`);
  }

  /** undefined where nothing stands. */
  list(allowed: string): readonly Place[] | undefined {
    if (this.missing) return undefined;
    if (!isSeq(this.#node)) throw this.error(`takes a list of ${allowed}`);
    return this.#node.items.map((node, i) => this.#at(String(i + 1), node));
  }
}

/** The top of the file. */
export function readYaml(file: string, text: string): Place {
  const lines = new LineCounter();
  // failsafe: every scalar stays the text that stands there. No message of the library is shown: it may quote a secret.
  const document = parseDocument(text, {
    schema: 'failsafe',
    lineCounter: lines,
    prettyErrors: false,
    strict: true,
    uniqueKeys: true,
  });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    const [at] = problem.pos;
    const { line, col } = lines.linePos(at);
    // A key is no secret.
    const key = /^[^\s:]*/.exec(text.slice(at))?.[0] ?? '';
    const what =
      problem.code === 'DUPLICATE_KEY'
        ? `the key ${quoted(key)} stands twice`
        : problem.code.toLowerCase().replaceAll('_', ' ');
    throw new ExporterError(
      'PROCEVENTS_WEB_CONFIG_YAML',
      `${quoted(file)}, line ${line}, column ${col}: this is not valid YAML (${what})`,
    );
  }
  return new Place({ file, document, lines, key: '', node: document.contents });
}
