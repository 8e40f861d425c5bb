import * as glue from '../wasm/pot_wasm.js';
import { PotError } from './errors.js';
import type { WasmExports } from './exports.js';
import { Halo2 } from './halo2.js';

/** Where the WebAssembly comes from; without it, from this package's own files. */
export interface LoadOptions {
  /** A module that is compiled already: what a worker gets from its parent. */
  module?: WebAssembly.Module;
}

let compiled: Promise<WebAssembly.Module> | undefined;
let loaded: Promise<Halo2> | undefined;

/**
 * The prover of this thread. Compiles the module once a process and instantiates it once a thread; pass
 * `module` in a worker to share the parent's compilation.
 *
 * Errors: `WASM_LOAD` where the file is missing, damaged or not supported here.
 */
export function loadProver(options: LoadOptions = {}): Promise<Halo2> {
  loaded ??= instantiate(options).catch((e) => {
    loaded = undefined;
    throw e;
  });
  return loaded;
}

/** The compiled module, to be shared with workers: `new Worker(file, { workerData: await proverModule() })`. */
export function proverModule(): Promise<WebAssembly.Module> {
  compiled ??= compile().catch((e) => {
    compiled = undefined;
    throw new PotError('WASM_LOAD', 'the prover could not be compiled', {
      cause: e,
      hint: 'Install the package again; packages/halo2-wasm/wasm must hold pot_wasm_bg.wasm.',
    });
  });
  return compiled;
}

async function instantiate({ module }: LoadOptions): Promise<Halo2> {
  if (module) compiled = Promise.resolve(module);
  const shared = await proverModule();
  try {
    const { memory } = glue.initSync({ module: shared });
    return new Halo2(glue as WasmExports, shared, memory);
  } catch (e) {
    throw new PotError('WASM_LOAD', 'the prover could not be started', { cause: e });
  }
}

async function compile(): Promise<WebAssembly.Module> {
  const url = new URL('../wasm/pot_wasm_bg.wasm', import.meta.url);
  if (url.protocol === 'file:') {
    const { readFile } = await import('node:fs/promises');
    return WebAssembly.compile(await readFile(url));
  }
  return WebAssembly.compileStreaming(fetch(url));
}
