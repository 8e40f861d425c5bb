import { unsupported } from './errors.js';

/** One dense layer: kernel `[outputs][inputs]`, row by row. */
export interface DenseLayer {
  inputs: number;
  outputs: number;
  kernel: Float64Array;
  bias: Float64Array;
  relu: boolean;
}

/** What a value of the model is: dense layers on the input, behind them what is not yet part of one. All in double precision. */
export interface Chain {
  /** Features of a sample. */
  width: number;
  layers: readonly DenseLayer[];
  /** A product that may still get factors and summands. */
  open?: Omit<DenseLayer, 'relu'>;
  /** Feature by feature, before the next product. */
  scale?: Float64Array;
  shift?: Float64Array;
  /** A softmax stands behind all. */
  softmax?: boolean;
}

/** The model's input. */
export function inputChain(width: number): Chain {
  return { width, layers: [] };
}

/** Errors: `ONNX_UNSUPPORTED`: behind a softmax nothing is computed in the circuit. */
export function requireOpen(chain: Chain, at: string): void {
  if (chain.softmax)
    throw unsupported(
      at,
      'it stands behind a softmax',
      'Name the output of the softmax as the one to prove.',
    );
}

/** `x W`, W of shape [width][outputs]: what is done to each feature before goes into it. */
export function times(chain: Chain, weights: Float64Array, outputs: number, at: string): Chain {
  requireOpen(chain, at);
  const before = closed(chain, false);
  const inputs = before.width;
  const kernel = new Float64Array(outputs * inputs);
  const bias = new Float64Array(outputs);
  for (let i = 0; i < inputs; i++) {
    const [scale, shift] = [before.scale?.[i] ?? 1, before.shift?.[i] ?? 0];
    for (let o = 0; o < outputs; o++) {
      const w = weights[i * outputs + o]!;
      kernel[o * inputs + i] = scale * w;
      bias[o]! += shift * w;
    }
  }
  return { width: outputs, layers: before.layers, open: { inputs, outputs, kernel, bias } };
}

/** Adds one number to each feature of all samples. */
export function plus(chain: Chain, summand: Float64Array, at: string): Chain {
  requireOpen(chain, at);
  if (!chain.open) return { ...chain, shift: summand.map((v, i) => v + (chain.shift?.[i] ?? 0)) };
  return { ...chain, open: { ...chain.open, bias: chain.open.bias.map((v, i) => v + summand[i]!) } };
}

/** Multiplies each feature with a number. */
export function scaled(chain: Chain, factor: Float64Array, at: string): Chain {
  requireOpen(chain, at);
  if (!chain.open) {
    const shift = chain.shift && { shift: chain.shift.map((v, i) => v * factor[i]!) };
    return { ...chain, scale: factor.map((v, i) => v * (chain.scale?.[i] ?? 1)), ...shift };
  }
  const { inputs, kernel, bias } = chain.open;
  const open = {
    ...chain.open,
    kernel: kernel.map((v, i) => v * factor[Math.floor(i / inputs)]!),
    bias: bias.map((v, i) => v * factor[i]!),
  };
  return { ...chain, open };
}

/** Errors: `ONNX_UNSUPPORTED`: a ReLU of the inputs themselves, or of scaled features. */
export function rectified(chain: Chain, at: string): Chain {
  requireOpen(chain, at);
  if (!chain.open)
    throw unsupported(at, 'a ReLU that follows no product', 'A dense layer must stand before it.');
  return closed(chain, true);
}

/** Errors: `ONNX_UNSUPPORTED`. */
export function softened(chain: Chain, at: string): Chain {
  return { ...finished(chain, at), softmax: true };
}

/** The chain with its last layer complete. Errors: `ONNX_UNSUPPORTED` where it ends with a ReLU or a factor, or has no layer. */
export function finished(chain: Chain, at: string): Chain {
  requireOpen(chain, at);
  if (!chain.open)
    throw unsupported(
      at,
      'no product and its sum are the last ones before the output',
      'A dense layer must be the last.',
    );
  return closed(chain, false);
}

function closed(chain: Chain, relu: boolean): Chain {
  const { open, ...rest } = chain;
  return open ? { ...rest, layers: [...chain.layers, { ...open, relu }] } : chain;
}
