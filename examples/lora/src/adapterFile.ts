import { loraOf, type VerificationReport, verifyAdapters } from '@proof-of-training/core';
import { createPeftAdapter, matchPeftModules, type PeftAdapter } from '@proof-of-training/lora-circuit';
import { readPeftAdapter, writePeftAdapter } from '@proof-of-training/lora-circuit/node';
import { LAYERS } from './base.js';
import type { FineTuned } from './fineTune.js';

export const BASE_NAME = 'digits-0-to-4';

/** Writes the adapters as Python's `peft` does. The base's digest stands where PEFT has the base's revision. */
export async function writeAdapter(dir: string, { model, bundle }: FineTuned): Promise<void> {
  const modules = await loraOf(model);
  const adapter = createPeftAdapter({ modules, baseModel: BASE_NAME, revision: bundle.run.base! });
  await writePeftAdapter(dir, adapter, { overwrite: true });
}

/**
 * Reads an adapter, refuses one for another base by what its configuration says, and checks that its numbers are the output of
 * the proven run over the base with the digest `base`.
 */
export async function checkAdapter(
  adapter: string | PeftAdapter,
  { bundle, opening }: Pick<FineTuned, 'bundle' | 'opening'>,
  base: string,
): Promise<VerificationReport> {
  const read = typeof adapter === 'string' ? await readPeftAdapter(adapter) : adapter;
  const layers = bundle.run.spec.layers.map(({ inputs, outputs }, l) => ({
    name: LAYERS[l]!,
    inputs,
    outputs,
  }));
  matchPeftModules(read, layers, { baseModel: BASE_NAME, revision: base });
  return verifyAdapters(read.modules, bundle, opening, {
    expected: { base },
    layers: LAYERS,
  });
}
