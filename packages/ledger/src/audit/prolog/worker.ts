import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { PrologValue } from './prolog.js';

// biome-ignore lint/suspicious/noExplicitAny: tau-prolog has no types
type Any = any;

const require = createRequire(import.meta.url);
const pl: Any = require('tau-prolog');
require('tau-prolog/modules/lists')(pl);

const { texts, goal, inferences, most } = workerData as {
  texts: string[];
  goal: string;
  inferences: number;
  most: number;
};

const session: Any = pl.create(inferences);
// No program reaches a file: not by open/4, and what consult/1 is given is taken as a text.
session.file_system = { open: () => false, close: () => false };
const { prototype } = pl.type.Thread;
const consult = prototype.consult;
prototype.consult = function (this: unknown, text: unknown, options: object) {
  return consult.call(this, text, {
    ...options,
    text: true,
    file: false,
    url: false,
    html: false,
    script: false,
  });
};

const solutions: Record<string, PrologValue>[] = [];
const stop = (error: string) => parentPort?.postMessage({ error });
const fail = (error: unknown) => stop(String(error).slice(0, 500));

function load([text, ...rest]: string[]): void {
  if (text === undefined) ask();
  else session.consult(text, { success: () => load(rest), error: fail });
}

function ask(): void {
  session.query(goal, { success: next, error: fail });
}

function next(): void {
  session.answer({
    success(answer: Any) {
      if (solutions.length === most) return stop(`it has more than ${most} solutions`);
      const links = Object.entries(answer.links).filter(([name]) => !name.startsWith('_'));
      solutions.push(Object.fromEntries(links.map(([name, term]) => [name, termValue(term)])));
      next();
    },
    fail: () => parentPort?.postMessage({ ok: solutions }),
    error: fail,
    limit: () => stop(`it takes more than ${inferences} inferences for a solution`),
  });
}

/** Atoms, numbers and lists of them; anything else as it is written. */
function termValue(term: Any): PrologValue {
  const value = typeof term.toJavaScript === 'function' ? term.toJavaScript() : undefined;
  const isPlain = (one: unknown): boolean =>
    typeof one === 'string' || typeof one === 'number' || (Array.isArray(one) && one.every(isPlain));
  const isCompound = term.args?.length > 0 && term.indicator !== './2';
  return isPlain(value) && !isCompound ? value : String(term);
}

load(texts);
