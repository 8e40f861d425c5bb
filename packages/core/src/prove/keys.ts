/** Proving keys of one prover: in its memory, on disk, or made now. */

import { isPotError, type Prover } from '@proof-of-training/halo2-wasm';
import { ContentCache } from '@proof-of-training/halo2-wasm/node';
import type { SgdSpec } from '@proof-of-training/sgd-circuit';
import type { KeyCacheOptions } from '../config/apply.js';
import type { KeyOrigin } from '../metrics/snapshot.js';

/** Polynomials in a window's key: 36 columns, each as values and as coefficients, and three more. Genesis has fewer. */
const POLYNOMIALS = 75;

/**
 * A key on disk serves all threads, processes and engines; what is read is checked before it is used. A key above half
 * of the disk limit is not stored: it would only push out others.
 */
export class ProvingKeys {
  private readonly known = new Set<string>();
  private readonly disk: ContentCache | undefined;
  private readonly largest: number;

  constructor(
    private readonly prover: Prover,
    cache?: KeyCacheOptions,
  ) {
    // Threads do not share memory: the prover holds the key itself.
    if (cache) this.disk = new ContentCache({ ...cache, memoryCacheSizeMb: 0 });
    this.largest = ((cache?.diskCacheSizeMb ?? 0) * 2 ** 20) / 2;
  }

  /** Makes the prover ready to prove `spec`, whose JSON a caller may have; `ms`: what reading or making the key took. Errors: those of the prover. */
  async ensure(spec: SgdSpec, specJson = JSON.stringify(spec)): Promise<{ key: KeyOrigin; ms: number }> {
    if (this.known.has(specJson)) return { key: 'memory', ms: 0 };
    const start = performance.now();
    const key = await this.obtain(specJson, POLYNOMIALS * 32 * 2 ** spec.shape.k);
    this.known.add(specJson);
    return { key, ms: performance.now() - start };
  }

  private async obtain(specJson: string, bytes: number): Promise<KeyOrigin> {
    const { prover, disk } = this;
    let origin: KeyOrigin = 'disk';
    const make = () => {
      origin = 'made';
      prover.keygen(specJson);
    };
    if (!disk || bytes > this.largest) {
      make();
      return origin;
    }
    await disk.getOrMake(
      `key/${prover.keyId(specJson)}`,
      () => {
        make();
        return prover.exportKey(specJson);
      },
      (stored) => imported(prover, specJson, stored),
    );
    return origin;
  }
}

/** Whether a stored key is whole and the right one; then the prover has it. */
function imported(prover: Prover, specJson: string, stored: Uint8Array): boolean {
  try {
    prover.importKey(specJson, stored);
    return true;
  } catch (e) {
    if (isPotError(e, 'KEY_INVALID')) return false;
    throw e;
  }
}
