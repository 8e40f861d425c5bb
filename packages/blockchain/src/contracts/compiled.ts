import { PotError } from '@proof-of-training/halo2-wasm';

/** A compiled verifier contract, 0x hex. */
export interface CompiledVerifier {
  bytecode: string;
  deployedBytecode: string;
}

/** Errors: `SOLC_MISSING`, where the compiler is not installed. */
export async function requireCompiler(): Promise<void> {
  await compiler();
}

/** Errors: `SOLC_MISSING`, `SOLC_FAILED`. */
export async function compiledVerifier(solidity: string): Promise<CompiledVerifier> {
  const { compileVerifier } = await compiler();
  try {
    return compileVerifier(solidity);
  } catch (cause) {
    throw new PotError('SOLC_FAILED', 'the verifier does not compile', { cause });
  }
}

function compiler() {
  return import('../../scripts/solc.mjs').catch((cause) => {
    throw new PotError('SOLC_MISSING', 'the compiler is not installed', {
      cause,
      hint: 'Install the npm package solc@0.8.19.',
    });
  });
}
