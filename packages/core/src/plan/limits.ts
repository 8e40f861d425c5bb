import { PotError } from '@proof-of-training/halo2-wasm';
import type { Planned } from '@proof-of-training/sgd-circuit';
import { cellsOf } from '../config/apply.js';

/** What a circuit may not exceed: gives the refusal of one that does. */
export type CircuitLimit = (planned: Planned) => PotError | undefined;

const MB = 2 ** 20;
/** WebAssembly has 4 GiB; the rest is for the SRS, the witness and fragmentation. */
const WASM_MEMORY = 3.5 * 2 ** 30;

/** The memory that WebAssembly has for a proof. */
export const wasmMemory: CircuitLimit = ({ info: { memoryBytes } }) => {
  if (memoryBytes <= WASM_MEMORY) return undefined;
  const gib = (memoryBytes / 2 ** 30).toFixed(1);
  return tooLarge(`the circuit needs about ${gib} GiB, WebAssembly has 4`, { memoryBytes });
};

/** A memory budget in bytes; without one, none. */
export function memoryBudgetOf(bytes = Number.POSITIVE_INFINITY): CircuitLimit {
  return ({ info: { memoryBytes } }) => {
    if (memoryBytes <= bytes) return undefined;
    const [needs, has] = [memoryBytes, bytes].map((size) => Math.ceil(size / MB));
    return tooLarge(
      `the circuit needs about ${needs} MB, the budget is ${has} MB`,
      { memoryBytes, budgetBytes: bytes },
      'Use a smaller batch or model, or a larger memory budget.',
    );
  };
}

/** `circuit.maxConstraints`: cells, rows times advice columns. */
export function cellsUpTo(limit = Number.POSITIVE_INFINITY): CircuitLimit {
  return ({ info }) => {
    const cells = cellsOf(info);
    if (cells <= limit) return undefined;
    return tooLarge(
      `the circuit has ${cells} cells (rows times advice columns), circuit.maxConstraints is ${limit}`,
      { cells, maxConstraints: limit },
      'Use a smaller batch or model, or raise the limit.',
    );
  };
}

/** The rows, log2, that an SRS has points for. */
export function rowsUpTo(maxK = Number.POSITIVE_INFINITY): CircuitLimit {
  return ({ spec: { shape } }) => {
    if (shape.k <= maxK) return undefined;
    return tooLarge(
      `the circuit has 2^${shape.k} rows, the SRS 2^${maxK}`,
      { k: shape.k, maxK },
      'Use a smaller batch or model, or a larger SRS.',
    );
  };
}

/** The first refusal. */
export function refusalOf(planned: Planned, limits: readonly CircuitLimit[]): PotError | undefined {
  for (const limit of limits) {
    const refusal = limit(planned);
    if (refusal) return refusal;
  }
  return undefined;
}

function tooLarge(message: string, details: Record<string, number>, hint?: string): PotError {
  return new PotError('CIRCUIT_TOO_LARGE', message, { details, ...(hint && { hint }) });
}
