// The TypeScript parser against the C++ parser, which runs beside as a process under sanitizers. Input: the fuzzer's corpus,
// and datagrams by chance, from well-formed to noise.
import { readFileSync, readdirSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EVENT_KINDS, RECORD_WORDS } from '../../../src/collector/record.ts';
import { decode, NOBODY } from '../../../src/library/decode.ts';
import type { UnknownEvent } from '../../../src/library/events.ts';
import { PROC_EVENT } from '../../../src/library/kernel.ts';
import { parseDatagram } from '../../../src/library/parse.ts';
import { LineProcess } from '../../harness/line-process.ts';
import { program, root } from '../../harness/programs.ts';
import { message } from './datagrams.ts';

const CORPUS = `${root}native/test/corpus/parse`;
const REASONS = ['sender', 'length', 'connector', 'kind'];

/** What the C++ parser says of a datagram, in the words of the TypeScript one. */
async function judged(parser: LineProcess, bytes: Uint8Array): Promise<unknown[]> {
  parser.say(Buffer.from(bytes).toString('hex'));
  const line = await parser.line();
  return line.split(' ').map((word) => {
    const [what, ...fields] = word.split(':');
    const [a = 0, b = 0, c = 0, d = 0] = fields.map(Number);
    if (what === 'reject') return { type: 'rejected', reason: REASONS[a] };
    if (what === 'ack') return { type: 'ack', cpu: a, seq: b, ack: c, error: d };
    const words = Uint32Array.from(fields.map(Number));
    expect(words).toHaveLength(RECORD_WORDS);
    const event = decode(words, new BigUint64Array(words.buffer), 0, NOBODY);
    if (what === 'event') return { type: 'event', event };
    return { type: 'rejected', reason: 'kind', event: event as UnknownEvent };
  });
}

const word = fc.oneof(fc.nat(0xffff_ffff), fc.constantFrom(0, 1, 0x8000_0000, 0xffff_ffff));
const what = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...Object.values(PROC_EVENT)) },
  { weight: 1, arbitrary: fc.constantFrom(0, 3, 8, 0x2000_0000) },
  { weight: 1, arbitrary: word },
);
const usually = <T>(value: T, otherwise: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 15, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: otherwise });

const anyMessage = fc
  .record({
    what,
    cpu: fc.oneof(fc.nat(7), word),
    seq: word,
    ack: word,
    timestampNs: fc.bigInt(0n, 2n ** 64n - 1n),
    data: fc.array(word, { maxLength: 16 }),
    bytes: fc.uint8Array({ maxLength: 7 }),
    idx: usually(1, fc.nat(3)),
    val: usually(1, fc.nat(3)),
    type: usually(3, fc.nat(0xffff)),
  })
  .chain((fields) => {
    const whole = message(fields);
    return fc.record({
      nlmsgLen: usually(whole.length, fc.nat(whole.length + 4)),
      cnLen: usually(whole.length - 36, fc.nat(whole.length)),
      fields: fc.constant(fields),
    });
  })
  .map(({ fields, ...lengths }) => message({ ...fields, ...lengths }));

const datagram = fc.oneof(
  fc.array(anyMessage, { maxLength: 4 }).map((messages) => new Uint8Array(Buffer.concat(messages))),
  // Cut off anywhere.
  fc.tuple(anyMessage, fc.nat(80)).map(([bytes, left]) => bytes.slice(0, left)),
  fc.uint8Array({ maxLength: 200 }),
);

test('of every input of the corpus both parsers say the same', async () => {
  const parser = new LineProcess(program('parse-lines'), []);
  const files = readdirSync(CORPUS);
  expect(files.length).toBeGreaterThan(20);
  for (const file of files) {
    const bytes = new Uint8Array(readFileSync(`${CORPUS}/${file}`));
    const said = { file, messages: await judged(parser, bytes) };
    expect({ file, messages: [...parseDatagram(bytes)] }).toEqual(said);
  }
  await parser.finish();
});

test('of whatever bytes both parsers say the same, and neither throws', async () => {
  const parser = new LineProcess(program('parse-lines'), []);
  const kinds = new Set<string>();
  await fc.assert(
    fc.asyncProperty(datagram, async (bytes) => {
      const messages = [...parseDatagram(bytes)];
      expect(messages).toEqual(await judged(parser, bytes));
      for (const one of messages) {
        kinds.add(one.type === 'event' ? one.event.kind : one.type);
        if (one.type === 'rejected') kinds.add(one.reason);
      }
    }),
    { numRuns: 5000 },
  );
  await parser.finish();
  // What was compared was not noise alone.
  const all = [...EVENT_KINDS, 'ack', 'rejected', 'length', 'connector', 'kind'];
  expect([...kinds].toSorted()).toEqual(all.toSorted());
});
