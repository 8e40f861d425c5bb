import type { PotErrorJson } from '@proof-of-training/halo2-wasm';
import type { Job, Reply, Setup } from '../jobs/job.js';

/** To a process: first its setup, then a job at a time, and the answer to each count that the job asks for. */
export type ToProcess =
  | { setup: Setup }
  | { job: Job }
  | { counted: { ok: true; used: number } | { ok: false; error: PotErrorJson } };

/** From a process: a proof to be counted, or what the job gave. */
export type FromProcess = { take: number } | { reply: Reply };
