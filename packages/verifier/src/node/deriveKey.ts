import { AggregationThread } from '@proof-of-training/aggregator/node';
import { type DeriveKey, derivedOnce } from '../aggregate/derivedOnce.js';

/** Derives it in a thread of its own, whose memory is given back. Errors: those of `AggregationThread.start`. */
export const derivedKey: DeriveKey = derivedOnce(async (spec, srs, places, engine, signal, threads, form) => {
  const thread = await AggregationThread.start({
    srs: srs.bytes,
    spec,
    places,
    form,
    ...(engine && { engine }),
    ...(signal && { signal }),
    ...(threads !== undefined && { threads }),
  });
  try {
    return thread.info.digest;
  } finally {
    await thread.close();
  }
});
