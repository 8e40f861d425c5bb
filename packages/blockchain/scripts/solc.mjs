/** solc with the settings that all contracts here are compiled with: the code hash of a contract depends on them. */
import solc from 'solc';

/** Paris: no PUSH0, so that the code runs on chains that lag behind. No metadata: it would put file paths in the code. */
const COMMON = { evmVersion: 'paris', metadata: { appendCBOR: false, bytecodeHash: 'none' } };

/** Settings of our own contracts. */
export const SETTINGS = { optimizer: { enabled: true, runs: 10_000 }, ...COMMON };

/**
 * Settings of generated verifiers: one long block of assembly that manages memory itself, and is written to cost little. The
 * optimiser finds nothing in it, or runs out of memory (docs/protocol/evm.md).
 */
export const VERIFIER_SETTINGS = { optimizer: { enabled: false }, ...COMMON };

/** Largest code that Ethereum deploys (EIP-170). */
export const MAX_CODE_BYTES = 24_576;

export const COMPILER = solc.version();

/**
 * Compiles sources (name to text) and gives the contracts that are in `wanted` (names), with `abi`, `bytecode` and
 * `deployedBytecode` as 0x hex. Throws with solc's messages where there is an error or a warning, and where a contract
 * is too large to be deployed.
 */
export function compile(sources, wanted, settings = SETTINGS) {
  const outputSelection = { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } };
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(Object.entries(sources).map(([name, content]) => [name, { content }])),
    settings: { ...settings, outputSelection },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  if (output.errors?.length) throw new Error(output.errors.map((e) => e.formattedMessage).join('\n'));
  const contracts = Object.assign({}, ...Object.values(output.contracts));
  return Object.fromEntries(wanted.map((name) => [name, checked(name, contracts[name])]));
}

/** Compiles a verifier's text. */
export function compileVerifier(solidity) {
  return compile({ 'Verifier.sol': solidity }, ['Halo2Verifier'], VERIFIER_SETTINGS).Halo2Verifier;
}

function checked(name, { abi, evm }) {
  const size = evm.deployedBytecode.object.length / 2;
  if (size > MAX_CODE_BYTES) throw new Error(`${name} has ${size} bytes, the limit is ${MAX_CODE_BYTES}`);
  return {
    abi,
    bytecode: `0x${evm.bytecode.object}`,
    deployedBytecode: `0x${evm.deployedBytecode.object}`,
  };
}
