/** `pot chain pack`, `pot chain wrap` and `pnpm verify:onchain` as far as nothing has to be proven: bad input is refused before any work. */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AggregateFile, Srs } from '@proof-of-training/core';
import { loadProver } from '@proof-of-training/halo2-wasm';
import { FORMAT_VERSION } from '@proof-of-training/verifier/files';
import { beforeAll, describe, expect, it } from 'vitest';
import { WRAPPER_ROWS, wrapperString } from '../src/anchoring/wrap/wrapAggregate.js';
import { parseEvmProof } from '../src/proofFile/evmProof.js';
import { readStatement } from '../src/statement/statement.js';
import { codeOf } from './helpers/errors.js';
import { calldataOf, fixtures, verifierCodeHash } from './helpers/fixtures.js';
import { type Program, run as runHere, runProcess } from './helpers/pot.js';
import { evmProofOf, fixtureRun } from './helpers/run.js';

const dir = mkdtempSync(join(tmpdir(), 'pot-wrap-'));

const NO_CHAIN = { POT_RPC_URL: '', POT_CHAIN_ID: '', POT_PRIVATE_KEY: '' };
/** Runs a program of the package in the folder of the files. */
const run = (program: Program, ...args: string[]) => runHere(program, args, { cwd: dir, env: NO_CHAIN });
const pot = (...args: string[]) => run('main', 'chain', ...args);

/** An aggregate file that says what a fixture's wrapper says. Its own proof is none: nothing here verifies it. */
function aggregateOf(name: string): AggregateFile {
  const { eta, ...statement } = readStatement(calldataOf(name));
  const word = `0x${'0'.repeat(64)}`;
  return {
    format: 'proof-of-training/aggregate',
    version: FORMAT_VERSION,
    run: fixtureRun.run,
    lastShard: fixtureRun.lastShard,
    genesis: fixtureRun.genesis,
    aggregate: {
      public: { key: word, ...statement, eta: String(eta) },
      accumulator: Array<string>(8).fill(word),
      proof: 'AAAA',
      key: { digest: word, windowsPerProof: 4, k: 18, bytes: 'AAAA' },
    },
  };
}

beforeAll(() => {
  const write = (name: string, value: unknown) => writeFileSync(join(dir, name), JSON.stringify(value));
  write('aggregate.json', aggregateOf('run/0'));
  write('second.json', aggregateOf('run/1'));
  write('wrapped.json', { calldata: calldataOf('run/0') });
  write('empty.json', {});
  write('short.json', { calldata: calldataOf('run/0').slice(0, 200) });
  write('evm-proof.json', evmProofOf('0'));
  writeFileSync(join(dir, 'Verifier.sol'), fixtures.solidity);
  writeFileSync(join(dir, 'Broken.sol'), fixtures.solidity.replace('let success := true', 'let success := '));
});

describe('pot chain pack', () => {
  const pack = (aggregate: string, wrapped: string, contract: string) =>
    pot('pack', aggregate, '--wrapped', wrapped, '--contract', contract, '-o', 'packed.json');

  it('packs an aggregate with its wrapper proof and the contract, compiled', async () => {
    const { code, err } = await pack('aggregate.json', 'wrapped.json', 'Verifier.sol');
    expect(code, err).toBe(0);
    const file = parseEvmProof(readFileSync(join(dir, 'packed.json')));
    expect(file).toEqual({ ...evmProofOf('0'), verifier: file.verifier });
    expect(file.verifier.codeHash).toBe(verifierCodeHash);
    expect(err).toContain(verifierCodeHash);
  });

  it.each([
    ['a wrapper proof of other steps', 'second.json', 'wrapped.json', 'Verifier.sol', 'EVM_PROOF_STATEMENT'],
    ['no calldata', 'aggregate.json', 'empty.json', 'Verifier.sol', 'EVM_PROOF_STATEMENT'],
    ['calldata that was cut', 'aggregate.json', 'short.json', 'Verifier.sol', 'STATEMENT_INVALID'],
    ['a contract that does not compile', 'aggregate.json', 'wrapped.json', 'Broken.sol', 'SOLC_FAILED'],
    ['no such contract', 'aggregate.json', 'wrapped.json', 'No.sol', 'FILE_READ'],
    ['another kind of file', 'evm-proof.json', 'wrapped.json', 'Verifier.sol', 'FORMAT_FOREIGN'],
  ])('refuses %s', async (_, aggregate, wrapped, contract, code) => {
    const { code: exit, err } = await pack(aggregate, wrapped, contract);
    expect([exit, err]).toEqual([2, expect.stringContaining(`Code: ${code}`)]);
  });
});

describe('pot chain wrap', () => {
  it.each([
    ['a file that is not there', 'no.json', 'FILE_READ'],
    ['another kind of file', 'evm-proof.json', 'FORMAT_FOREIGN'],
    ['no file of ours', 'empty.json', 'FORMAT_'],
  ])('refuses %s, before any work', async (_, path, code) => {
    const { code: exit, err } = await pot('wrap', path, '-o', 'never.json');
    expect([exit, err]).toEqual([2, expect.stringContaining(`Code: ${code}`)]);
    expect(existsSync(join(dir, 'never.json'))).toBe(false);
  });

  it("takes the run's own SRS, as large as the wrapper needs", async () => {
    const halo2 = await loadProver();
    const { srs: named } = fixtureRun.run;
    const own = { hash: named.hash, k: WRAPPER_ROWS, development: true, bytes: new Uint8Array() } as Srs;
    const given = (srs?: Srs, of = named) => wrapperString(halo2, of, srs);
    expect(await given(own)).toBe(own);
    expect(await codeOf(given({ ...own, k: WRAPPER_ROWS - 1 }))).toBe('SRS_TOO_SMALL');
    expect(await codeOf(given({ ...own, hash: `0x${'1'.repeat(64)}` }))).toBe('SRS_MISMATCH');
    expect(await codeOf(given(undefined, { ...named, development: false }))).toBe('SRS_NEEDED');
  });
});

describe('pnpm verify:onchain without a file', () => {
  it('takes what was made before, where it is asked to', async () => {
    const { code, out, err } = await run('verifyOnchain', '--reuse', '--out', '.');
    expect(code, err).toBe(0);
    expect(out).toContain('THE CHAIN FITS');
    expect(out.match(/^refused: .*\[REGISTRY_(PROOF_REFUSED|STEP_MISMATCH)\]/gm)).toHaveLength(3);
    expect(err).toMatch(/^\[ +\d+ s\] anchoring$/m);
  });

  it('says what is missing, before any work', async () => {
    for (const [args, code] of [
      [['--reuse', '--out', 'nowhere'], 'ONCHAIN_NOTHING_KEPT'],
      [['evm-proof.json', '--reuse'], 'ONCHAIN_OPTIONS'],
      // An aggregate is taken too, but not one of the development SRS that nobody allowed.
      [['aggregate.json'], 'SRS_DEVELOPMENT_REFUSED'],
      [['empty.json'], 'FORMAT_'],
    ] as const) {
      const { code: exit, err } = await run('verifyOnchain', ...args);
      expect([exit, err]).toEqual([2, expect.stringContaining(`Code: ${code}`)]);
    }
  });

  it('says before anything else why there is no native engine, and what to do', async () => {
    // A process that may not load any addon: another one has the prebuilt engine here.
    const place = { cwd: dir, env: { ...NO_CHAIN, NODE_OPTIONS: '--no-addons' } };
    for (const args of [[], ['--out', 'made']]) {
      const { code, err } = await runProcess('verifyOnchain', args, place);
      expect([code, err]).toEqual([2, expect.stringContaining('Code: ENGINE_UNAVAILABLE')]);
      expect(err).toContain('Start Node without --no-addons');
      expect(err).not.toMatch(/^\[ *\d+ s\]/m);
    }
    expect(existsSync(join(dir, 'made'))).toBe(false);
  });
});
