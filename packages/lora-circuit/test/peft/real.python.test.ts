/**
 * Our files, read by the real Python packages peft and safetensors (check.py); needs them in the Python that
 * POT_PYTHON names (python3 otherwise). The other direction, their files read by us, is in the tier that needs Node only.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import {
  createPeftAdapter,
  type PeftAdapter,
  parsePeftAdapter,
  parseSafetensors,
  serialiseSafetensors,
} from '../../src/index.js';
import { writePeftAdapter } from '../../src/node.js';
import { module, toyAdapter } from './helpers/adapters.js';
import { adapterFixture, fixture } from './helpers/files.js';

const python = process.env.POT_PYTHON ?? 'python3';
const found = spawnSync(python, ['-c', 'import peft, safetensors, torch, transformers']).status === 0;
const root = mkdtempSync(join(tmpdir(), 'pot-python-'));

const adapters: Record<string, PeftAdapter> = {
  toy: toyAdapter(),
  // Names that agree but for a dot, and one that is the end of another one; ranks and alphas by pattern.
  names: createPeftAdapter({
    modules: [
      module('a.b', 1, 2, 3, 1),
      module('a-b', 2, 2, 2, 3),
      module('c.a.b', 1, 4, 2, 7),
      module('layers.0.q_proj', 3, 2, 5, 0.5),
      module('layers.1.q_proj', 2, 2, 5, 16),
    ],
    baseModel: 'Ünï ☂ "quoted"',
    taskType: 'FEATURE_EXTRACTION',
  }),
  ...Object.fromEntries(
    ['mlp-f32', 'mlp-f16', 'mlp-bf16', 'patterns', 'sequential', 'gpt2'].map((name) => {
      const { config, weights } = adapterFixture(name);
      return [`again-${name}`, parsePeftAdapter(config, weights)];
    }),
  ),
};

/** A file with each byte of its header changed, in some ways. */
function* variants(bytes: Uint8Array): Generator<Uint8Array> {
  const header = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
  for (let at = 0; at < header; at++) {
    for (const to of [bytes[at]! + 1, bytes[at]! ^ 0x20, 0x20, 0x30]) {
      const changed = bytes.slice();
      changed[at] = to;
      yield changed;
    }
  }
}

function writeSafetensors(bytes: Uint8Array, name: string): void {
  let folder = 'refused';
  try {
    const { tensors } = parseSafetensors(bytes);
    const said = [...tensors].map(([n, { shape, values }]) => ({ name: n, shape, values: [...values] }));
    folder = 'accepted';
    writeFileSync(join(root, folder, `${name}.json`), JSON.stringify(said));
  } catch {
    // Refused: Python is asked as well, to know how much stricter we are.
  }
  writeFileSync(join(root, folder, `${name}.safetensors`), bytes);
}

it.skipIf(!found)(
  'files that we write, and files that we read, are the same for the real packages',
  async () => {
    for (const [name, adapter] of Object.entries(adapters)) {
      const dir = join(root, 'adapters', name);
      await writePeftAdapter(dir, adapter);
      const modules = adapter.modules.map((m) => ({ ...m, A: [...m.A], B: [...m.B] }));
      writeFileSync(join(dir, 'expected.json'), JSON.stringify(modules));
    }
    mkdirSync(join(root, 'accepted'));
    mkdirSync(join(root, 'refused'));
    const { tensors } = parseSafetensors(fixture('safetensors/mixed.safetensors'));
    writeSafetensors(serialiseSafetensors(tensors, { 'a "key" ☂': '\u0001\n\\' }), 'ours');
    let count = 0;
    for (const name of ['mixed', 'names']) {
      for (const bytes of variants(fixture(`safetensors/${name}.safetensors`))) {
        writeSafetensors(bytes, `${name}-${count++}`);
      }
    }
    const check = fileURLToPath(new URL('check.py', import.meta.url));
    const said = execFileSync(python, [check, root], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    console.log(said.trim());
    const result = JSON.parse(said.trim().split('\n').at(-1)!);
    const modules = Object.values(adapters).reduce((sum, a) => sum + a.modules.length, 0);
    expect(result).toMatchObject({ adapters: Object.keys(adapters).length, modules });
    expect(result.accepted).toBeGreaterThan(100);
    expect(result.accepted + result.refused).toBe(count + 1);
  },
);

if (!found) console.warn(`not run: ${python} has not the packages peft, safetensors, torch and transformers`);
