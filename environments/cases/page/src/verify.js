import { verifyTrainingRun } from '@proof-of-training/verifier';

/** Whether each of these bundles verifies. */
export function verify(urls) {
  const one = async (url) => (await verifyTrainingRun(await fetch(url))).ok;
  return Promise.all(urls.map(one)).then(
    (oks) => oks.join(' '),
    (e) => `failed: ${e} ${e.cause ?? ''}`,
  );
}
