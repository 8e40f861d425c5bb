import { PotError } from '@proof-of-training/halo2-wasm';
import { dequantiseAdapters } from '@proof-of-training/lora-circuit';
import { canonicalJson, type SgdSpec } from '@proof-of-training/sgd-circuit';
import { parseBundle, type Readable } from '../bundle/parse.js';
import type { RunBundle } from '../bundle/schema.js';
import { sourceOf } from '../bundle/source.js';
import { openCommitment, readOpening } from './opening.js';
import { Checklist, type VerificationReport } from './report.js';
import { runOptions, type VerifyRunOptions, verifyTrainingRun } from './run.js';

/** One adapter as a PEFT file has it. */
export interface AdapterModule {
  /** Of the layer; modules are compared in the order of the run's layers unless `layers` names them. */
  name: string;
  /** `[rank][inputs]`, row by row. */
  A: ArrayLike<number>;
  /** `[outputs][rank]`, row by row. */
  B: ArrayLike<number>;
  rank: number;
  alpha: number;
}

export interface VerifyAdapterOptions extends VerifyRunOptions {
  /** Names of the modules that belong to the run's adapters, in the order of its layers; default: as they are given. */
  layers?: readonly string[];
}

/**
 * Checks that an adapter file is the output of a proven run: the run verifies, the opening opens its last commitment,
 * and every number of the file is the float32 view of the opened integer, `float32(A 2^-w)` and
 * `float32(B' 2^-w rank / alpha)`, without tolerance.
 *
 * The file says nothing about the base that belongs to it: pin `expected.base` (`baseDigest`).
 *
 * @param modules the file's adapters: one for each adapter of the run, no other
 * @returns a report; codes of its failures: those of `verifyTrainingRun`, `OPENING_INVALID`, `OPENING_COMMITMENT`,
 *   `ADAPTER_MODULES` (other modules, ranks, alphas or sizes), `ADAPTER_DIFFERENT` with tensor and index
 *
 * @example
 * const { modules } = await readPeftAdapter('my-adapter');
 * const report = await verifyAdapters(modules, bundle, opening, { expected: { base } });
 */
export async function verifyAdapters(
  modules: readonly AdapterModule[],
  bundle: Readable,
  opening: unknown,
  options: VerifyAdapterOptions = {},
): Promise<VerificationReport> {
  const { layers: _, ...checked } = runOptions('verifyAdapters', options);
  const { source } = await readSource(bundle);
  const report: VerificationReport = { ...(await verifyTrainingRun(source, checked)), kind: 'adapters' };
  if (!report.ok) return report;
  const { run, windows } = parseBundle(source, options.maxBytes);
  const list = new Checklist();
  const ok = await compareWith(list, modules, { run, windows }, opening, options);
  const { proven, ...rest } = report;
  return {
    ...rest,
    ok,
    checks: [...report.checks, ...list.checks],
    ...(list.failure && { failure: list.failure }),
    ...(ok && proven && { proven }),
  };
}

/** Read once, since a response can be; what is no file the run's verification says. */
async function readSource(bundle: Readable): Promise<{ source: Readable }> {
  try {
    return { source: await sourceOf(bundle) };
  } catch {
    return { source: bundle };
  }
}

async function compareWith(
  list: Checklist,
  modules: readonly AdapterModule[],
  { run, windows }: Pick<RunBundle, 'run' | 'windows'>,
  opening: unknown,
  options: VerifyAdapterOptions,
): Promise<boolean> {
  let weights: BigInt64Array | undefined;
  const { spec } = run;
  const opened = await list.run('opening', async () => {
    const read = readOpening(opening);
    for (const name of ['layers', 'lora', 'scales'] as const) {
      if (canonicalJson(read.spec[name] ?? null) === canonicalJson(spec[name] ?? null)) continue;
      throw new PotError('OPENING_SPEC', `${name} of the opening is not the run's`, { details: { name } });
    }
    // The commitment is to the run's own layout: the opening may not bring another one.
    const commitment = windows[windows.length - 1]!.public.weightsOut;
    weights = await openCommitment({ ...read, spec, srs: run.srs }, commitment, options);
    return "the opened integers are the run's last adapters";
  });
  if (!opened) return false;
  return list.run('adapter file', () => compareAdapters(spec, weights!, ordered(modules, options.layers)));
}

/**
 * Compares an adapter file with integers that are known to be the proven ones.
 *
 * Errors: `LORA_MISSING`, `ADAPTER_MODULES`, `ADAPTER_DIFFERENT` with tensor and index.
 *
 * @example
 * const weights = await openCommitment(readOpening(opening), weightsAfter, {});
 * compareAdapters(run.spec, weights, modules); // throws ADAPTER_DIFFERENT with tensor and index
 */
export function compareAdapters(
  spec: Pick<SgdSpec, 'layers' | 'scales' | 'lora'>,
  weights: BigInt64Array,
  modules: readonly AdapterModule[],
): string {
  const floats = dequantiseAdapters(spec, weights);
  const places = spec.layers.flatMap((_, l) => (floats[l] ? [{ layer: l, ...floats[l] }] : []));
  if (places.length !== modules.length) {
    wrongModules(`the file has ${modules.length} adapters, the run ${places.length}`);
  }
  let values = 0;
  places.forEach(({ layer, A, B }, n) => {
    const module = modules[n]!;
    const { rank, alpha } = spec.lora!.adapters[layer]!;
    if (module.rank !== rank || module.alpha !== alpha) {
      wrongModules(
        `${module.name} has rank ${module.rank} and alpha ${module.alpha}, the run's adapter ${rank} and ${alpha}`,
      );
    }
    compare(module.A, A, `${module.name}.lora_A`);
    compare(module.B, B, `${module.name}.lora_B`);
    values += A.length + B.length;
  });
  return `all ${values} numbers of ${places.length} adapters are the proven ones`;
}

function ordered(modules: readonly AdapterModule[], names?: readonly string[]): readonly AdapterModule[] {
  if (!names) return modules;
  if (new Set(names).size !== names.length) wrongModules('a module is named twice');
  const extra = modules.find((m) => !names.includes(m.name));
  if (extra) wrongModules(`the file has an adapter ${extra.name}, which is not among the names given`);
  return names.map(
    (name) => modules.find((m) => m.name === name) ?? wrongModules(`the file has no adapter ${name}`),
  );
}

function compare(found: ArrayLike<number>, proven: Float32Array, tensor: string): void {
  if (found.length !== proven.length) {
    wrongModules(`${tensor} has ${found.length} values, the run's adapter ${proven.length}`);
  }
  for (let index = 0; index < proven.length; index++) {
    if (found[index] === proven[index]) continue;
    throw new PotError('ADAPTER_DIFFERENT', `${tensor} is not the proven one: value ${index} differs`, {
      details: { tensor, index },
      hint: 'The file must hold the very numbers that the run ended with, as float32.',
    });
  }
}

function wrongModules(what: string): never {
  throw new PotError('ADAPTER_MODULES', what);
}
