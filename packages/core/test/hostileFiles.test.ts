/** Damaged and hostile files, for the commands that read others than run files: strings, adapters, openings, configurations, run folders. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPotError } from '@proof-of-training/halo2-wasm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { potProgram } from '../src/cli/program.js';

const dir = mkdtempSync(join(tmpdir(), 'pot-hostile-'));
const HOSTILE: Record<string, string | Uint8Array> = {
  empty: '',
  cut: '{"format":"proof-of-training/run","version":',
  binary: new Uint8Array([0, 255, 1, 254, 123]),
  deep: '{"a":'.repeat(100_000),
  list: '[1,2]',
  number: '1e999',
  twice: '{"r":1,"r":2}',
  proto: '{"__proto__":{"out":"x"}}',
};

beforeAll(() => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterAll(() => vi.restoreAllMocks());

/** The code that `pot` ends with. An error without one fails the test: it would be a stack to people. */
async function codeOf(...args: string[]): Promise<string> {
  try {
    await potProgram().parseAsync(['node', 'pot', ...args]);
  } catch (e) {
    if (isPotError(e)) return e.code;
    throw e;
  }
  throw new Error(`pot ${args.join(' ')} accepted a hostile file`);
}

/** Each hostile content under `name` in a folder of its own. */
async function withEach(name: string, use: (folder: string, kind: string) => Promise<void>): Promise<void> {
  for (const [kind, content] of Object.entries(HOSTILE)) {
    const folder = mkdtempSync(join(dir, 'case-'));
    writeFileSync(join(folder, name), content);
    await use(folder, kind);
  }
}

describe('a hostile', () => {
  it('string is refused by pot srs', async () => {
    await withEach('tau', async (folder, kind) => {
      const file = join(folder, 'tau');
      expect(await codeOf('srs', 'inspect', file), kind).toMatch(/^SRS_/);
      expect(await codeOf('srs', 'import', file, '--k', '10', '--dir', folder), kind).toMatch(/^(PTAU|SRS)_/);
    });
    expect(await codeOf('srs', 'inspect', dir)).toMatch(/^(SRS|FILE)_/);
  });

  it('configuration is refused by pot train', async () => {
    await withEach('c.json', async (folder, kind) => {
      const code = await codeOf('train', join(folder, 'c.json'), '--dir', join(folder, 'run'));
      expect(code, kind).toMatch(/^(CONFIG|FILE|FORMAT|OPTION)_/);
    });
  });

  it('run folder is refused by pot train --resume and by pot aggregate', async () => {
    await withEach('session.json', async (folder, kind) => {
      expect(await codeOf('train', '--resume', '--dir', folder), kind).toMatch(/^(STATE|SESSION)_/);
      expect(await codeOf('aggregate', folder, '-o', join(folder, 'never.json')), kind).toMatch(
        /^(STATE|SESSION)_/,
      );
    });
  });

  it('adapter file is refused by pot adapter', async () => {
    for (const name of ['adapter_config.json', 'adapter_model.safetensors']) {
      await withEach(name, async (folder, kind) => {
        const config = { peft_type: 'LORA', r: 2, lora_alpha: 4, target_modules: ['a'] };
        if (name !== 'adapter_config.json')
          writeFileSync(join(folder, 'adapter_config.json'), JSON.stringify(config));
        const commit = await codeOf('adapter', 'commit', folder, '--out', join(folder, 'never'));
        expect(commit, `${name} ${kind}`).toMatch(/^(PEFT|SAFETENSORS|FILE|ADAPTER)_/);
        const check = ['adapter', 'check', folder, '--bundle', join(folder, 'b'), '--opening', 'o'];
        expect(await codeOf(...check), `${name} ${kind}`).toBe(commit);
      });
    }
    mkdirSync(join(dir, 'nothing'));
    expect(await codeOf('adapter', 'commit', join(dir, 'nothing'), '--out', 'x')).toMatch(/^[A-Z_]+$/);
  });
});
