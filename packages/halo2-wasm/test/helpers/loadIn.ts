import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What loading gave: an engine or an error, and what the process said besides. */
export interface Loaded {
  engine?: string;
  error?: Record<string, unknown>;
  warnings: string;
}

/**
 * Loads the prover of a copy of the package in a process of its own, with `ZK_ENGINE` as `env` says it. `before`: what
 * that process does first.
 */
export function loadIn(
  folder: string,
  options: object,
  env: Record<string, string> = {},
  before = '',
): Promise<Loaded> {
  const script = `
    ${before}
    const { loadProver } = await import(${JSON.stringify(pathToFileURL(join(folder, 'dist/index.js')).href)});
    const answer = await loadProver(${JSON.stringify(options)}).then(
      (halo2) => ({ engine: halo2.engine }),
      (e) => ({ error: e.toJSON() }),
    );
    console.log(JSON.stringify(answer));`;
  // pnpm's launchers name this repository's packages in NODE_PATH.
  const { ZK_ENGINE: _, NODE_PATH: __, ...rest } = process.env;
  return new Promise((resolve, reject) =>
    execFile(
      process.execPath,
      ['--input-type=module', '-e', script],
      { env: { ...rest, ...env } },
      (e, out, err) => (e ? reject(e) : resolve({ ...JSON.parse(out), warnings: err })),
    ),
  );
}
