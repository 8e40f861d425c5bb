import { PotError } from 'halo2-wasm';

export type Engine = 'auto' | 'wasm' | 'native';

/** ENGINE: this pool has WebAssembly only. An explicit choice never falls back. Errors: `ENGINE_UNAVAILABLE`. */
export function requireEngine(engine: Engine = 'auto'): void {
  if (engine !== 'native') return;
  throw new PotError('ENGINE_UNAVAILABLE', 'this build has no native engine', {
    hint: "Use the engine 'wasm' or 'auto'.",
  });
}
