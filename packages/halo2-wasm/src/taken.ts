import { requireArgument } from './argument.js';

type Arrays = Record<string, abstract new () => object>;
/** What is asked of an object: the arrays that it must have, and those that it may have. */
type Taken<Must, May> = { [K in keyof Must]: Instance<Must[K]> } & { [K in keyof May]?: Instance<May[K]> };
type Instance<T> = T extends abstract new (...args: never) => infer I ? I : never;

/**
 * The members of an argument, each read once and checked: the engine takes typed arrays as they are, and would take
 * others for what they are not. Errors: `OPTION_INVALID`.
 */
export function taken<Must extends Arrays, May extends Arrays>(
  given: object,
  where: string,
  what: string,
  { must, may }: { must: Must; may: May },
): Taken<Must, May> {
  requireArgument(typeof given === 'object' && given !== null, where, what, 'be an object', given);
  const read = (name: string, type: Arrays[string], optional: boolean) => {
    const value = (given as Record<string, unknown>)[name];
    if (optional && value === undefined) return [];
    requireArgument(value instanceof type, where, `${what}.${name}`, `be a ${type.name}`, value);
    return [[name, value]];
  };
  const asked = [
    ...Object.entries(must).flatMap(([name, type]) => read(name, type, false)),
    ...Object.entries(may).flatMap(([name, type]) => read(name, type, true)),
  ];
  return Object.fromEntries(asked) as Taken<Must, May>;
}
