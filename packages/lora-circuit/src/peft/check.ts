import { PotError } from '@proof-of-training/halo2-wasm';
import { isModuleName, moduleRules } from './patterns.js';
import { shown } from './shown.js';
import type { PeftAdapter, PeftModule } from './types.js';

/**
 * Checks that an adapter's modules are whole and are those of its configuration.
 *
 * Errors: `PEFT_EMPTY`, `PEFT_KEY` (no module name, or one twice), `PEFT_MODULE_NOT_TARGETED`, `PEFT_SHAPE`, `PEFT_RANK`,
 * `PEFT_ALPHA`, `PEFT_NOT_FINITE`.
 */
export function checkAdapter({ config, modules }: PeftAdapter): void {
  if (modules.length === 0) throw new PotError('PEFT_EMPTY', 'the adapter has no module');
  const rules = moduleRules(config, modules.length);
  const names = new Set<string>();
  for (const module of modules) {
    const { name } = module;
    if (!isModuleName(name) || names.has(name)) {
      throw new PotError('PEFT_KEY', `${shown(name)} is no module's name, or one of two equal names`);
    }
    names.add(name);
    if (!rules.isTargeted(name)) {
      throw new PotError('PEFT_MODULE_NOT_TARGETED', `the module ${shown(name)} is not in target_modules`, {
        hint: 'The weights and the configuration are of different adapters.',
      });
    }
    checkNumbers(module, rules.numbers(name));
    checkMatrix(module, 'A', [module.rank, module.inputs]);
    checkMatrix(module, 'B', [module.outputs, module.rank]);
  }
}

function checkNumbers({ name, rank, alpha }: PeftModule, expected: { rank: number; alpha: number }): void {
  if (rank !== expected.rank) {
    throw new PotError(
      'PEFT_RANK',
      `the module ${shown(name)} has rank ${rank}, the configuration says ${expected.rank}`,
    );
  }
  if (alpha !== expected.alpha) {
    throw new PotError(
      'PEFT_ALPHA',
      `the module ${shown(name)} has alpha ${alpha}, the configuration says ${expected.alpha}`,
    );
  }
}

function checkMatrix(module: PeftModule, which: 'A' | 'B', shape: readonly [number, number]): void {
  const [rows, columns] = shape;
  if (!isSize(rows) || !isSize(columns) || module[which].length !== rows * columns) {
    throw new PotError(
      'PEFT_SHAPE',
      `${which} of the module ${shown(module.name)} is no matrix of its sizes`,
      {
        details: { rows, columns, values: module[which].length },
      },
    );
  }
  if (!module[which].every(Number.isFinite)) {
    throw new PotError(
      'PEFT_NOT_FINITE',
      `${which} of the module ${shown(module.name)} holds NaN or infinity`,
    );
  }
}

function isSize(n: number): boolean {
  return Number.isSafeInteger(n) && n > 0;
}
