// A page that Vite builds without settings.
import { verifyTrainingRun } from '@proof-of-training/verifier';

async function verify(name) {
  return (await verifyTrainingRun(new Uint8Array(await (await fetch(name)).arrayBuffer()))).ok;
}

document.title = await Promise.all(['bundle.json', 'forged.json'].map(verify)).then(
  (oks) => `verified ${oks.join(' ')}`,
  (e) => `failed: ${e}`,
);
