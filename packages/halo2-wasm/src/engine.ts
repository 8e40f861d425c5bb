import { PotError } from '@proof-of-training/errors';

/** What does the proving: the WebAssembly module, or the Node addon (docs/operate/engines.md). */
export type EngineName = 'wasm' | 'native';

/** A choice of engine: `auto` is the addon where it is there and loads, and WebAssembly elsewhere. */
export type Engine = EngineName | 'auto';

const ENGINES: readonly string[] = ['wasm', 'native', 'auto'] satisfies Engine[];

/**
 * The choice that holds: `asked`, else the environment's `ZK_ENGINE`, else `auto`.
 *
 * Errors: `ENGINE_UNKNOWN`.
 */
export function chosenEngine(asked?: string): Engine {
  const named = asked ?? fromEnvironment();
  if (named === undefined) return 'auto';
  if (ENGINES.includes(named)) return named as Engine;
  throw new PotError('ENGINE_UNKNOWN', `there is no engine ${JSON.stringify(named)}`, {
    details: { engine: named, from: asked === undefined ? 'ZK_ENGINE' : 'option' },
    hint: `Engines: ${ENGINES.join(', ')}.`,
  });
}

function fromEnvironment(): string | undefined {
  return typeof process === 'object' ? process.env?.ZK_ENGINE || undefined : undefined;
}
