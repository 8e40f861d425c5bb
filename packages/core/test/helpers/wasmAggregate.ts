import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Aggregate } from '@proof-of-training/aggregator';
import { type LinkProver, ProofAggregator } from '@proof-of-training/aggregator/node';
import { type AggregationInfo, loadProver } from '@proof-of-training/halo2-wasm';
import type { SgdSpec } from '@proof-of-training/sgd-circuit';
import type { AggregateFile, RunBundle } from '@proof-of-training/verifier/files';
import { aggregateFileOf } from '../../src/aggregate/assemble.js';
import { openRun } from '../../src/aggregate/run.js';
import { largeSrs, smallRun } from './aggregation.js';
import { madeOnce, sourcesFolder } from './sharedRun.js';

/** Windows that one link takes. */
export const PLACES = 2;

export interface WasmAggregate {
  /** Three windows. */
  bundle: RunBundle;
  /** Of the first two, by the engine that there is. */
  first: Aggregate;
  /** Of all of them, continued from there in WebAssembly. */
  file: AggregateFile;
  /** What the WebAssembly prover says of its circuit. */
  info: AggregationInfo;
}

/**
 * A run whose aggregate WebAssembly proved, which takes minutes: made once for the tiers that need one. The native engine
 * goes on from it, or reads it, whichever of its builds is there.
 *
 * @param start gives the WebAssembly prover, which is the caller's to close
 */
export async function wasmAggregate(start: (spec: SgdSpec) => Promise<LinkProver>): Promise<WasmAggregate> {
  const text = await madeOnce(
    'wasmAggregate',
    async () => JSON.stringify(await made(start)),
    sourcesFolder({ addon: false }),
  );
  return JSON.parse(text) as WasmAggregate;
}

async function made(start: (spec: SgdSpec) => Promise<LinkProver>): Promise<WasmAggregate> {
  const bundle = await smallRun(3, 'wasm');
  const run = await openRun(bundle.run);
  const wasm = await start(bundle.run.spec);
  const dir = mkdtempSync(join(tmpdir(), 'pot-links-'));
  try {
    const { engine } = await loadProver();
    const own = { run, srs: await largeSrs(engine), windowsPerProof: PLACES, dir };
    const beginner =
      engine === 'wasm'
        ? new ProofAggregator(run, wasm, { dir })
        : await ProofAggregator.start({ ...own, engine });
    const first = await beginner.aggregateProofs(bundle.windows.slice(0, PLACES));
    if (beginner.prover !== wasm) await beginner.close();
    const aggregate = await new ProofAggregator(run, wasm, { dir }).aggregateProofs(bundle.windows);
    return { bundle, first, file: aggregateFileOf(bundle, run, aggregate, wasm), info: wasm.info };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
