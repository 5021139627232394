// What --help tells.
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../src/config/commands.ts';
import type { Flag } from '../../../src/config/flag.ts';
import { FLAGS, environmentName, fallbackText } from '../../../src/config/flags.ts';
import { helpText } from '../../../src/config/help.ts';

describe('--help', () => {
  test('tells of each command and its options', () => {
    const text = helpText();
    for (const [name, { options }] of Object.entries(COMMANDS)) {
      expect(text).toContain(`\n  ${name}\n`);
      for (const option of Object.values(options as Record<string, Flag<unknown>>)) {
        expect(text).toMatch(new RegExp(`      --(\\[no-\\])?${option.name}\\b`));
      }
    }
  });

  test('names every flag, its variable and its default, in 80 columns', () => {
    const text = helpText();
    for (const flag of Object.values(FLAGS)) {
      expect(text).toMatch(
        new RegExp(`--(\\[no-\\])?${flag.name.replaceAll('.', String.raw`\.`)}\\b`),
      );
      expect(text).toContain(`$${environmentName(flag.name)}]`);
      expect(text.replaceAll(/\s+/g, ' ')).toContain(`[default: ${fallbackText(flag)}]`);
    }
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(text).toMatch(/\n$/);
  });
});
