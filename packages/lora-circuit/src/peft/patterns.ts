import { PotError } from '@proof-of-training/halo2-wasm';
import type { PeftConfig } from './schema.js';
import { shown } from './shown.js';

/** A module's name: its attributes' names, with dots between them. */
const MODULE_NAME = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/;
/** Patterns that are names, apart from a `^` in front and `\.` for dots. In PEFT they are Python regular expressions. */
const SIMPLE = /^\^?(?:[A-Za-z0-9_-]|\\?\.)+$/;

/** Most comparisons of modules with patterns for one adapter: some seconds. */
const MAX_COMPARISONS = 2 ** 24;

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

/** What a configuration says about modules, made ready for many of them. */
export interface ModuleRules {
  /** Whether a module has an adapter, as PEFT decides it: a target is a name or the end of one. */
  isTargeted(name: string): boolean;
  /** A module's rank and alpha. Errors: `PEFT_CONFIG_INVALID` where two patterns say different things. */
  numbers(name: string): { rank: number; alpha: number };
}

/** Errors: `PEFT_CONFIG_INVALID` where `modules` modules would mean too many comparisons with patterns. */
export function moduleRules(config: PeftConfig, modules: number): ModuleRules {
  const { target_modules: targets, r, lora_alpha: alpha, rank_pattern, alpha_pattern } = config;
  const patterns = Math.max(Object.keys(rank_pattern).length, Object.keys(alpha_pattern).length);
  if (patterns * modules > MAX_COMPARISONS) {
    throw new PotError('PEFT_CONFIG_INVALID', `${patterns} patterns for ${modules} modules are too many`);
  }
  const names = new Set(typeof targets === 'string' ? [targets] : targets);
  const ends = typeof targets !== 'string';
  const ranks = lookUp('rank_pattern', rank_pattern);
  const alphas = lookUp('alpha_pattern', alpha_pattern);
  return {
    isTargeted: (name) => names.has(name) || (ends && nameEnds(name).some((end) => names.has(end))),
    numbers: (name) => ({ rank: ranks(name) ?? r, alpha: alphas(name) ?? alpha }),
  };
}

/** The ends of a name that begin after a dot. */
function nameEnds(name: string): string[] {
  const ends: string[] = [];
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1))
    ends.push(name.slice(dot + 1));
  return ends;
}

/**
 * The value of the patterns that match a name. PEFT takes the first one; its order is lost in a JavaScript object
 * whose names are numbers, and means little in a file, so patterns that disagree are refused.
 */
function lookUp(field: string, patterns: Record<string, number>): (name: string) => number | undefined {
  // PEFT's expression is (.*\.)?(key)$ from the name's beginning. The key is a name (checkPattern), so that only `^`, `.`
  // and `\.` are special in it and it matches texts of one length: an end of the name that is that long.
  const byLength = new Map<number, { expression: RegExp; whole: boolean; value: number }[]>();
  for (const [key, value] of Object.entries(patterns)) {
    const length = key.replace(/^\^|\\/g, '').length;
    const rule = { expression: new RegExp(`^(?:${key})$`), whole: key.startsWith('^'), value };
    const rules = byLength.get(length);
    if (rules) rules.push(rule);
    else byLength.set(length, [rule]);
  }
  return (name) => {
    let found: number | undefined;
    for (const end of [name, ...nameEnds(name)]) {
      for (const { expression, whole, value } of byLength.get(end.length) ?? []) {
        if (value === found || (whole && end !== name) || !expression.test(end)) continue;
        if (found !== undefined) {
          throw new PotError(
            'PEFT_CONFIG_INVALID',
            `${field} says two things about the module ${shown(name)}`,
          );
        }
        found = value;
      }
    }
    return found;
  };
}
