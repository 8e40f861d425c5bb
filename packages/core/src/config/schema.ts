import { z } from 'zod';

const circuit = z.strictObject({
  /** Largest circuit: rows times advice columns, the cells of the table that the constraints bind. */
  maxConstraints: z.int().min(1).optional(),
  /** Before each window's proof: replay its steps and compare its three commitments. */
  debugMode: z.boolean().optional(),
  /** 0 quick keys, 1 balanced, 2 cheapest per step. */
  optimizationLevel: z.union([z.literal(0), z.literal(1), z.literal(2)]).optional(),
});

const prover = z.strictObject({
  /** Prover threads; -1: one a core. */
  numWorkers: z.union([z.literal(-1), z.int().min(1).max(1024)]).optional(),
  /** Tasks in flight. */
  batchSize: z.int().min(1).max(1024).optional(),
  engine: z.enum(['auto', 'wasm', 'native']).optional(),
  memoryBudgetMb: z.number().positive().optional(),
  /** Redis or Valkey whose workers prove windows, first weights and links of aggregates; without it, threads of this process. */
  queue: z
    .string()
    .regex(/^rediss?:\/\/[^\s]+$/, 'must be redis://... or rediss://...')
    .optional(),
  /** With a queue: the folder that this machine and all workers share, or `s3://BUCKET/PREFIX`. */
  artefacts: z.string().min(1).optional(),
  /** With a queue: the file that lists the workers who may have witnesses, a line each. */
  workerList: z.string().min(1).optional(),
});

const cache = z.strictObject({
  memoryCacheSizeMb: z.number().min(0).optional(),
  diskCacheSizeMb: z.number().min(0).optional(),
  directory: z.string().min(1).optional(),
});

const sections = {
  circuit: circuit.optional(),
  prover: prover.optional(),
  cache: cache.optional(),
};

export const modeSchema = z.enum(['development', 'production']);

/** Settings without a profile. */
export const settingsSchema = z.strictObject(sections);

/** What a configuration file holds: settings for both modes, and a profile for each that goes before them. */
export const configFileSchema = z.strictObject({
  ...sections,
  development: settingsSchema.optional(),
  production: settingsSchema.optional(),
});

export type Mode = z.infer<typeof modeSchema>;
export type Settings = z.infer<typeof settingsSchema>;
export type ConfigFile = z.infer<typeof configFileSchema>;

/** A queue with what belongs to it. */
export interface QueueSettings {
  /** `redis://` or, with TLS, `rediss://`. */
  url: string;
  artefacts: string;
  workerList: string;
}

/** Settings as they are used: docs/operate/configuration.md says what each does. */
export interface PotConfig {
  mode: Mode;
  circuit: z.infer<typeof circuit> & { debugMode: boolean; optimizationLevel: 0 | 1 | 2 };
  prover: z.infer<typeof prover> & { engine: 'auto' | 'wasm' | 'native' };
  cache: z.infer<typeof cache> & { memoryCacheSizeMb: number; diskCacheSizeMb: number };
}

export const defaults: PotConfig = {
  mode: 'development',
  circuit: { debugMode: false, optimizationLevel: 1 },
  prover: { engine: 'auto' },
  cache: { memoryCacheSizeMb: 256, diskCacheSizeMb: 4096 },
};
