import { pathToFileURL } from 'node:url';
import { PotError } from '@proof-of-training/halo2-wasm';
import { installedBeside } from './installedBeside.js';

/** What @proof-of-training/cluster exports for this package. Errors: `CLUSTER_MISSING` where it is not installed. */
export async function clusterModule<T>(): Promise<T> {
  const path = installedBeside('@proof-of-training/cluster/executor', process.argv[1]);
  if (path) return (await import(pathToFileURL(path).href)) as T;
  throw new PotError(
    'CLUSTER_MISSING',
    'the configuration names a queue, and the package for it is not installed',
    {
      hint: 'Install @proof-of-training/cluster beside core (docs/operate/cluster.md), or leave prover.queue and ZK_QUEUE out.',
    },
  );
}
