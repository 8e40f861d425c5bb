import * as glue from '../wasm/pot_wasm.js';
import { loadAddon } from './addon.js';
import { chosenEngine, type Engine, type EngineName } from './engine.js';
import { isPotError, PotError } from './errors.js';
import type { WasmExports } from './exports.js';
import { Halo2 } from './halo2.js';

/** Which engine, and where the WebAssembly comes from; without it, from this package's own files. */
export interface LoadOptions {
  /** Default: the environment's `ZK_ENGINE`, else `auto`. */
  engine?: Engine;
  /** A module that is compiled already: what a worker gets from its parent. */
  module?: WebAssembly.Module;
}

let compiled: Promise<WebAssembly.Module> | undefined;
const loaded: Partial<Record<EngineName, Promise<Halo2>>> = {};
let automatic: Promise<EngineName> | undefined;

/**
 * The prover of this thread, one an engine. Compiles the module once a process and instantiates it once a thread; pass
 * `module` in a worker to share the parent's compilation.
 *
 * Errors: `WASM_LOAD` where the file is missing, damaged or not supported here; `ENGINE_UNKNOWN`;
 * `ENGINE_UNAVAILABLE` where the native engine is asked for by name and is not there.
 */
export async function loadProver(options: LoadOptions = {}): Promise<Halo2> {
  const engine = chosenEngine(options.engine);
  if (engine !== 'auto') return instance(engine, options);
  automatic ??= instance('native', options).then(
    () => 'native' as const,
    (e) => {
      warnUnlessAbsent(e);
      return 'wasm' as const;
    },
  );
  return instance(await automatic, options);
}

function instance(engine: EngineName, options: LoadOptions): Promise<Halo2> {
  const made = loaded[engine] ?? (engine === 'native' ? instantiateNative() : instantiate(options));
  loaded[engine] = made;
  return made.catch((e) => {
    if (loaded[engine] === made) delete loaded[engine];
    throw e;
  });
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
    return new Halo2(glue as WasmExports, shared, () => memory.buffer.byteLength);
  } catch (e) {
    throw new PotError('WASM_LOAD', 'the prover could not be started', { cause: e });
  }
}

/** An addon that is there and cannot be used was meant to be: its owner should know why it is not. */
function warnUnlessAbsent(e: unknown): void {
  if (isPotError(e) && (e.details.reason === 'missing' || e.details.reason === 'browser')) return;
  process.emitWarning(e instanceof Error ? e : String(e));
}

async function instantiateNative(): Promise<Halo2> {
  return new Halo2(await loadAddon(), undefined, () => process.memoryUsage.rss(), 'native');
}

async function compile(): Promise<WebAssembly.Module> {
  const url = new URL('../wasm/pot_wasm_bg.wasm', import.meta.url);
  if (url.protocol === 'file:') {
    const { readFile } = await import('node:fs/promises');
    return WebAssembly.compile(await readFile(url));
  }
  return WebAssembly.compileStreaming(fetch(url));
}
