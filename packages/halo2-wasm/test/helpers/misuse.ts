import fc from 'fast-check';
import { expect } from 'vitest';
import { isPotError } from '../../src/index.js';

export type Call = (...args: never[]) => unknown;

/** A public function, and how it is called rightly. */
export interface Target {
  call: Call;
  /** Right ones; in each try, one of them, or one field of one of them, is replaced. */
  args: unknown[];
  /** How many of them it cannot do without; else all. */
  required?: number;
}

/** Values that none of these functions takes for any of its arguments, nor for any field of its options. */
const WRONG = [
  null,
  Number.NaN,
  -1.5,
  'text that nobody meant',
  [],
  [null],
  () => {},
  10n,
  Symbol('s'),
  new Map(),
];

/** What a call ends with: nothing, a typed error, or a raw one, which is given. */
async function raw(call: Call, args: unknown[]): Promise<unknown> {
  try {
    await Promise.race([
      (async () => call(...(args as never[])))(),
      new Promise((_, reject) => setTimeout(reject, 20_000, new Error('it hangs')).unref()),
    ]);
  } catch (e) {
    if (!isPotError(e)) return e;
    expect(e.code).toMatch(/^[A-Z][A-Z0-9_]+$/);
  }
  return undefined;
}

/** The arguments with one replaced. */
export function replaced(args: unknown[], at: number, value: unknown): unknown[] {
  return args.map((arg, n) => (n === at ? value : arg));
}

/** `args` with one of them, or one field of one of them, replaced; or with a field that does not exist. */
function spoilt(args: unknown[], at: number, field: number, wrong: unknown): unknown[] {
  const value = args[at];
  const plain = Object.getPrototypeOf(value ?? 0) === Object.prototype;
  const keys = plain ? [...Object.keys(value as object), 'noSuchOption'] : [];
  const key = keys[field % (keys.length + 1)];
  return replaced(args, at, key === undefined ? wrong : { ...(value as object), [key]: wrong });
}

/** Every function takes its right arguments; wrong or missing ones give a typed error, or are right after all, quickly. */
export async function refusesWrongArguments(all: Record<string, Target>, numRuns = 1000): Promise<void> {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(all)),
      fc.nat(7),
      fc.nat(12),
      fc.constantFrom(...WRONG),
      async (name, at, field, wrong) => {
        const { call, args } = all[name]!;
        const error = await raw(call, spoilt(args, at % args.length, field, wrong));
        if (error !== undefined) throw new Error(`${name}: a raw error`, { cause: error });
      },
    ),
    { numRuns },
  );
  for (const [name, { call, args, required = args.length }] of Object.entries(all)) {
    for (let n = 0; n < required; n++) {
      expect({ name, n, error: await raw(call, args.slice(0, n)) }).toEqual({ name, n, error: undefined });
    }
  }
}
