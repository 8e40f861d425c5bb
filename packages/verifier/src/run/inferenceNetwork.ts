import { type GraphPredicate, PotError } from '@proof-of-training/halo2-wasm';
import {
  activationName,
  alphaUnits,
  inputWidth,
  type Layer,
  type Loss,
  labelsOf,
  type SgdSpec,
  stateCount,
  weightScale,
} from '@proof-of-training/sgd-circuit';

/**
 * The network of a specification of training, for so many samples, as `Halo2.denseInference` takes it: the same layers, activations
 * and number formats, so that its weights have the digest that the run's windows give them. Prover and verifier make the same graph of it.
 * `reveal`: predicates of its outputs, in their place.
 *
 * Errors: `INFERENCE_MODEL` for adapters, and for weights that have an optimiser's state behind the same digest.
 *
 * @example
 * const graph = halo2.denseInference(JSON.stringify(inferenceNetwork(bundle.run.spec, 32)));
 */
export function inferenceNetwork(
  spec: SgdSpec,
  samples: number,
  reveal: readonly GraphPredicate[] = [],
): object {
  if (spec.lora) {
    throw new PotError('INFERENCE_MODEL', 'inferences of a base with adapters are not proven yet', {
      hint: 'Dense networks whose weights were all trained are.',
    });
  }
  if (stateCount(spec) > 0) {
    throw new PotError(
      'INFERENCE_MODEL',
      "inferences of weights that are committed to together with an optimiser's state are not proven yet",
      {
        hint: 'Those of runs by plain SGD, with or without weight decay, are. pot export and pot import commit to the weights alone, outside the run.',
      },
    );
  }
  const { scales, layers, loss, xOffset, yOffset } = spec;
  return {
    formats: { limbBits: scales.b, tableBits: scales.p },
    bits: scales.a,
    gradientBits: scales.d,
    weightBits: weightScale(scales),
    batch: samples,
    inputs: inputWidth(spec),
    layers: layers.map((layer, l) => inferenceLayer(layer, l === layers.length - 1, loss)),
    loss,
    xOffset,
    yOffset,
    ...(reveal.length > 0 && { reveal }),
  };
}

/** Under a cross-entropy the last layer gives logits. */
function inferenceLayer({ outputs, activation, bias }: Layer, last: boolean, loss: Loss): object {
  const name = activationName(activation);
  const none = name === 'relu' || name === 'linear' || (last && labelsOf(loss) !== 'real');
  if (none) return { outputs, relu: name === 'relu', bias };
  return { outputs, activation: { name, alpha: alphaUnits(activation) }, bias };
}

/**
 * Which digest the weights of a network under a loss have, as `Halo2.planGraph` takes it (`weights`).
 *
 * @example
 * weightsDigestOf('softmaxCrossEntropy'); // 'softmaxCrossEntropy'
 * weightsDigestOf({ huber: { delta: 256 } }); // 'meanSquaredError'
 */
export function weightsDigestOf(
  loss: Loss,
): 'meanSquaredError' | 'softmaxCrossEntropy' | 'sigmoidCrossEntropy' {
  const named = {
    real: 'meanSquaredError',
    oneHot: 'softmaxCrossEntropy',
    bits: 'sigmoidCrossEntropy',
  } as const;
  return named[labelsOf(loss)];
}
