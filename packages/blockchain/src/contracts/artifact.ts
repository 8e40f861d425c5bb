import { readFileSync } from 'node:fs';

/** A compiled contract, as packages/blockchain/scripts/compile.mjs writes it. */
export interface ContractArtifact {
  contract: string;
  compiler: string;
  /** Keccak-256 of the code that a chain shows: it has no immutables, so this is the same everywhere. */
  codeHash: string;
  // biome-ignore lint/suspicious/noExplicitAny: the JSON ABI, which ethers reads and checks
  abi: any[];
  bytecode: string;
  deployedBytecode: string;
}

/** The registry as this package was built with it. */
export const registryArtifact: ContractArtifact = JSON.parse(
  readFileSync(new URL('../../artifacts/TrainingRegistry.json', import.meta.url), 'utf8'),
);
