import { PotError } from 'halo2-wasm';
import type { PeftConfig } from './config.js';
import { shown } from './shown.js';

/** A module's name: its attributes' names, with dots between them. */
const MODULE_NAME = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/;
/** Patterns that are names, apart from a `^` in front. In PEFT they are Python regular expressions. */
const SIMPLE = /^\^?[A-Za-z0-9_.-]+$/;

export function isModuleName(name: string): boolean {
  return name.length <= 512 && MODULE_NAME.test(name);
}

/**
 * Refuses `target_modules` as a regular expression. An expression of unknown origin can take any time
 * to match, and Python's and JavaScript's differ; a text that is a name matches that name.
 */
export function checkTargets(targets: PeftConfig['target_modules']): void {
  if (typeof targets !== 'string' || (isModuleName(targets) && targets !== 'all-linear')) return;
  throw new PotError('PEFT_UNSUPPORTED', `target_modules is the expression ${shown(targets)}`, {
    details: { field: 'target_modules' },
    hint: 'Give target_modules as a list of module names.',
  });
}

/** Refuses a key of `rank_pattern` or `alpha_pattern` that is more than a name, for the same reason. */
export function checkPattern(field: string, key: string): void {
  if (SIMPLE.test(key)) return;
  throw new PotError('PEFT_UNSUPPORTED', `${field} has the expression ${shown(key)}`, {
    details: { field },
    hint: 'Give the modules by their names.',
  });
}

/** Whether the configuration has an adapter in this module, as PEFT decides it: a target is a name or the end of one. */
export function isTargeted(targets: PeftConfig['target_modules'], name: string): boolean {
  if (typeof targets === 'string') return name === targets;
  return targets.some((target) => name === target || name.endsWith(`.${target}`));
}

/** A module's rank and alpha. Errors: `PEFT_CONFIG_INVALID` where two patterns say different things. */
export function moduleNumbers(
  config: Pick<PeftConfig, 'r' | 'lora_alpha' | 'rank_pattern' | 'alpha_pattern'>,
  name: string,
): { rank: number; alpha: number } {
  return {
    rank: matching('rank_pattern', config.rank_pattern, name) ?? config.r,
    alpha: matching('alpha_pattern', config.alpha_pattern, name) ?? config.lora_alpha,
  };
}

/**
 * The value of the patterns that match `name`. PEFT takes the first one; its order is lost in a JavaScript object
 * whose names are numbers, and means little in a file, so patterns that disagree are refused.
 */
function matching(field: string, patterns: Record<string, number>, name: string): number | undefined {
  let found: number | undefined;
  for (const [key, value] of Object.entries(patterns)) {
    // PEFT's own expression. The key is a name (checkPattern), so only `.` and `^` are special in it.
    if (!new RegExp(`^(?:.*\\.)?(?:${key})$`).test(name)) continue;
    if (found !== undefined && found !== value) {
      throw new PotError('PEFT_CONFIG_INVALID', `${field} says two things about the module ${shown(name)}`);
    }
    found = value;
  }
  return found;
}
