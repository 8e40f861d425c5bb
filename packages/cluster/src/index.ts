// The public interface. A test holds this list: packages/cluster/test/exports.test.ts.

export { FolderStore } from './artefacts/folderStore.js';
export { S3Store } from './artefacts/s3Store.js';
export type { Artefact, ArtefactStore } from './artefacts/store.js';
export { makeIdentity, readIdentity, type WorkerIdentity, type WorkerPublic } from './identity/identity.js';
export {
  LocalCluster,
  type LocalClusterOptions,
  type LocalSettings,
  type LocalWorker,
} from './local/localCluster.js';
export type { ClusterMetrics } from './metrics/clusterMetrics.js';
export type { Presence } from './queue/presence.js';
export type { Report } from './queue/reports.js';
export {
  type ActiveJob,
  type QueueState,
  type QueueStateOptions,
  QueueView,
  queueState,
} from './queue/state.js';
export { connectLinks } from './submit/connectLinks.js';
export { connectQueue } from './submit/connectQueue.js';
export type { QueueExecutor } from './submit/queueExecutor.js';
export type { QueueLinks } from './submit/queueLinks.js';
export { ClusterWorker, type WorkerOptions } from './worker/clusterWorker.js';
