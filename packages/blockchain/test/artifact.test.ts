import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { keccak256 } from 'ethers';
import { describe, expect, it } from 'vitest';
import { compileVerifier, MAX_CODE_BYTES } from '../scripts/solc.mjs';
import { registryArtifact } from '../src/contracts/artifact.js';
import { fixtures } from './helpers/fixtures.js';

describe('what is in git', () => {
  it('is what the contracts compile to', () => {
    const script = fileURLToPath(new URL('../scripts/compile.mjs', import.meta.url));
    expect(execFileSync('node', [script, '--check']).toString()).toContain('up to date');
  });

  it('fits the limit of a contract, and has no immutable parts', () => {
    expect((registryArtifact.deployedBytecode.length - 2) / 2).toBeLessThan(MAX_CODE_BYTES);
    expect(keccak256(registryArtifact.deployedBytecode)).toBe(registryArtifact.codeHash);
  });

  it("is the fixtures' verifier, compiled", () => {
    const { bytecode, deployedBytecode } = compileVerifier(fixtures.solidity);
    expect({ bytecode, deployedBytecode }).toEqual(fixtures.verifier);
  });

  it('has no function that changes or removes an anchor, and no owner', () => {
    const writes = registryArtifact.abi
      .filter((f) => f.type === 'function' && f.stateMutability !== 'view' && f.stateMutability !== 'pure')
      .map((f) => f.name)
      .sort();
    expect(writes).toEqual([
      'addVerifier',
      'anchor',
      'anchorBatch',
      'announce',
      'commit',
      'register',
      'setOperator',
    ]);
  });
});
