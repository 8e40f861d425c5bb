import type { CheckpointOpening } from '@proof-of-training/verifier/files';
import type { OnDisk } from '@proof-of-training/verifier/node';
import { onDisk } from '../onDisk.js';
import * as anywhere from './commitModel.js';

export interface CommitModelOptions extends anywhere.CommitModelOptions, OnDisk {}

/**
 * Commits to a model that no run of this library trained, with SRSs on disk: see `commitModel` of the entry that works everywhere.
 *
 * @example
 * import { commitModel, readOnnx } from '@proof-of-training/inference/node';
 *
 * const opening = await commitModel({ model: readOnnx(await readFile('model.onnx')), inputRange: [0, 1] });
 */
export async function commitModel(options: CommitModelOptions): Promise<CheckpointOpening> {
  return anywhere.commitModel(onDisk('commitModel', anywhere.commitShape, options));
}
