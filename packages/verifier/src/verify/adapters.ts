import { PotError } from '@proof-of-training/halo2-wasm';
import type { PublicInputs } from '@proof-of-training/sgd-circuit';
import {
  baseCount,
  type EffectiveHyperparameters,
  effectiveHyperparameters,
  type SgdSpec,
  stateCount,
  weightCount,
} from '@proof-of-training/sgd-circuit';
import { ruleText } from './rule.js';

/** What was trained in a proof with adapters, and over what. */
export interface ProvenAdapters {
  /** `lora`: through the whole network. `lora-layer-local`: one layer, its input and upstream gradient taken as given. */
  proofType: 'lora' | 'lora-layer-local';
  /** The layers that have an adapter, from 0, with its rank and alpha. */
  adapters: { layer: number; inputs: number; outputs: number; rank: number; alpha: number }[];
  /** Numbers in all of A and B. */
  parameters: number;
  /** The update rule and the hyperparameters that were really used. */
  optimizer: EffectiveHyperparameters;
  /** The frozen base: absent in a layer-local proof, which says nothing about one. */
  base?: { digest: string; parameters: number; fractionalBits: number };
  /** In words: what is proven, and what is taken as given. */
  statement: string;
}

/** What a layer-local proof does not say. */
export const TAKEN_AS_GIVEN =
  "The layer's input and the gradient with respect to its output are taken as given: they are committed to, and nothing is " +
  'proven about the model, base, loss or data that they come from.';

/**
 * Refuses a layer-local specification unless the verifier asked for such proofs.
 *
 * Errors: `LAYER_LOCAL_NOT_ALLOWED`.
 *
 * @example
 * requireAllowed(run.spec); // throws LAYER_LOCAL_NOT_ALLOWED for a layer-local one
 * requireAllowed(run.spec, true);
 */
export function requireAllowed({ lora }: Pick<SgdSpec, 'lora'>, allowLayerLocal = false): void {
  if (!lora?.local || allowLayerLocal) return;
  throw new PotError(
    'LAYER_LOCAL_NOT_ALLOWED',
    'the proof is layer-local: it takes the input and the upstream gradient of its layer as given',
    { hint: `Accept such proofs knowingly with allowLayerLocal (--allow-layer-local). ${TAKEN_AS_GIVEN}` },
  );
}

/**
 * What proofs with this specification say of its adapters, once they hold; undefined without adapters.
 *
 * @param of specification, integer rate and, where there is one, the base's digest, as the public inputs have them
 * @param steps number of steps that the proofs are about
 *
 * @example
 * const { run, windows } = parseBundle(await readFile('run.json'));
 * console.log(provenAdapters(run, windows.length * run.spec.steps)?.statement);
 */
export function provenAdapters(
  { spec, base, eta }: { spec: SgdSpec } & Pick<PublicInputs, 'base' | 'eta'>,
  steps: number,
): ProvenAdapters | undefined {
  const { lora, layers } = spec;
  if (!lora) return undefined;
  const adapters = layers.flatMap(({ inputs, outputs }, layer) => {
    const adapter = lora.adapters[layer];
    return adapter ? [{ layer, inputs, outputs, ...adapter }] : [];
  });
  const parameters = weightCount(spec);
  const optimizer = effectiveHyperparameters(spec, BigInt(eta));
  const rule = ruleText(optimizer);
  const state = stateCount(spec) > 0 ? " and the optimiser's state" : '';
  const within = spec.mode === 'exact' ? 'are' : 'are, within the tolerance,';
  if (lora.local) {
    const [a] = adapters;
    const statement =
      `The adapter (rank ${a?.rank}, alpha ${a?.alpha}) of one layer of ${a?.inputs} x ${a?.outputs}: A and B${state} after ${steps} ` +
      `steps ${within} what these updates by ${rule} make of A and B${state} before them. ${TAKEN_AS_GIVEN}`;
    return { proofType: 'lora-layer-local', adapters, parameters, optimizer, statement };
  }
  const list = adapters.map((a) => `${a.layer} (rank ${a.rank}, alpha ${a.alpha})`).join(', ');
  const statement =
    `The adapters of layers ${list}${state} after ${steps} steps ${within} what ${rule} through all ${layers.length} layers makes of ` +
    `them; the base of ${baseCount(spec)} numbers with digest ${base} was the same in every step.`;
  return {
    proofType: 'lora',
    adapters,
    parameters,
    optimizer,
    base: { digest: base!, parameters: baseCount(spec), fractionalBits: lora.baseBits },
    statement,
  };
}
