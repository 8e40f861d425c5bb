/** The demos refuse what they do not know, before they train anything. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const main = (demo: string) => fileURLToPath(new URL(`../../${demo}/dist/main.js`, import.meta.url));

it.each([
  ['digits', ['--chian'], '--chain'],
  ['digits', ['--short=yes'], '--short'],
  ['digits', ['one', 'two'], 'one folder'],
  ['digits', [''], 'empty name'],
  ['lora', ['--chain'], '--short'],
])('%s: %j', (demo, args, said) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main(demo), ...args], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toContain(said);
  expect(stderr).toContain('OPTION_UNKNOWN');
  expect(stdout).toBe('');
});
