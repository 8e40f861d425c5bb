/** What the contracts are compiled to, 0x hex. */
export interface Compiled {
  // biome-ignore lint/suspicious/noExplicitAny: the JSON ABI
  abi: any[];
  bytecode: string;
  deployedBytecode: string;
}

export const SETTINGS: object;
export const VERIFIER_SETTINGS: object;
export const MAX_CODE_BYTES: number;
export const COMPILER: string;
export function compile(
  sources: Record<string, string>,
  wanted: readonly string[],
  settings?: object,
): Record<string, Compiled>;
export function compileVerifier(solidity: string): Compiled;
