import type { Initializer } from '@proof-of-training/verifier/run';

/** How an adapter's first A was made; its B was zero. */
export interface AdapterOrigin {
  initializer: Initializer;
  /** With a seed of its own: whoever made it wants these values and no others. */
  seeded: boolean;
}

const origins = new WeakMap<object, AdapterOrigin>();

/** Remembers of a layer that was made in this process how its adapter was; a loaded one has no origin. */
export function rememberOrigin(layer: object, origin: AdapterOrigin): void {
  origins.set(layer, origin);
}

export function originOf(layer: object): AdapterOrigin | undefined {
  return origins.get(layer);
}
