/** The last chapter: the run as one proof, on a chain. `pnpm demo --chain`, since it takes minutes, 5 GB and the native engine. */
import type { RunBundle } from '@proof-of-training/core';
import { line } from './screen.js';

/** Windows of the run that are taken to the chain, from its first on: a chapter, not the whole book. */
const WINDOWS = 4;

/** What the chapter needs, looked for before anything is trained. Errors: `ENGINE_UNAVAILABLE`, `SOLC_MISSING`, `ANVIL_MISSING`. */
export async function requireChain(): Promise<void> {
  // Not imported above: without --chain the demo needs none of it.
  const { requireOnchainTools } = await import('@proof-of-training/blockchain');
  await requireOnchainTools({ anvil: true });
}

/** Aggregates the run's first windows, wraps, anchors on a fresh local chain, and shows what the contract refuses. */
export async function chainChapter(bundle: RunBundle, dir: string): Promise<void> {
  const { Clock, onchainFile, verifierPin, verifyOnLocalChain } = await import(
    '@proof-of-training/blockchain'
  );
  const clock = new Clock((text) => line(`  ${text}`));
  const onStep = clock.step;
  const windows = bundle.windows.slice(0, WINDOWS);
  const steps = windows.length * bundle.run.spec.steps;
  if (windows.length < bundle.windows.length) {
    line(
      `  The first ${windows.length} of ${bundle.windows.length} windows (${steps} steps), to keep this short.`,
    );
  }
  const file = await onchainFile({ ...bundle, windows }, { dir, onStep });
  // The contract was generated here, from the run's own specification.
  const pins = [verifierPin({ codeHash: file.verifier.codeHash, windowKey: bundle.run.keys.window })];
  const { anchored, audit, refused } = await verifyOnLocalChain(file, {
    onStep,
    pins,
    allowDevelopmentSrs: true,
  });
  clock.end();
  if (!audit.report.ok) throw new Error(`the chain does not fit: ${audit.report.failure?.message}`);
  line(
    `  anchored  steps ${anchored.firstStep} to ${anchored.endStep - 1} for ${anchored.gas} gas, whatever their number`,
  );
  line(`            ${anchored.calldataBytes} bytes; weights ${anchored.weights.slice(0, 18)}…`);
  for (const { what, code, message } of refused)
    line(`  refused   ${what}\n            ${message} [${code}]`);
  line('  audited   by a client without an account: what the contract holds is this run');
}

/** What the chapter is, where it was not asked for. */
export function chainTeaser(): void {
  line(
    '  The same run as one proof on a local chain, which refuses a tampered one: npx --yes pnpm@12.21.0 demo --chain',
  );
  line('  (minutes, 5 GB of memory, and the native engine: docs/operate/engines.md).');
}
