import { PotError } from '@proof-of-training/halo2-wasm';
import type { Reveal } from '@proof-of-training/inference/node';
import type { Command } from 'commander';
import { number, whole } from './flags.js';

/** Which predicates were asked for. */
export interface RevealFlags {
  argmax?: boolean;
  class?: number;
  threshold?: number;
  atLeast?: number;
  atMost?: number;
}

/** Options that name predicates; `what` says what becomes of them. */
export function revealFlags(command: Command, what: string): Command {
  return command
    .option('--argmax', `${what}: which output is the largest`)
    .option(
      '--class <number>',
      `${what}: whether output <number>, from 0, is the largest`,
      whole('--class', 0),
    )
    .option(
      '--threshold <number>',
      `${what}: whether output <number>, from 0, is within --at-least and --at-most`,
      whole('--threshold', 0),
    )
    .option('--at-least <value>', 'the least value that --threshold accepts', number('--at-least'))
    .option('--at-most <value>', 'the largest value that --threshold accepts', number('--at-most'));
}

/** The predicates; undefined where none was asked for. Errors: `OPTION_INVALID` for a threshold without a limit, or a limit alone. */
export function revealOf({
  argmax,
  class: of,
  threshold,
  atLeast,
  atMost,
}: RevealFlags): Reveal[] | undefined {
  const limits = { ...(atLeast !== undefined && { atLeast }), ...(atMost !== undefined && { atMost }) };
  if ((threshold === undefined) !== (Object.keys(limits).length === 0)) {
    throw new PotError('OPTION_INVALID', '--threshold goes with --at-least, --at-most or both', {
      details: { option: '--threshold' },
    });
  }
  const asked: Reveal[] = [
    ...(argmax ? ['argmax' as const] : []),
    ...(of !== undefined ? [{ class: of }] : []),
    ...(threshold !== undefined ? [{ output: threshold, ...limits } as Reveal] : []),
  ];
  return asked.length > 0 ? asked : undefined;
}
