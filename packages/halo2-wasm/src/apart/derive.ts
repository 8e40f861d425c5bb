import { asPotError, PotError } from '@proof-of-training/errors';
import * as glue from '../../wasm/pot_wasm.js';
import type { WasmExports } from '../exports.js';
import { Halo2 } from '../halo2.js';
import type { DigestReply, DigestTask } from './request.js';

/** The thread's whole work, in an instance that is its own. */
export function derive({ module, srs, specJson, places, form }: DigestTask): DigestReply {
  try {
    const { memory } = glue.initSync({ module });
    const halo2 = new Halo2(glue as WasmExports, module, () => memory.buffer.byteLength);
    return { kind: 'done', digest: halo2.aggregation(srs, specJson, places, { form }).info().digest };
  } catch (e) {
    return { kind: 'failed', error: asPotError(e).toJSON() };
  }
}

/** The answer to a task that did not arrive as what was sent. */
export function unreadable(): DigestReply {
  const message = 'the thread that derives the aggregation key cannot read its task';
  return { kind: 'failed', error: new PotError('PROVER_FAILED', message).toJSON() };
}
