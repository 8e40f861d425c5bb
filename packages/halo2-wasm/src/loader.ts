import { isPotError, PotError } from '@proof-of-training/errors';
import { compiledFrom, loadNative } from '#platform';
import * as glue from '../wasm/pot_wasm.js';
import { chosenEngine, type Engine, type EngineName } from './engine.js';
import type { WasmExports } from './exports.js';
import { Halo2 } from './halo2.js';
import { availableThreads, isThreaded, threadsPossible } from './threads/available.js';
import { loadThreaded } from './threads/load.js';

/** Which engine, and where the WebAssembly comes from; without it, from this package's own files. */
export interface LoadOptions {
  /** Default: the environment's `ZK_ENGINE`, else `auto`. */
  engine?: Engine;
  /** A module that is compiled already: what a worker gets from its parent. Used if it is for `threads` threads. */
  module?: WebAssembly.Module;
  /**
   * Threads that work on one proof. In WebAssembly with the calling one, default 1: more need Node, or a worker of a
   * cross-origin isolated page; elsewhere in a browser there is 1, and `Halo2.threads` says so (docs/operate/threads.md).
   * With the native engine those that each prover of it has unless it is told otherwise; default: one a core.
   */
  threads?: number;
}

const compiled: { plain?: Promise<WebAssembly.Module>; threaded?: Promise<WebAssembly.Module> } = {};
/** By engine, the native one with its number of threads. */
const loaded = new Map<string, Promise<Halo2>>();
let automatic: Promise<EngineName> | undefined;

/**
 * The prover of this thread, one an engine. Compiles the module once a process and instantiates it once a thread; pass
 * `module` in a worker to share the parent's compilation.
 *
 * Errors: `WASM_LOAD` where the file is missing, damaged or not supported here; `ENGINE_UNKNOWN`;
 * `ENGINE_UNAVAILABLE` where the native engine is asked for by name and is not there; `THREADS_UNAVAILABLE` where
 * `threads` is no possible number, its workers do not start, or a prover with another number is open here.
 *
 * @example
 * const halo2 = await loadProver({ engine: 'wasm' });
 * console.log(halo2.engine, halo2.threads); // wasm 1
 */
export async function loadProver(options: LoadOptions = {}): Promise<Halo2> {
  const engine = chosenEngine(options.engine);
  const threads = availableThreads(options.threads);
  if (engine !== 'auto') return instance(engine, options, threads);
  automatic ??= instance('native', options, threads).then(
    () => 'native' as const,
    (e) => {
      warnIfMeant(e);
      return 'wasm' as const;
    },
  );
  return instance(await automatic, options, threads);
}

function instance(engine: EngineName, options: LoadOptions, threads: number): Promise<Halo2> {
  if (engine === 'wasm' && threads > 1) return loadThreaded(threads, () => moduleOf(options, threads));
  const name = engine === 'native' ? `native ${options.threads ?? ''}` : engine;
  const made =
    loaded.get(name) ?? (engine === 'native' ? instantiateNative(options.threads) : instantiate(options));
  loaded.set(name, made);
  return made.catch((e) => {
    if (loaded.get(name) === made) loaded.delete(name);
    throw e;
  });
}

/**
 * The compiled module for provers of so many threads, to be shared with workers:
 * `new Worker(file, { workerData: await proverModule() })`.
 *
 * @example
 * const module = await proverModule();
 * const halo2 = await loadProver({ engine: 'wasm', module }); // in a worker that was sent it
 */
export async function proverModule(threads = 1): Promise<WebAssembly.Module> {
  availableThreads(threads);
  const kind = threads > 1 && threadsPossible() ? 'threaded' : 'plain';
  compiled[kind] ??= compiledFrom(ARTIFACTS[kind], kind).catch((e) => {
    delete compiled[kind];
    if (isPotError(e, 'WASM_LOAD')) throw e;
    throw new PotError('WASM_LOAD', 'the prover could not be compiled', {
      cause: e,
      hint: `Install the package again; it must hold ${ARTIFACTS[kind].pathname.split('/').slice(-2).join('/')}.`,
    });
  });
  return compiled[kind];
}

const ARTIFACTS = {
  plain: new URL('../wasm/pot_wasm_bg.wasm', import.meta.url),
  threaded: new URL('../wasm-threads/pot_wasm_bg.wasm', import.meta.url),
};

async function moduleOf({ module }: LoadOptions, threads: number): Promise<WebAssembly.Module> {
  return module && isThreaded(module) === threads > 1 ? module : proverModule(threads);
}

async function instantiate(options: LoadOptions): Promise<Halo2> {
  const shared = await moduleOf(options, 1);
  try {
    const { memory } = glue.initSync({ module: shared });
    return new Halo2(glue as WasmExports, shared, () => memory.buffer.byteLength);
  } catch (e) {
    throw new PotError('WASM_LOAD', 'the prover could not be started', { cause: e });
  }
}

/**
 * An addon that is there and cannot be used was meant to be: its owner should know why it is not. Not so the one that
 * came along as a package, on a processor that it is not for; and who forbids addons knows that there is none.
 */
function warnIfMeant(e: unknown): void {
  const { reason, package: name } = isPotError(e) ? e.details : {};
  if (reason === 'missing' || reason === 'browser' || reason === 'disabled') return;
  if (reason === 'processor' && name !== undefined) return;
  process.emitWarning(e instanceof Error ? e : String(e));
}

async function instantiateNative(asked: number | undefined): Promise<Halo2> {
  const { addon, threads } = await loadNative();
  return new Halo2(addon, undefined, () => process.memoryUsage.rss(), 'native', {
    threads: asked ?? threads,
    ...(asked !== undefined && { asked }),
  });
}
