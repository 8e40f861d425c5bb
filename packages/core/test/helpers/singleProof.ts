import { FORMAT_VERSION, PROOF_FORMAT, type RunBundle } from '@proof-of-training/verifier/files';

/** A run's window `n` as a file of its own. */
export function windowFile({ run, windows }: Pick<RunBundle, 'run' | 'windows'>, n: number) {
  return { ...common(run), spec: run.spec, key: run.keys.window, ...windows[n]! };
}

/** A run's proof of its first weights as a file of its own. */
export function genesisFile({ run, genesis }: Pick<RunBundle, 'run' | 'genesis'>) {
  return { ...common(run), spec: run.genesisSpec, key: run.keys.genesis, ...genesis };
}

function common({ srs, transcript }: RunBundle['run']) {
  return { format: PROOF_FORMAT, version: FORMAT_VERSION, srs, ...(transcript && { transcript }) };
}
