/** An adapter's two files in a folder. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, it } from 'vitest';
import { createPeftAdapter, MAX_ADAPTER_BYTES, MAX_CONFIG_BYTES } from '../../src/index.js';
import { readPeftAdapter, writePeftAdapter } from '../../src/node.js';
import { module, toyAdapter } from './helpers/adapters.js';

const CONFIG = 'adapter_config.json';
const WEIGHTS = 'adapter_model.safetensors';
const other = () => createPeftAdapter({ modules: [module('fc1', 1, 2, 2, 1)] });
let dir: string;

beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'pot-peft-')), 'adapter');
});

/** Everything in the folder. */
function contents(folder = dir): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name)).toString('hex')]),
  );
}

it('writes what it reads, and nothing else', async () => {
  await writePeftAdapter(dir, toyAdapter());
  expect(await readPeftAdapter(dir)).toEqual(toyAdapter());
  expect(readdirSync(dir).sort()).toEqual([CONFIG, WEIGHTS]);
});

it('reads what PEFT saved', async () => {
  const { modules } = await readPeftAdapter(fileURLToPath(new URL('fixtures/gpt2', import.meta.url)));
  expect(modules.map((m) => m.name)).toEqual(['transformer.h.0.attn.c_attn', 'transformer.h.1.attn.c_attn']);
});

it.each([CONFIG, WEIGHTS])('does not write over %s unasked', async (name) => {
  mkdirSync(dir);
  writeFileSync(join(dir, name), 'mine');
  const before = contents();
  await expect(writePeftAdapter(dir, toyAdapter())).rejects.toMatchObject({ code: 'PEFT_EXISTS' });
  expect(contents()).toEqual(before);
});

it('writes over an adapter when asked, and leaves other files', async () => {
  await writePeftAdapter(dir, other());
  writeFileSync(join(dir, 'README.md'), 'a card');
  await writePeftAdapter(dir, toyAdapter(), { overwrite: true });
  expect(await readPeftAdapter(dir)).toEqual(toyAdapter());
  expect(readdirSync(dir).sort()).toEqual(['README.md', CONFIG, WEIGHTS].sort());
});

it('writes nothing of an adapter that is not whole', async () => {
  const adapter = toyAdapter();
  adapter.modules[2]!.B[0] = Number.NaN;
  await expect(writePeftAdapter(dir, adapter)).rejects.toMatchObject({ code: 'PEFT_NOT_FINITE' });
  expect(existsSync(dir)).toBe(false);
});

/** A Node process that runs this script, with the package's functions; `limit`: largest file, in KiB. */
function node(script: string, limit?: number) {
  const imports = `
    import { createPeftAdapter } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
    import { writePeftAdapter } from ${JSON.stringify(new URL('../../dist/node.js', import.meta.url).href)};
    const dir = ${JSON.stringify(dir)};`;
  const command = `${limit ? `ulimit -f ${limit}; ` : ''}exec node --input-type=module -e "$1"`;
  return spawn('bash', ['-c', command, 'bash', imports + script], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Writes over the adapter in a process whose files may have 1 KiB: the weights fit, the configuration does not. */
async function writeTooMuch(): Promise<string> {
  const child = node(
    `const values = new Float32Array(2);
    const modules = [{ name: 'fc1', rank: 1, alpha: 1, inputs: 2, outputs: 2, A: values, B: values }];
    const adapter = createPeftAdapter({ modules, baseModel: 'x'.repeat(2000) });
    process.on('SIGXFSZ', () => {});
    await writePeftAdapter(dir, adapter, { overwrite: true }).then(
      () => console.log('written'),
      (e) => console.log(e.code, e.cause.code),
    );`,
    1,
  );
  const [said] = await once(child.stdout.setEncoding('utf8'), 'data');
  await once(child, 'close');
  return said.trim();
}

it('writes none of the files where the second one cannot be written', async () => {
  expect(await writeTooMuch()).toBe('PEFT_WRITE_FAILED EFBIG');
  expect(readdirSync(dir)).toEqual([]);
});

it('keeps the old adapter where the new one cannot be written', async () => {
  await writePeftAdapter(dir, toyAdapter());
  const before = contents();
  expect(await writeTooMuch()).toBe('PEFT_WRITE_FAILED EFBIG');
  expect(contents()).toEqual(before);
  expect(await readPeftAdapter(dir)).toEqual(toyAdapter());
});

it('leaves no mixture of two adapters, whenever the process is killed', async () => {
  for (let round = 0; round < 12; round++) {
    // Two adapters in turn, of the same shapes: alpha in the configuration, the same number in all weights.
    const child = node(
      `for (let n = 1; ; n = 3 - n) {
        const values = new Float32Array(2).fill(n);
        const modules = [{ name: 'fc1', rank: 1, alpha: n, inputs: 2, outputs: 2, A: values, B: values }];
        await writePeftAdapter(dir, createPeftAdapter({ modules }), { overwrite: true });
        process.stdout.write('.');
      }`,
    );
    await once(child.stdout, 'data');
    await new Promise((resolve) => setTimeout(resolve, round));
    child.kill('SIGKILL');
    await once(child, 'close');
    try {
      const { modules } = await readPeftAdapter(dir);
      const { alpha, A, B } = modules[0]!;
      expect([...A, ...B]).toEqual([alpha, alpha, alpha, alpha]);
    } catch (e) {
      expect(e).toMatchObject({ code: 'PEFT_FILE_MISSING' });
      // The old one is beside, whole.
      expect(readdirSync(dir).filter((name) => name.startsWith(`.${CONFIG}.`))).not.toEqual([]);
    }
  }
}, 60_000);

it('has a typed error for a folder that cannot be made', async () => {
  writeFileSync(dir, 'a file');
  await expect(writePeftAdapter(dir, toyAdapter())).rejects.toMatchObject({ code: 'PEFT_WRITE_FAILED' });
});

it.each([CONFIG, WEIGHTS])('does not read an adapter without %s', async (name) => {
  await writePeftAdapter(dir, toyAdapter());
  rmSync(join(dir, name));
  await expect(readPeftAdapter(dir)).rejects.toMatchObject({ code: 'PEFT_FILE_MISSING' });
  mkdirSync(join(dir, name));
  await expect(readPeftAdapter(dir)).rejects.toMatchObject({ code: 'PEFT_FILE_MISSING' });
});

it('does not wait for a named pipe', async () => {
  await writePeftAdapter(dir, toyAdapter());
  rmSync(join(dir, WEIGHTS));
  execFileSync('mkfifo', [join(dir, WEIGHTS)]);
  await expect(readPeftAdapter(dir)).rejects.toMatchObject({ code: 'PEFT_FILE_MISSING' });
});

it('does not read files above the limits', async () => {
  await writePeftAdapter(dir, toyAdapter());
  await expect(readPeftAdapter(dir, { maxBytes: 100 })).rejects.toMatchObject({ code: 'PEFT_TOO_LARGE' });
  // A sparse file: no gibibyte is written, and none read.
  truncateSync(join(dir, WEIGHTS), MAX_ADAPTER_BYTES + 1);
  await expect(readPeftAdapter(dir, { maxBytes: 2 ** 40 })).rejects.toMatchObject({ code: 'PEFT_TOO_LARGE' });
  writeFileSync(join(dir, CONFIG), ' '.repeat(MAX_CONFIG_BYTES + 1));
  await expect(readPeftAdapter(dir)).rejects.toMatchObject({ code: 'PEFT_CONFIG_TOO_LARGE' });
});
