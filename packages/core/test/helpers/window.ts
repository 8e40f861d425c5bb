import type { Halo2, Prover, WindowWitness } from '@proof-of-training/halo2-wasm';
import type { PublicInputs, SgdSpec } from '@proof-of-training/sgd-circuit';
import * as statements from './statements.js';

/** A window of the toy problem as the prover takes it: integers, salts, statement. The same in every call. */
export interface ToyWindow {
  spec: SgdSpec;
  specJson: string;
  public: PublicInputs;
  publicJson: string;
  witness: WindowWitness;
}

/** The specification of one window of the toy problem. */
export function toySpec(halo2: Halo2): SgdSpec {
  return statements.toySpec(halo2, 'window');
}

/** Takes the window's steps with the executor and commits to both checkpoints and the data. */
export async function toyWindow(halo2: Halo2, prover: Prover): Promise<ToyWindow> {
  const { spec, specJson, publicJson, witness } = await statements.toyStatement(halo2, prover, 'window');
  return { spec, specJson, public: JSON.parse(publicJson) as PublicInputs, publicJson, witness };
}
