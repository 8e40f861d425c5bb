import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { firstIssue } from '../src/index.js';

const schema = z.strictObject({ layers: z.array(z.strictObject({ inputs: z.int() })), name: z.string() });
const issueOf = (value: unknown) => firstIssue(schema.safeParse(value).error!);

describe('the first thing that is wrong', () => {
  it('has its place', () => {
    const found = issueOf({ layers: [{ inputs: 1 }, { inputs: 'b' }], name: 1 });
    expect(found.path).toBe('layers.1.inputs');
    expect(found.text).toMatch(/^at layers\.1\.inputs: .*expected/);
  });

  it('is the value itself where there is no place', () => {
    expect(issueOf(7)).toMatchObject({ path: 'top', text: expect.stringMatching(/^at top: /) });
  });

  it('is cut to 300 characters, however long the names in the file are', () => {
    const { text } = issueOf({ layers: [], name: '', ['x'.repeat(5000)]: 1 });
    expect(text).toHaveLength(300);
    expect(text).toMatch(/^at top: .*x\.\.\.$/);
  });

  it.each([
    ['clears a screen', '\u001b[2J', '\\u001b[2J'],
    ['begins a line', 'a\nOK', 'a\\u000aOK'],
    ['is a C1 control', '\u009b2J', '\\u009b2J'],
    ['turns the direction', 'a\u202eb', 'a\\u202eb'],
    ['is half a character', '\ud800', '\\ud800'],
    ['is an invisible character beyond the first plane', '\u{e0001}', '\\udb40\\udc01'],
  ])('escapes what %s', (_, name, shown) => {
    expect(issueOf({ layers: [], name: '', [name]: 1 }).text).toContain(`"${shown}"`);
  });

  it('leaves letters of all languages as they are', () => {
    expect(issueOf({ layers: [], name: '', Gewicht_größe_重み: 1 }).text).toContain('"Gewicht_größe_重み"');
  });
});
