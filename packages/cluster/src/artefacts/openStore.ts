import { FolderStore } from './folderStore.js';
import { S3Store } from './s3Store.js';
import type { ArtefactStore } from './store.js';

/** The store at an address: a bucket (`s3://...`), or else a folder. Errors: `CLUSTER_ARTEFACT`, `S3_MISSING`. */
export function openStore(where: string): Promise<ArtefactStore> {
  return /^s3:/i.test(where) ? S3Store.open(where) : FolderStore.open(where);
}
