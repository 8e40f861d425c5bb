import { PotError, type PotErrorCode } from '@proof-of-training/halo2-wasm';
import {
  baseCount,
  canonicalJson,
  effectiveHyperparameters,
  etaOfStep,
  rateUnit,
  roundsClosely,
  type SgdSpec,
  scheduleText,
  stateCount,
  updateRule,
  weightCount,
  ZERO32,
} from '@proof-of-training/sgd-circuit';
import type { ProofEntry, RunBundle } from '../bundle/schema.js';
import { merkleRoot } from '../dataset/merkle.js';
import type { HashPair } from '../hash/pair.js';
import { genesisStatement } from '../run/genesis.js';
import { etaOfWindow, firstStepOf, runIdOf } from '../run/identity.js';
import type { Run } from '../run/schema.js';
import { scheduleOf } from '../run/seeds.js';
import { Renewals } from './renewals.js';
import { ruleText } from './rule.js';

/**
 * The run id and the dataset root are the hashes that they should be. `root`: that of the listed shards, where it was made
 * before (in parts). Errors: `DATASET_ROOT`, `RUN_ID`.
 *
 * @example
 * import { poseidonPair } from '@proof-of-training/verifier/run';
 *
 * checkIdentity(parseBundle(await readFile('run.json')).run, poseidonPair);
 */
export function checkIdentity(run: Run, pair: HashPair, root?: string): string {
  // No commitment has the digest 0; whoever lists it has no shard there.
  if (run.shards.includes(ZERO32)) throw new PotError('DATASET_ROOT', 'a listed shard is padding');
  if ((root ?? merkleRoot(run.shards, pair)) !== run.datasetRoot) {
    throw new PotError('DATASET_ROOT', 'the dataset root is not the root of the listed shards');
  }
  if (runIdOf(run, pair) !== run.runId) {
    throw new PotError(
      'RUN_ID',
      'the run id does not belong to these settings, this dataset and this beginning',
    );
  }
  return `run id binds dataset, first weights, architecture, learning rate and keys`;
}

/** Cells of a circuit above which deriving its key could exhaust WebAssembly's memory. */
const MAX_CELLS = 40e6;

/**
 * The circuit is of a size that this verifier can derive the key of, so that a stranger's file cannot exhaust its
 * memory. Errors: `SPEC_TOO_LARGE`.
 *
 * @example
 * const { spec } = parseBundle(await readFile('run.json')).run;
 * checkSize(spec); // throws SPEC_TOO_LARGE before a key is derived
 */
export function checkSize(spec: SgdSpec): void {
  const { shape } = spec;
  // Of units, and of running sums beside all that is looked up.
  const looked = shape.dataColumns + shape.lanes * shape.laneColumns;
  const columns = 2 * shape.weightColumns + (shape.baseColumns ?? 0) + 2 * looked + 20;
  if (2 ** shape.k * columns > MAX_CELLS) {
    throw new PotError(
      'SPEC_TOO_LARGE',
      `a circuit of 2^${shape.k} rows and about ${columns} columns is too large`,
      {
        details: { cells: 2 ** shape.k * columns, limit: MAX_CELLS },
      },
    );
  }
}

/**
 * Both circuits describe one exact-mode network, over a frozen base where the run names one.
 *
 * Errors: `SPEC_TOO_LARGE`, `SPEC_KIND`, `SPEC_GENESIS`, `SPEC_LORA`, `SPEC_OPTIMIZER`, `SPEC_BASE`, `RUN_LEARNING_RATE`.
 *
 * @example
 * const { run } = parseBundle(await readFile('run.json'));
 * console.log(checkSpecs(run)); // one network of 101770 parameters, 4 steps of 32 samples a proof
 */
export function checkSpecs({ spec, genesisSpec, base, eta, schedule }: Omit<Run, 'shards'>): string {
  checkSize(spec);
  checkSize(genesisSpec);
  if (spec.kind !== 'window' || spec.mode !== 'exact' || genesisSpec.kind !== 'genesis') {
    throw new PotError('SPEC_KIND', 'a run has exact window proofs and one genesis proof');
  }
  const weights = (s: SgdSpec) =>
    canonicalJson({
      layers: s.layers,
      loss: s.loss,
      scales: s.scales,
      k: s.shape.k,
      columns: s.shape.weightColumns,
      lora: s.lora,
      optimizer: s.optimizer,
      penalties: s.penalties,
      baseColumns: s.shape.baseColumns,
    });
  if (weights(spec) !== weights(genesisSpec)) {
    throw new PotError(
      'SPEC_GENESIS',
      'the genesis proof is about another network or layout than the windows',
    );
  }
  checkRule(spec);
  checkRule(genesisSpec);
  if ((base !== undefined) !== baseCount(spec) > 0) {
    throw new PotError(
      'SPEC_BASE',
      base === undefined
        ? 'adapters are trained over a frozen base, whose digest the run does not name'
        : 'the run names a frozen base, which its circuit does not have',
    );
  }
  checkRounding(spec, eta);
  if (schedule) checkFirstRate(spec, eta);
  const going = schedule ? `, the rate ${scheduleText(schedule)}` : '';
  const steps = `${spec.steps} steps of ${spec.batch} samples a proof${going}`;
  const rule = updateRule(spec) ? `, by ${ruleText(effectiveHyperparameters(spec, BigInt(eta)))}` : '';
  if (!spec.lora) return `one network of ${weightCount(spec)} parameters${rule}, ${steps}`;
  const over =
    baseCount(spec) > 0 ? `a frozen base of ${baseCount(spec)}` : 'a layer that is not in the circuit';
  return `adapters of ${weightCount(spec)} parameters over ${over}${rule}, ${steps}`;
}

/** The steps' rates are what the run says, to 1 %. Errors: `RUN_LEARNING_RATE`. */
function checkRounding(spec: SgdSpec, eta: string): void {
  if (roundsClosely(spec, BigInt(eta))) return;
  throw new PotError(
    'RUN_LEARNING_RATE',
    `steps at the rate ${eta} would be rounded to multiples of ${rateUnit(spec)}, which is 0 or more than 1 % away`,
  );
}

/** What a schedule multiplies is a rate of the specification. Errors: `RUN_LEARNING_RATE`. */
function checkFirstRate(spec: SgdSpec, eta: string): void {
  const whole = { type: 'constant', warmup: 1 } as const;
  if (etaOfStep(spec, BigInt(eta), whole, 1) === BigInt(eta)) return;
  throw new PotError(
    'RUN_LEARNING_RATE',
    'the rate that the schedule begins with is none of this specification',
  );
}

/**
 * What is trained, and by which rule, fits the network: its adapters, and an optimiser's states beside the weights.
 *
 * Errors: `SPEC_LORA`, `SPEC_OPTIMIZER`.
 */
export function checkRule(spec: SgdSpec): void {
  checkAdapters(spec);
  const { mode, shape, lora, optimizer } = spec;
  if (spec.ratesPerStep) {
    // Whoever says which rates a run had must have computed them from something public.
    throw new PotError(
      'SPEC_OPTIMIZER',
      'the specification lists a base rate for each step, which this verifier does not compute',
    );
  }
  const wrong = (what: string) => {
    const code = lora && !optimizer ? 'SPEC_LORA' : 'SPEC_OPTIMIZER';
    throw new PotError(code, `the specification's optimiser: ${what}`);
  };
  if (lora && optimizer) wrong('one of a whole network, beside adapters, which have their own');
  const groups = 1 + stateCount(spec);
  if (shape.weightColumns % groups !== 0) {
    wrong(`${shape.weightColumns} columns for weights and as many for each of ${groups - 1} states`);
  }
  if (updateRule(spec) && mode !== 'exact') wrong('one outside exact mode');
}

function checkAdapters({ layers, lora, shape }: SgdSpec): void {
  const wrong = (what: string) => {
    throw new PotError('SPEC_LORA', `the specification's adapters: ${what}`);
  };
  if (!lora) {
    if (shape.baseColumns !== undefined) wrong('a frozen base without adapters');
    return;
  }
  if (lora.adapters.length !== layers.length) {
    wrong(`${lora.adapters.length} entries for ${layers.length} layers`);
  }
  if (lora.adapters.every((a) => a === null)) wrong('none');
  layers.forEach(({ inputs, outputs }, l) => {
    const rank = lora.adapters[l]?.rank ?? 0;
    if (rank > Math.min(inputs, outputs)) wrong(`rank ${rank} in a layer of ${inputs} x ${outputs}`);
  });
  if ((shape.baseColumns === undefined) !== lora.local) {
    wrong(lora.local ? 'layer-local, with columns for a base' : 'no columns for the frozen base');
  }
}

/**
 * The genesis proof is about this run's first weights, and its frozen base where there is one. Errors: `GENESIS_MISMATCH`.
 *
 * @example
 * const bundle = parseBundle(await readFile('run.json'));
 * checkGenesisStatement(bundle); // throws GENESIS_MISMATCH where it is about other weights
 */
export function checkGenesisStatement({
  run,
  genesis,
}: {
  run: Omit<Run, 'shards'>;
  genesis: ProofEntry;
}): string {
  const { public: p } = genesis;
  if (canonicalJson(p) !== canonicalJson(genesisStatement(run))) {
    const what = run.base === undefined ? 'first weights' : 'first adapters and base';
    throw new PotError('GENESIS_MISMATCH', `the genesis proof is not about this run's ${what}`);
  }
  if (run.base !== undefined) return 'the genesis proof is about the first adapters and the base of this run';
  return 'the genesis proof is about the first weights of this run';
}

/**
 * Windows are contiguous from step 0, each continues the weights of the one before, uses the shard that the
 * schedule names, the run's own learning rate and id, and its frozen base, or none where the run has none: shard and base as
 * the run lists them, or as renewals lead on from there, each of which is of use. As with windows, that a renewal's proof holds is
 * for another to say: `checkRenewal`.
 *
 * Errors: `RENEWAL_CHAIN`, `RENEWAL_UNUSED`, `RUN_FOREIGN_PROOF`, `RUN_STEPS` (gap, replay or reorder), `RUN_LEARNING_RATE`, `RUN_SCHEDULE`,
 * `RUN_CONTINUITY`, `RUN_BASE`; details have the window's number.
 *
 * `schedule`: the run's own, where its order was made before (in parts).
 *
 * @example
 * const bundle = parseBundle(await readFile('run.json'));
 * console.log(checkChain(bundle)); // 32 windows, contiguous from step 0, ...
 */
export function checkChain(
  { run, windows, renewals: list }: RunBundle,
  schedule = scheduleOf(run, run.shards.length),
): string {
  const renewals = new Renewals(run, list);
  let weights = run.genesis;
  windows.forEach(({ public: p }, n) => {
    const fail = (code: PotErrorCode, what: string) => {
      throw new PotError(code, `proof ${n}: ${what}`, { details: { window: n } });
    };
    if (p.runId !== run.runId) fail('RUN_FOREIGN_PROOF', 'belongs to another run');
    if (p.firstStep !== firstStepOf(run.spec, n)) {
      fail(
        'RUN_STEPS',
        `begins at step ${p.firstStep}, not ${firstStepOf(run.spec, n)}: missing, doubled or moved`,
      );
    }
    if (!renewals.hasBase(p.base)) fail('RUN_BASE', "is not about the run's frozen base");
    if (p.eta !== etaOfWindow(run, n)) {
      fail('RUN_LEARNING_RATE', "was made with another learning rate than the run's, or its schedule's");
    }
    const { epoch, shard } = schedule.at(n);
    if (p.epoch !== epoch) fail('RUN_SCHEDULE', `is of epoch ${p.epoch}, not ${epoch}`);
    if (!renewals.hasShard(shard, p.data)) {
      fail('RUN_SCHEDULE', `did not use shard ${shard}, which the schedule names`);
    }
    if (p.weightsIn !== weights)
      fail('RUN_CONTINUITY', 'does not continue the weights of the proof before it');
    weights = p.weightsOut;
  });
  renewals.requireUsed();
  return `${windows.length} windows, contiguous from step 0, in the order that the schedule dictates`;
}
