import { PotError } from '@proof-of-training/halo2-wasm';

/** Characters of a file's own text, and of a message that has it: a stranger's names are as long as he likes. */
const [MAX_TEXT, MAX_MESSAGE] = [80, 400];
/** Numbers of a list that are said. */
const MAX_LIST = 8;

/** A text of the file, as much of it as is said. */
export const brief = (text: string) => text.slice(0, MAX_TEXT);
/** Numbers of the file, as many as are said. */
export function briefly(values: ArrayLike<number>): string {
  const said = Array.from({ length: Math.min(values.length, MAX_LIST) }, (_, i) => values[i]!);
  return `[${said.join()}${values.length > MAX_LIST ? ',..' : ''}]`;
}

/** A file that is no ONNX model, or a damaged or hostile one. */
export function invalid(what: string): PotError {
  return new PotError('ONNX_INVALID', `the ONNX model: ${what.slice(0, MAX_MESSAGE)}`);
}

/** What is sound and not proven. `at`: the node, by name or by its first output. */
export function unsupported(at: string, what: string, hint?: string): PotError {
  const node = at.slice(0, 2 * MAX_TEXT + 8);
  return new PotError('ONNX_UNSUPPORTED', `${node}: ${what.slice(0, MAX_MESSAGE)}`, {
    details: { node },
    ...(hint && { hint }),
  });
}
