import { developmentSrs, type EngineName, type Halo2, type StringCache } from '@proof-of-training/halo2-wasm';
import type { CircuitShape } from './circuit.js';

/** What a proof of an inference takes on this machine. All of it is estimated. */
export interface CostEstimate {
  /** Peak bytes of key and proof, beside the process itself. */
  memoryBytes: number;
  /** Seconds of key and proof: absent without a calibration. */
  seconds?: number;
  engine: EngineName;
  threads: number;
  /** How the seconds were found. */
  how: string;
}

/** A proof that was timed. */
interface Timed {
  work: number;
  seconds: number;
}

/** A network of the compact format, whose circuits are small. */
const NETWORK = {
  formats: { limbBits: 9, tableBits: 9 },
  bits: 8,
  gradientBits: 14,
  weightBits: 36,
  batch: 1,
  inputs: 4,
  layers: [
    { outputs: 4, relu: true, bias: true },
    { outputs: 2, relu: false, bias: true },
  ],
  loss: 'meanSquaredError',
  xOffset: 0,
  yOffset: 0,
};
const ENTRIES = 4 + 4 * 5 + 2 * 5;
/** log2 of the rows of the circuits that are timed. */
const SIZES = [10, 12] as const;
/** Columns of every circuit beside those that its shape counts: multiplicities, sums, vectors, the quotient. */
const OTHERS = 20;
/** A prover holds each column about seven times, of 32 bytes a cell: measured in WebAssembly at 2^10 to 2^15 rows. */
const BYTES_A_CELL = 7 * 32;
const BASE = 4 * 2 ** 20;
const ZERO = `0x${'0'.repeat(64)}`;

/** Columns of a shape: each that is looked up has one for its sums. */
function columnsOf({ weightColumns, dataColumns, outputColumns, lanes, laneColumns }: CircuitShape): number {
  return weightColumns + outputColumns + 2 * (dataColumns + lanes * laneColumns) + OTHERS;
}

/** What time grows with: the transforms of all columns. */
const workOf = (shape: CircuitShape) => columnsOf(shape) * shape.k * 2 ** shape.k;

/** Bytes that a proof of this shape takes. */
export const memoryOf = (shape: CircuitShape) => BASE + columnsOf(shape) * BYTES_A_CELL * 2 ** shape.k;

/** Proofs of two sizes of one small network on this machine, timed with their keys. A second natively, some in WebAssembly. */
export async function calibrated(halo2: Halo2, cache?: StringCache): Promise<Timed[]> {
  const graph = halo2.denseInference(JSON.stringify(NETWORK));
  const timed: Timed[] = [];
  for (const k of SIZES) {
    const settings = halo2.planGraph(graph, JSON.stringify({ kind: 'infer', weights: 'graph', like: { k } }));
    const { shape } = JSON.parse(settings) as { shape: CircuitShape };
    const { bytes } = await developmentSrs(halo2, k, cache);
    const start = performance.now();
    const prover = halo2.graphProver(bytes, graph, settings);
    try {
      // Without salts all of it is public: there is nothing to hide.
      prover.prove({ context: ZERO }, { tensors: new BigInt64Array(ENTRIES) });
    } finally {
      prover.free();
    }
    timed.push({ work: workOf(shape), seconds: (performance.now() - start) / 1000 });
  }
  return timed;
}

/** What a proof of this shape takes, on the line through what was timed. */
export function costOf(halo2: Halo2, shape: CircuitShape, timed: readonly Timed[] | undefined): CostEstimate {
  const { engine, threads } = halo2;
  const known = { memoryBytes: memoryOf(shape), engine, threads };
  if (!timed) return { ...known, how: 'not calibrated' };
  const [small, large] = [timed[0]!, timed[timed.length - 1]!];
  const slope = Math.max(0, large.seconds - small.seconds) / (large.work - small.work);
  const seconds = Math.max(small.seconds, large.seconds + slope * (workOf(shape) - large.work));
  const sizes = SIZES.map((k) => `2^${k}`).join(' and ');
  return { ...known, seconds, how: `key and proof of a small network timed in ${sizes} rows, extrapolated` };
}
