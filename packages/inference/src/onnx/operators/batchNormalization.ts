import { type Chain, plus, scaled } from '../chain.js';
import { invalid, unsupported } from '../errors.js';
import { type OnnxNode, perFeature } from '../node.js';

/** `BatchNormalization` with the statistics that it was trained with: `(x - mean) / sqrt(variance + epsilon) scale + bias`, by feature. */
export function batchNormalization(node: OnnxNode): Chain {
  node.requireInputs(5);
  node.ignored('momentum');
  const epsilon = node.number('epsilon', 1e-5);
  if (node.integer('training_mode', 0) !== 0) {
    throw unsupported(node.at, 'it is in training mode', 'Export the model for inference.');
  }
  if (node.proto.output.slice(1).some((name) => name !== '')) {
    throw unsupported(node.at, 'its statistics are outputs', 'Export the model for inference.');
  }
  const chain = node.chain(0);
  const of = (index: number) => perFeature(node.tensor(index), chain.width, node.at);
  const [scale, bias, mean, variance] = [of(1), of(2), of(3), of(4)];
  const factor = scale.map((v, i) => v / Math.sqrt(variance[i]! + epsilon));
  if (!factor.every(Number.isFinite)) throw invalid(`${node.at}: a variance that is none`);
  const centred = plus(
    chain,
    mean.map((v) => -v),
    node.at,
  );
  return plus(scaled(centred, factor, node.at), bias, node.at);
}
