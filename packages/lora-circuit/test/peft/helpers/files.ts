import { readFileSync } from 'node:fs';
import type { PotError } from '@proof-of-training/halo2-wasm';
import { expect } from 'vitest';

/** A fixture's bytes; fixtures/make.py made them. */
export function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../fixtures/${name}`, import.meta.url)));
}

/** An adapter's two files, and what PEFT itself says about it. */
export function adapterFixture(name: string) {
  return {
    config: new TextDecoder().decode(fixture(`${name}/adapter_config.json`)),
    weights: fixture(`${name}/adapter_model.safetensors`),
  };
}

export interface ExpectedModule {
  name: string;
  rank: number;
  alpha: number;
  scaling: number;
  shapeA: [number, number];
  shapeB: [number, number];
  A: number[];
  B: number[];
}

export function expectedModules(name: string): ExpectedModule[] {
  return JSON.parse(new TextDecoder().decode(fixture(`${name}/expected.json`)));
}

/** A safetensors file with this header, as it is given, and this many data bytes. */
export function rawFile(header: string | Uint8Array | object, dataBytes = 0, claimed?: bigint): Uint8Array {
  const text = header instanceof Uint8Array || typeof header === 'string' ? header : JSON.stringify(header);
  const json = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, claimed ?? BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

/** A header's entry. */
export function entry(shape: unknown, begin: unknown, end: unknown, dtype: unknown = 'F32') {
  return { dtype, shape, data_offsets: [begin, end] };
}

/** What a call throws, which must be a PotError with what a person needs. */
export function thrown(call: () => unknown): PotError {
  try {
    call();
  } catch (e) {
    expect(e).toBeInstanceOf(Error);
    expect((e as Error).name).toBe('PotError');
    return e as PotError;
  }
  throw new Error('nothing was thrown');
}
