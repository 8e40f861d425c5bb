import { readFileSync } from 'node:fs';
import type { ContractArtifact } from './artifact.js';

/** The contract of drawn evaluations as this package was built with it. */
export const drawsArtifact: ContractArtifact = JSON.parse(
  readFileSync(new URL('../../artifacts/EvaluationDraws.json', import.meta.url), 'utf8'),
);
