import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PotError } from '@proof-of-training/halo2-wasm';
import { readStrictJson } from '@proof-of-training/sgd-circuit';
import { checkOptions, object, type ShapeFor, text } from '@proof-of-training/verifier/options';
import { parse } from 'yaml';
import { z } from 'zod';
import { check } from './check.js';
import {
  configFileSchema,
  defaults,
  type Mode,
  modeSchema,
  type PotConfig,
  type Settings,
  settingsSchema,
} from './schema.js';

const FILES = ['pot.config.yaml', 'pot.config.yml', 'pot.config.json'];

export interface LoadConfigOptions {
  /** Where `pot.config.{yaml,yml,json}` is looked for; default: the working directory. */
  cwd?: string;
  /** Default: `process.env`. Read: ZK_MODE, ZK_NUM_WORKERS, ZK_CACHE_SIZE, ZK_ENGINE, ZK_QUEUE, ZK_ARTEFACTS, ZK_WORKER_LIST. */
  env?: Record<string, string | undefined>;
  /** Goes before everything else. */
  overrides?: Settings & { mode?: Mode };
}

const loadOptions = z.strictObject({
  cwd: text.optional(),
  env: object.optional(),
  overrides: object.optional(),
} satisfies ShapeFor<LoadConfigOptions>);

/**
 * The settings of this place and process. Precedence: `overrides`, environment, the file's profile of the mode, the
 * file's settings for both, defaults.
 *
 * Errors: `CONFIG_FILE` (unreadable, no YAML or JSON, or several files), `CONFIG_UNKNOWN_KEY` (with the nearest known
 * name), `CONFIG_INVALID` (with the path, or the variable).
 *
 * @example
 * const config = await loadConfig({ overrides: { prover: { numWorkers: 2 } } });
 * const session = await TrainingSession.create({ model, data, dir, config });
 */
export async function loadConfig(options: LoadConfigOptions = {}): Promise<PotConfig> {
  checkOptions(loadOptions, options, 'loadConfig');
  const { mode: wanted, ...overrides } = options.overrides ?? {};
  const env = fromEnvironment(options.env ?? process.env);
  const cwd = options.cwd ?? process.cwd();
  const file = await readConfigFile(cwd);
  const mode =
    wanted === undefined ? (env.mode ?? defaults.mode) : check(modeSchema, wanted, 'overrides.mode');
  const { development, production, ...common } = file;
  const profile = { development, production }[mode] ?? {};
  const config = merge(
    [defaults, common, profile, env.settings, check(settingsSchema, overrides, 'overrides')],
    mode,
  );
  const { cache, prover } = config;
  if (cache.directory !== undefined) cache.directory = resolve(cwd, cache.directory);
  // A bucket is no path.
  if (prover.artefacts !== undefined && !/^s3:/i.test(prover.artefacts))
    prover.artefacts = resolve(cwd, prover.artefacts);
  if (prover.workerList !== undefined) prover.workerList = resolve(cwd, prover.workerList);
  return config;
}

function merge(layers: Settings[], mode: Mode): PotConfig {
  const section = (name: 'circuit' | 'prover' | 'cache') =>
    Object.assign({}, ...layers.map((layer) => defined(layer[name] ?? {})));
  return { mode, circuit: section('circuit'), prover: section('prover'), cache: section('cache') };
}

function defined(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, v]) => v !== undefined));
}

async function readConfigFile(cwd: string) {
  const found: { name: string; text: string }[] = [];
  for (const name of FILES) {
    try {
      found.push({ name, text: await readFile(join(cwd, name), 'utf8') });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') continue;
      throw new PotError('CONFIG_FILE', `${name} cannot be read`, { cause });
    }
  }
  const [file, another] = found;
  if (!file) return {};
  if (another) {
    throw new PotError('CONFIG_FILE', `${file.name} and ${another.name} are both there`, {
      hint: 'Keep one of them.',
    });
  }
  let value: unknown;
  try {
    value = file.name.endsWith('.json') ? readStrictJson(file.text) : (parse(file.text) ?? {});
  } catch (cause) {
    throw new PotError(
      'CONFIG_FILE',
      `${file.name} is not ${file.name.endsWith('.json') ? 'JSON' : 'YAML'}`,
      {
        cause,
      },
    );
  }
  return check(configFileSchema, value, file.name);
}

function fromEnvironment(env: Record<string, string | undefined>): { mode?: Mode; settings: Settings } {
  const { ZK_MODE, ZK_NUM_WORKERS, ZK_CACHE_SIZE, ZK_ENGINE, ZK_QUEUE, ZK_ARTEFACTS, ZK_WORKER_LIST } = env;
  const number = (name: string, text: string) => {
    if (text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
    throw new PotError('CONFIG_INVALID', `${name} must be a number, not ${JSON.stringify(text)}`);
  };
  const settings = {
    prover: {
      ...(ZK_NUM_WORKERS !== undefined && { numWorkers: number('ZK_NUM_WORKERS', ZK_NUM_WORKERS) }),
      ...(ZK_ENGINE !== undefined && { engine: ZK_ENGINE }),
      ...(ZK_QUEUE !== undefined && { queue: ZK_QUEUE }),
      ...(ZK_ARTEFACTS !== undefined && { artefacts: ZK_ARTEFACTS }),
      ...(ZK_WORKER_LIST !== undefined && { workerList: ZK_WORKER_LIST }),
    },
    cache: {
      ...(ZK_CACHE_SIZE !== undefined && { memoryCacheSizeMb: number('ZK_CACHE_SIZE', ZK_CACHE_SIZE) }),
    },
  };
  return {
    ...(ZK_MODE !== undefined && { mode: check(modeSchema, ZK_MODE, 'ZK_MODE') }),
    settings: check(settingsSchema, settings, 'environment (ZK_*)'),
  };
}
