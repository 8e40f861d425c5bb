import { PotError } from 'halo2-wasm';

/** Names that adapter libraries give: lora_a, lora_A, loraDown, lora_embedding_B, LoRADense, ... */
const LORA = /lora([^a-z]|$|a\b|b\b|up|down|dense|linear|layer|kernel|embedding|adapter)/i;

/** Whether a layer's class, a layer or a tensor of this name belongs to a LoRA adapter. */
export function isLoraName(name: string): boolean {
  return LORA.test(name);
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
