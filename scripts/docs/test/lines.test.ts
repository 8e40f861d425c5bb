import { expect, it } from 'vitest';
import { longIn, longLines } from '../lines.mjs';

it('prose stays below 120 characters a line', () => {
  expect(longLines()).toEqual([]);
});

it('a long line is found; a table and code are none', () => {
  const long = 'x'.repeat(120);
  expect(
    longIn('a.md', `${long}\n\n| ${long} |\n    ${long}\n\`\`\`\n${long}\n\`\`\`\n${long.slice(1)}\n`),
  ).toEqual(['a.md:1: 120 characters']);
});
