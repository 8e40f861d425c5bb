import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testChain } from './helpers/chain.js';
import { verifierCodeHash } from './helpers/fixtures.js';
import { type Place, type Program, programFile, run as runHere, runProcess } from './helpers/pot.js';
import { evmProofOf, fixturePin, fixtureRun } from './helpers/run.js';

const chain = testChain();
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pot-chain-'));
  const write = (name: string, value: object) => writeFile(join(dir, name), JSON.stringify(value));
  const good = evmProofOf('0');
  await write('first.json', good);
  await write('second.json', evmProofOf('1'));
  const at = good.calldata.length - 9;
  const digit = good.calldata[at] === '0' ? '1' : '0';
  await write('forged.json', {
    ...good,
    calldata: good.calldata.slice(0, at) + digit + good.calldata.slice(at + 1),
  });
  await write('foreign.json', { ...good, run: { ...good.run, runId: good.run.genesis } });
  await write('opening.json', fixtureRun.opening);
});
afterAll(() => rm(dir, { recursive: true }));

/** As account 0 unless `env` says otherwise. */
function place(env: NodeJS.ProcessEnv = {}): Place {
  const key = { POT_PRIVATE_KEY: chain.wallet(0).privateKey };
  return { cwd: dir, env: { POT_RPC_URL: chain.anvil.url, POT_CHAIN_ID: '31337', ...key, ...env } };
}
const run = (program: Program, args: string[], env?: NodeJS.ProcessEnv) => runHere(program, args, place(env));
const pot = (...args: string[]) => run('main', args);
const ALLOW = '--allow-development-srs';
const PIN = ['--pin', fixturePin];
const ONE = ['--confirmations', '1'];

describe('pot anchor and pot check-chain', () => {
  it('anchor a run in parts, and audit it', async () => {
    const first = await runProcess('main', ['anchor', 'first.json', ALLOW], place());
    expect(first.err).toContain('registry 0x');
    expect(first.out).toMatch(/gas +\d{6}/);
    expect(first.out).toContain('ANCHORED');
    expect(first.code).toBe(0);

    const again = await pot('anchor', 'first.json', ALLOW, '--json');
    expect(JSON.parse(again.out)).toMatchObject({ already: true, anchor: 0, endStep: 4 });

    const PAIR = ['--verifier-code', verifierCodeHash, '--window-key', fixtureRun.run.keys.window];
    const checked = await pot('check-chain', 'first.json', ALLOW, ...PAIR, ...ONE);
    expect(checked.out).toContain('THE CHAIN FITS');
    expect(checked.out).toContain('INSECURE development SRS');
    expect(checked.code).toBe(0);

    const unpinned = await pot('check-chain', 'first.json', ALLOW);
    expect([unpinned.code, unpinned.out.includes('VERIFIER_UNPINNED')]).toEqual([1, true]);

    for (const [flags, expected] of [
      [['--require-beacon'], 'BEACON_MISSING'],
      [['--start', 'seed'], 'EXPECTED_MISMATCH'],
      [['--start', 'given'], 'THE CHAIN FITS'],
    ] as const) {
      const wanted = await pot('check-chain', 'first.json', ALLOW, ...PIN, ...ONE, ...flags);
      expect([flags, wanted.out]).toEqual([flags, expect.stringContaining(expected)]);
      expect(wanted.code).toBe(expected === 'THE CHAIN FITS' ? 0 : 1);
    }

    const MODEL = ['--opening', 'opening.json', ...PIN, ...ONE];
    const model = await pot('check-chain', 'first.json', ALLOW, ...MODEL);
    expect(model.out).toContain('OPENING_COMMITMENT');
    expect(model.code).toBe(1);
    await pot('anchor', 'second.json', ALLOW);
    const now = await pot('check-chain', 'first.json', ALLOW, '--json', ...MODEL);
    expect(now.code).toBe(0);
    expect(JSON.parse(now.out)).toMatchObject({ ok: true, run: { nextStep: 8, anchors: 2 } });
  });

  it('refuse with a typed error and exit code 2, and show no key', async () => {
    const cases: [string[], NodeJS.ProcessEnv, string][] = [
      [['anchor', 'first.json'], {}, 'SRS_DEVELOPMENT_REFUSED'],
      [['anchor', 'foreign.json', ALLOW], {}, 'EVM_PROOF_RUN'],
      [['anchor', 'opening.json', ALLOW], {}, 'FORMAT_FOREIGN'],
      [['anchor', 'first.json', ALLOW], { POT_PRIVATE_KEY: '' }, 'KEY_MISSING'],
      [['anchor', 'first.json', ALLOW], { POT_PRIVATE_KEY: '0x1234' }, 'KEY_INVALID'],
      [['anchor', 'first.json', ALLOW, '--chain-id', '1'], {}, 'CHAIN_ID_MISMATCH'],
      [['anchor', 'first.json', ALLOW], { POT_RPC_URL: '' }, 'CHAIN_OPTIONS'],
      [['check-chain', 'first.json', '--registry', `0x${'12'.repeat(20)}`], {}, 'REGISTRY_MISSING'],
    ];
    for (const [args, env, code] of cases) {
      const { code: exit, err, out } = await run('main', args, env);
      expect([args[0], exit, err.includes(`Code: ${code}`), err.slice(-160)]).toEqual([
        args[0],
        2,
        true,
        err.slice(-160),
      ]);
      expect(err + out).not.toContain(chain.wallet(0).privateKey.slice(2));
    }
  });
});

describe('options', () => {
  const [code, key] = [verifierCodeHash, fixtureRun.run.keys.window];

  it.each<[string, string[], string]>([
    ['an empty pin', ['--pin', ''], 'PIN_INVALID'],
    ['a pin that is cut', ['--pin', fixturePin.slice(0, -1)], 'PIN_INVALID'],
    ["an empty verifier's code", ['--verifier-code', '', '--window-key', key], 'PIN_INVALID'],
    ['an empty window key', ['--verifier-code', code, '--window-key', ''], 'PIN_INVALID'],
    ["a verifier's code alone", ['--verifier-code', code], 'CHAIN_PINS'],
    ['a window key alone', ['--window-key', key], 'CHAIN_PINS'],
    ['two codes with one key', ['--verifier-code', code, code, '--window-key', key], 'CHAIN_PINS'],
    ['a pin with a window key', [...PIN, '--window-key', key], 'CHAIN_PINS'],
    ['an empty owner', [...PIN, '--owner', ''], 'OPTION_INVALID'],
    ['an owner that is no address', [...PIN, '--owner', '0x12'], 'OPTION_INVALID'],
    ['an empty opening', [...PIN, '--opening', ''], 'OPTION_INVALID'],
    ['an empty string', [...PIN, '--srs', ''], 'OPTION_INVALID'],
    ['an empty registry', [...PIN, '--registry', ''], 'OPTION_INVALID'],
    ['an empty creation', [...PIN, '--registry-creation', ''], 'PIN_INVALID'],
    ['trust in no registry', [...PIN, '--trust-registry-storage'], 'CHAIN_OPTIONS'],
    ['a creation of no registry', [...PIN, '--registry-creation', code], 'CHAIN_OPTIONS'],
    ['an empty server', [...PIN, '--rpc', ''], 'OPTION_INVALID'],
    ['an empty chain id', [...PIN, '--chain-id', ''], 'OPTION_INVALID'],
    ['a chain id that is no number', [...PIN, '--chain-id', '1e3'], 'OPTION_INVALID'],
    ['a start that is none', [...PIN, '--start', 'chosen'], 'OPTION_INVALID'],
    ['an empty start', [...PIN, '--start', ''], 'OPTION_INVALID'],
    ['two starts', [...PIN, '--start', 'seed', '--start', 'given'], 'OPTION_TWICE'],
    ['no confirmations', [...PIN, '--confirmations', '0'], 'OPTION_INVALID'],
  ])('pot check-chain refuses %s', async (_, args, expected) => {
    const { code: exit, err } = await pot('check-chain', 'first.json', ALLOW, ...args);
    expect([exit, err]).toEqual([2, expect.stringContaining(`Code: ${expected}`)]);
  });

  it.each<[string, string[], string]>([
    ['a file whose verifier nobody pinned', ['first.json'], 'VERIFIER_UNPINNED'],
    ["another verifier's pin", ['first.json', '--pin', `0x${'11'.repeat(32)}`], 'VERIFIER_UNTRUSTED'],
    ['a code that does not say whose windows', ['first.json', '--verifier-code', code], 'CHAIN_PINS'],
    [
      'a registry on a fresh chain',
      ['first.json', ...PIN, '--registry', `0x${'12'.repeat(20)}`],
      'ONCHAIN_OPTIONS',
    ],
    ['the id of a fresh chain', ['first.json', ...PIN, '--chain-id', '5'], 'ONCHAIN_OPTIONS'],
    ['threads where nothing is made', ['first.json', ...PIN, '--threads', '2'], 'ONCHAIN_OPTIONS'],
    ['a folder where nothing is made', ['first.json', ...PIN, '--out', 'there'], 'ONCHAIN_OPTIONS'],
    ['an empty name of a file', [''], 'ONCHAIN_OPTIONS'],
    ['an empty opening', ['first.json', ...PIN, '--opening', ''], 'OPTION_INVALID'],
  ])('pnpm verify:onchain refuses %s', async (_, args, expected) => {
    const { code: exit, err } = await run('verifyOnchain', [...args, ALLOW]);
    expect([exit, err]).toEqual([2, expect.stringContaining(`Code: ${expected}`)]);
  });

  it.each<[string, string[]]>([
    ['pot anchor: an empty registry', ['anchor', 'first.json', '--registry', '']],
    ['pot anchor: confirmations that are text', ['anchor', 'first.json', '--confirmations', 'many']],
    [
      'pot chain pack: an empty file',
      ['chain', 'pack', 'a.json', '--wrapped', '', '--contract', 'b', '-o', 'c'],
    ],
    ['pot chain wrap: an empty output', ['chain', 'wrap', 'a.json', '-o', '']],
    ['pot chain up: a port that is none', ['chain', 'up', '--port', '70000']],
  ])('%s', async (_, args) => {
    const { code: exit, err } = await pot(...args);
    expect([exit, err]).toEqual([2, expect.stringContaining('Code: OPTION_INVALID')]);
  });
});

describe('pnpm verify:onchain', () => {
  it('runs on a fresh chain of its own, end to end', async () => {
    const own = place({ POT_RPC_URL: '', POT_PRIVATE_KEY: '' });
    const good = await runProcess('verifyOnchain', ['first.json', ALLOW, ...PIN], own);
    expect(good.out).toContain('refused: one bit of the proof changed [REGISTRY_PROOF_REFUSED]');
    expect(good.out).toContain('refused: the same proof again [REGISTRY_STEP_MISMATCH]');
    expect(good.out).toContain('THE CHAIN FITS');
    expect(good.code).toBe(0);
  });

  it('ends with another exit code where a proof does not hold', async () => {
    const forged = await runProcess('verifyOnchain', ['forged.json', ALLOW, ...PIN], place());
    expect(forged.code).toBe(2);
    expect(forged.err).toContain('REGISTRY_PROOF_REFUSED');
    const other = await run('verifyOnchain', ['first.json', ALLOW, ...PIN, '--opening', 'opening.json']);
    expect(other.code).toBe(1);
    expect(other.out).toContain('OPENING_COMMITMENT');
  });
});

describe('pot chain up', () => {
  it('starts a chain that ends with the interrupt', async () => {
    const { freePort } = await import('../src/anvil/index.js');
    const port = await freePort();
    const child = execFile('node', [programFile('main'), 'chain', 'up', '--port', String(port)]);
    const url = await new Promise<string>((resolve) =>
      child.stdout!.once('data', (d) => resolve(String(d).trim())),
    );
    const ask = () =>
      fetch(url, {
        method: 'POST',
        body: '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}',
        headers: { 'content-type': 'application/json' },
      });
    expect(await (await ask()).json()).toMatchObject({ result: '0x7a69' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGINT');
    await ended;
    await expect(ask()).rejects.toThrow();
  });
});
