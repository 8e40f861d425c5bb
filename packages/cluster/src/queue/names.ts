/** Of BullMQ's keys: `pot:proofs:...`. */
export const PREFIX = 'pot';
export const QUEUE = 'proofs';

/** Keys of our own; none of them holds a secret. */
export const keys = {
  version: 'pot-cluster:version',
  /** What went wrong, newest first. */
  reports: 'pot-cluster:reports',
  worker: (id: string) => `pot-cluster:worker:${id}`,
};
/** Where a trainer says that a job is not wanted any more. */
export const CANCEL_CHANNEL = 'pot-cluster:cancel';

/** How long a worker may be silent before its job is another's, and how often that is looked for. All workers have the same. */
export const LEASE_MS = 5000;
export const LEASE_CHECK_MS = 1000;
/** A worker says that it is there each so often, and is believed for so long. */
export const BEAT_MS = 2000;
export const BELIEVED_MS = 8000;
