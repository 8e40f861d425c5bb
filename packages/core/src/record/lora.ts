import { PotError } from '@proof-of-training/halo2-wasm';

/** Whether a layer's class, a layer or a tensor of this name belongs to a LoRA adapter: lora_A, loraUp, LoRADense, ... */
export function isLoraName(name: string): boolean {
  const words = name
    .replace(/LoRA/g, '_lora_')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z]+/);
  return words.includes('lora');
}

/** Refuses adapters that are not ours by their names. Errors: `LORA_FOREIGN`, with the names found. */
export function refuseLora(names: readonly string[]): void {
  const found = names.filter(isLoraName);
  if (found.length === 0) return;
  throw new PotError('LORA_FOREIGN', `${found[0]} looks like a LoRA adapter that applyLora did not make`, {
    details: { found: found.slice(0, 16) },
    hint: 'Merge those adapters into the kernels, then give the model adapters with applyLora(model, { rank, alpha }); PEFT files become adapters through its option init.',
  });
}
