import { PotError } from 'halo2-wasm';

/** Whether a layer's class, a layer or a tensor of this name belongs to a LoRA adapter: lora_A, loraUp, LoRADense, ... */
export function isLoraName(name: string): boolean {
  const words = name
    .replace(/LoRA/g, '_lora_')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z]+/);
  return words.includes('lora');
}

/** Refuses LoRA adapters by name. Errors: `LORA_NOT_SUPPORTED_YET`, with the names found. */
export function refuseLora(names: readonly string[]): void {
  const found = names.filter(isLoraName);
  if (found.length === 0) return;
  throw new PotError('LORA_NOT_SUPPORTED_YET', `LoRA adapters are not supported yet: found ${found[0]}`, {
    details: { found: found.slice(0, 16) },
    hint: 'Merge the adapters into the kernels before training, or wait for the LoRA circuit.',
  });
}
