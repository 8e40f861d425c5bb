import type { LimitOptions } from '@proof-of-training/verifier';
import type { Command } from 'commander';
import { positive, whole } from './flags.js';

/** Options that say how coarse a proof may be. */
export interface LimitFlags {
  maxTolerance?: number;
  minWeightBits?: number;
  minBaseBits?: number;
  minActivationBits?: number;
}

/** The same for the functions that verify. */
export function limitsOf(flags: LimitFlags): LimitOptions {
  const { maxTolerance, minWeightBits: weights, minBaseBits: base, minActivationBits: activations } = flags;
  const minPrecision = {
    ...(weights !== undefined && { weights }),
    ...(base !== undefined && { base }),
    ...(activations !== undefined && { activations }),
  };
  return { ...(maxTolerance !== undefined && { maxTolerance }), minPrecision };
}

/** Adds the options of {@link LimitFlags} to a command. */
export function limitOptions(command: Command): Command {
  return command
    .option(
      '--max-tolerance <number>',
      'the largest tolerance that you accept, in weight units',
      positive('--max-tolerance'),
    )
    .option(
      '--min-weight-bits <number>',
      'the fewest fractional bits of weights',
      whole('--min-weight-bits', 0, 64),
    )
    .option(
      '--min-base-bits <number>',
      'the fewest fractional bits of a frozen base',
      whole('--min-base-bits', 0, 64),
    )
    .option(
      '--min-activation-bits <number>',
      'the fewest fractional bits of activations',
      whole('--min-activation-bits', 0, 64),
    );
}
