import { unsupported } from './errors.js';

/** One dense layer: kernel `[outputs][inputs]`, row by row. */
export interface DenseLayer {
  inputs: number;
  outputs: number;
  kernel: Float64Array;
  bias: Float64Array;
  relu: boolean;
}

/** A product whose outputs are `factor (kernel x) + bias`, feature by feature: kernels are multiplied once, when all is read. */
type Product = Omit<DenseLayer, 'relu'> & { factor: Float64Array };

/** What a value of the model is: dense layers on the input, behind them what is not yet part of one. All in double precision. */
export interface Chain {
  /** Features of a sample. */
  width: number;
  layers: readonly (Product & { relu: boolean })[];
  /** One that may still get factors and summands. */
  open?: Product;
  /** Feature by feature, before the next product. */
  scale?: Float64Array;
  shift?: Float64Array;
  /** What stands behind all. */
  last?: 'softmax' | 'logSoftmax';
}

/** The model's input. */
export function inputChain(width: number): Chain {
  return { width, layers: [] };
}

/** Errors: `ONNX_UNSUPPORTED`: behind a softmax nothing is computed in the circuit. */
export function requireOpen(chain: Chain, at: string): void {
  if (chain.last)
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
  return {
    width: outputs,
    layers: before.layers,
    open: { inputs, outputs, kernel, bias, factor: new Float64Array(outputs).fill(1) },
  };
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
  const [own, bias] = [chain.open.factor, chain.open.bias].map((of) => of.map((v, i) => v * factor[i]!));
  return { ...chain, open: { ...chain.open, factor: own!, bias: bias! } };
}

/** Errors: `ONNX_UNSUPPORTED`: a ReLU of the inputs themselves, or of scaled features. */
export function rectified(chain: Chain, at: string): Chain {
  requireOpen(chain, at);
  if (!chain.open)
    throw unsupported(at, 'a ReLU that follows no product', 'A dense layer must stand before it.');
  return closed(chain, true);
}

/** Errors: `ONNX_UNSUPPORTED`. */
export function softened(chain: Chain, last: 'softmax' | 'logSoftmax', at: string): Chain {
  return { ...finished(chain, at), last };
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

/** The layers of a chain that is complete. */
export function layersOf({ layers }: Chain): DenseLayer[] {
  return layers.map(({ factor, kernel, ...layer }) => {
    return { ...layer, kernel: kernel.map((v, i) => v * factor[Math.floor(i / layer.inputs)]!) };
  });
}

function closed(chain: Chain, relu: boolean): Chain {
  const { open, ...rest } = chain;
  return open ? { ...rest, layers: [...chain.layers, { ...open, relu }] } : chain;
}
