/** The examples of README.md and docs/operate/ledger.md run as they are written. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as ledger from '../src/node.js';
import { publicFiles } from './helpers/log.js';
import { sourceOf } from './helpers/tree.js';

const AsyncFunction = (async () => {}).constructor as new (
  ...args: string[]
) => (...values: unknown[]) => Promise<void>;

function examples(file: string): string[] {
  const text = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
  return [...text.matchAll(/```js\n([\s\S]*?)```/g)].map((m) => m[1]!);
}

/** Runs an example with these values in place of what it imports. Gives what it logs. */
async function run(code: string, values: Record<string, unknown>): Promise<unknown[][]> {
  const logged: unknown[][] = [];
  const console = { log: (...all: unknown[]) => void logged.push(all) };
  const body = code.replace(/^import .*$/gm, '');
  const all = { ...ledger, console, ...values };
  await new AsyncFunction(...Object.keys(all), body)(...Object.values(all));
  return logged;
}

it('recording, disclosing; verifying what was disclosed, and the log', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'pot-ledger-readme-'));
  const [verifying, recording] = examples('packages/ledger/README.md');
  const [operating] = examples('docs/operate/ledger.md');
  try {
    let proof = '';
    const keys = ledger.generateLogKeys('example.com/log');
    const given = {
      writeFile: (_: string, text: string) => {
        proof = text;
      },
      generateLogKeys: () => keys,
    };
    const own = (code: string, name: string) => code.replace("'my-log'", JSON.stringify(join(dir, name)));
    const [[found]] = (await run(own(recording!, 'one'), given)) as [[ledger.RecordedEvent[]]];
    expect(found.map(({ fields }) => fields.reason)).toEqual(['not for everyone']);
    await run(own(operating!, 'two'), {});
    const { files } = publicFiles(keys, []);
    const code = verifying!.replace(/^const vkeys = .*$/m, '');
    const fetchSource = () => sourceOf(files);
    const fetch = async () => ({ text: async () => proof });
    const logged = await run(code, { vkeys: keys.vkeys, fetch, fetchSource });
    expect(logged).toEqual([[0, 'granted', ['id', 'input', 'reason']]]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
