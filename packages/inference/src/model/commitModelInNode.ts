import type { CheckpointOpening } from '@proof-of-training/verifier/files';
import { cacheFor, type OnDisk, referenceShape } from '@proof-of-training/verifier/node';
import { checkOptions } from '@proof-of-training/verifier/options';
import { z } from 'zod';
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
  const shape = { ...anywhere.commitShape, config: referenceShape.config };
  const { config, ...rest } = checkOptions(z.object(shape), options, 'commitModel');
  return anywhere.commitModel({ ...rest, cache: rest.cache ?? cacheFor(config) });
}
