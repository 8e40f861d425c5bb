import { expect, it } from 'vitest';
import * as core from '../src/index.js';

it('exports exactly what is documented', () => {
  expect(Object.keys(core).sort()).toMatchInlineSnapshot(`
    [
      "ContentCache",
      "ParallelProver",
      "PotError",
      "ProverMetrics",
      "ProverPool",
      "STEP_THRESHOLD",
      "Sha256Tree",
      "StepProver",
      "StreamingProver",
      "TrainingSession",
      "applyLora",
      "autoProveTrainingStep",
      "canonicalBytes",
      "commit",
      "developmentSrs",
      "importPtau",
      "isPotError",
      "loadConfig",
      "loadDigits",
      "loraOf",
      "mergeLora",
      "metricsLine",
      "parseBundle",
      "parseTrainConfig",
      "parseTrainingProof",
      "profiles",
      "readSrs",
      "recordModel",
      "registerLora",
      "renderReport",
      "threadsPerTask",
      "toleranceFormats",
      "trainRun",
      "verifyLeaf",
      "verifyModelWeights",
      "verifyTrainingProof",
      "verifyTrainingRun",
    ]
  `);
});
