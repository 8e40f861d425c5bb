/** Every command and every option that a document shows is there. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { USAGE } from '../../../benchmarks/runner/options.mjs';
import { wrongCommands } from '../commands.mjs';
import { ROOT } from '../files.mjs';

/** What a program says of its options: its help, or its refusal of one that it does not have. */
function optionsIn(text: string): Set<string> {
  return new Set([...(text.match(/(?<![\w'-])--?[a-z][\w-]*/g) ?? []), '--help']);
}

function output(script: string, ...more: string[]) {
  return spawnSync(process.execPath, [join(ROOT, script), ...more], { encoding: 'utf8' });
}

function said(script: string, argument: string): Set<string> {
  const { stdout, stderr } = output(script, argument);
  return optionsIn(`${stdout}\n${stderr}`);
}

// In processes of their own: vitest would transform everything that the programs load.
const pot = JSON.parse(output('scripts/docs/potTree.mjs').stdout);

const options: Record<string, Set<string>> = {
  demo: said('examples/digits/dist/main.js', '--gone'),
  'demo:lora': said('examples/lora/dist/main.js', '--gone'),
  'demo:cluster': said('examples/cluster/dist/main.js', '--gone'),
  'demo:audit': said('examples/audit/dist/main.js', '--gone'),
  'verify:onchain': said('packages/blockchain/dist/cli/verifyOnchain.js', '--help'),
  bench: optionsIn(USAGE),
};

it('programs say which options they have', () => {
  expect([...options.demo!]).toEqual(expect.arrayContaining(['--short', '--chain']));
  expect([...options['demo:lora']!]).not.toContain('--chain');
  expect([...options['verify:onchain']!]).toContain('--reuse');
  expect([...options.bench!]).toContain('--suite');
});

it('documents show nothing else', () => {
  expect(wrongCommands(pot, options)).toEqual([]);
});

describe('a wrong one is found', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'pot-commands-'));
    writeFileSync(join(root, 'package.json'), JSON.stringify({ scripts: { demo: '', test: '', pot: '' } }));
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it.each([
    ['    pot verify FILE --gone', 'pot verify has no option --gone'],
    ['```sh\npot inspekt FILE\n```', 'pot has no command inspekt'],
    ['`npx --yes pnpm@12.21.0 pot srs export FILE`', 'pot srs has no command export'],
    ['`pnpm gone`', 'there is no script gone'],
    ['    pnpm demo --long   # a comment', 'demo has no option --long'],
    ['    pot inspect FILE && pot verify FILE -x', 'pot verify has no option -x'],
  ])('%s', (text, what) => {
    writeFileSync(join(root, 'README.md'), text);
    const [line, ...more] = wrongCommands(pot, options, ['README.md'], root);
    expect(line).toMatch(new RegExp(`^README\\.md:\\d: ${what}$`));
    expect(more).toEqual([]);
  });

  it('and a right one is not', () => {
    const text =
      '    pot verify FILE [--run-id HEX]   # --gone\n    pot audit run LOG --keys KEYS -- sort -o OUT IN\n    pnpm demo --short\n`pnpm test --x`, `pot COMMAND`\n';
    writeFileSync(join(root, 'README.md'), text);
    expect(wrongCommands(pot, options, ['README.md'], root)).toEqual([]);
  });
});
