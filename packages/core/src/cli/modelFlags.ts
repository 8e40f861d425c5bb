import { PotError } from '@proof-of-training/halo2-wasm';
import { type ProfileName, profiles } from '@proof-of-training/sgd-circuit';
import type { Command } from 'commander';
import { number, oneOf, positive, text } from './flags.js';

/** Options that say how an ONNX model is read and rounded. */
export interface ModelFlags {
  output?: string;
  inputMin?: number;
  inputMax?: number;
  inputScale?: number;
  profile?: ProfileName;
}

/** Adds the options of {@link ModelFlags} to a command. */
export function modelOptions(command: Command): Command {
  return command
    .option(
      '--output <name>',
      'which output of the model; default: the only one that can be proven',
      text('--output'),
    )
    .option('--input-min <number>', 'smallest input that there will be', number('--input-min'))
    .option('--input-max <number>', 'largest input that there will be', number('--input-max'))
    .option(
      '--input-scale <number>',
      'number by which inputs are divided first; pot infer takes divided ones, --input-min and --input-max are of those before',
      positive('--input-scale'),
    )
    .option(
      '--profile <name>',
      `number format: ${Object.keys(profiles).join(', ')}`,
      oneOf('--profile', Object.keys(profiles) as ProfileName[]),
    );
}

/** What `commitModel` and `checkModel` take of them. Errors: `OPTION_INVALID`. */
export function formatOf({ inputMin, inputMax, inputScale, profile }: ModelFlags) {
  if ((inputMin === undefined) !== (inputMax === undefined)) {
    throw new PotError('OPTION_INVALID', '--input-min and --input-max belong together');
  }
  return {
    ...(inputMin !== undefined && inputMax !== undefined && { inputRange: [inputMin, inputMax] as const }),
    ...(inputScale !== undefined && { inputScale }),
    ...(profile && { profile }),
  };
}
