import {
  pin,
  readJsonFile,
  readProofFile,
  requireWritable,
  rowsOf,
  writeTogether,
} from '@proof-of-training/core/cli';
import { PotError } from '@proof-of-training/halo2-wasm';
import type { Command } from 'commander';
import { registryArtifact } from '../contracts/artifact.js';
import { deploymentAddress } from '../contracts/deploy.js';
import { DRAW_LIMITS } from '../draws/rule.js';
import { discloseSamples, makeTestSet, readTestSet, summaryOfTestSet } from '../draws/testSet.js';
import type { Draw, DrawTerms } from '../draws/types.js';
import { drawCheckCommand } from './drawCheck.js';
import {
  type DrawFlags,
  drawOptions,
  print,
  reading,
  type SendFlags,
  sending,
  sendOptions,
} from './drawOptions.js';
import { address, text, whole } from './values.js';

/** `pot draw`: evaluations on samples that a block draws. */
export function drawCommand(program: Command): void {
  const draw = program
    .command('draw')
    .description('evaluate a model on samples of a test set that a block of a chain draws afterwards');
  testSetCommand(draw);
  registerCommand(draw);
  requestCommand(draw);
  showCommand(draw);
  samplesCommand(draw);
  answerCommand(draw);
  drawCheckCommand(draw);
}

function testSetCommand(draw: Command): void {
  draw
    .command('test-set')
    .description('make a file of a test set that can be registered: keep it, secret')
    .requiredOption('--inputs <file>', 'JSON: an array of rows of numbers', text('--inputs'))
    .requiredOption('--labels <file>', 'JSON: of each row the output that is right, from 0', text('--labels'))
    .requiredOption('-o, --out <file>', 'file to write', text('--out'))
    .option('--json', 'print JSON')
    .action(async (flags: { inputs: string; labels: string; out: string; json?: boolean }) => {
      await requireWritable([flags.out], [flags.inputs, flags.labels]);
      const labels = (await readJsonFile(flags.labels)) as number[];
      const testSet = makeTestSet({ inputs: await rowsOf(flags.inputs), labels });
      // Another secret would be another root: a set that was registered is not written over.
      await writeTogether([
        { path: flags.out, text: `${JSON.stringify(testSet)}\n`, mode: 0o600, fresh: true },
      ]);
      print({ testSet: flags.out, ...summaryOfTestSet(testSet) }, flags);
    });
}

function registerCommand(draw: Command): void {
  const command = draw
    .command('register')
    .description('register a test set on a chain: its root, and how many samples it has')
    .argument('<file>', 'what pot draw test-set wrote');
  sendOptions(command).action(async (path: string, flags: SendFlags) => {
    const summary = summaryOfTestSet(readTestSet(await readJsonFile(path)));
    await sending(flags, async (draws) => {
      const { value, already } = await draws.registerTestSet(summary);
      print({ ...value, already }, flags);
    });
  });
}

function requestCommand(draw: Command): void {
  const command = draw
    .command('request')
    .description('name a model, and ask for samples of a registered test set: the next block draws them')
    .requiredOption('--test-set <id>', 'the registered test set', pin('--test-set'))
    .requiredOption('--model <digest>', "digest of the model's weights", pin('--model'))
    .requiredOption('--samples <number>', 'how many', whole('--samples', 1, DRAW_LIMITS.samples))
    .requiredOption(
      '--window <blocks>',
      'blocks in which the evaluation is taken',
      whole('--window', 1, DRAW_LIMITS.window),
    )
    .option('--run-id <id>', 'the anchored run that ended with these weights', pin('--run-id'))
    .option(
      '--registry <address>',
      'its registry; default: the address that follows from its code',
      address('--registry'),
    );
  type Flags = SendFlags & Omit<DrawTerms, 'run'> & { runId?: string; registry?: string };
  sendOptions(command).action(async (flags: Flags) => {
    const { testSet, model, samples, window, runId } = flags;
    if (runId === undefined && flags.registry !== undefined) {
      throw new PotError('OPTION_INVALID', '--registry is about the run: give --run-id too');
    }
    const registry = flags.registry ?? deploymentAddress(registryArtifact.bytecode);
    const terms = { testSet: testSet, model: model, samples, window };
    await sending(flags, async (draws) => {
      const run = runId === undefined ? {} : { run: { registry, runId: runId } };
      const { value, already } = await draws.request({ ...terms, ...run });
      print({ ...linesOf(value), already }, flags);
    });
  });
}

function showCommand(draw: Command): void {
  const command = draw
    .command('show')
    .description('show a draw: its samples, and what its proofs are bound to')
    .argument('<draw>', 'id of the draw', pin('draw'))
    .option('--fix', 'wait for the block, and fix on the chain what it draws: once, within 256 blocks')
    .option(
      '--confirmations <number>',
      'blocks until it counts, with --fix',
      whole('--confirmations', 1),
      12,
    );
  drawOptions(command).action(async (id: string, flags: SendFlags & { fix?: boolean }) => {
    if (flags.fix) {
      await sending(flags, async (draws) => print(linesOf(await draws.fix(id)), flags));
    } else {
      await reading(flags, async (draws) => print(linesOf(await draws.known(id)), flags));
    }
  });
}

function samplesCommand(draw: Command): void {
  const command = draw
    .command('samples')
    .description("show the drawn samples to whoever proves and verifies: for the test set's owner")
    .argument('<draw>', 'id of the draw', pin('draw'))
    .argument('<file>', 'what pot draw test-set wrote')
    .requiredOption(
      '-o, --out <file>',
      'file to write: samples, and that they are the drawn ones',
      text('--out'),
    )
    .option('--inputs <file>', 'write their inputs too, for pot evaluate', text('--inputs'))
    .option('--labels <file>', 'write their labels too, for pot evaluate', text('--labels'));
  type Flags = DrawFlags & { out: string; inputs?: string; labels?: string };
  drawOptions(command).action(async (id: string, path: string, flags: Flags) => {
    const outs = [flags.out, flags.inputs, flags.labels].filter((p) => p !== undefined);
    await requireWritable(outs, [path]);
    const testSet = readTestSet(await readJsonFile(path));
    await reading(flags, async (draws) => {
      const { fixed, testSet: set } = await draws.known(id);
      if (!fixed) throw new PotError('DRAW_TOO_EARLY', 'nobody has fixed what is drawn');
      if ((await draws.contract.testSet(set))?.root !== summaryOfTestSet(testSet).root) {
        throw new PotError('DRAW_SAMPLES', 'the draw is from another test set than this file');
      }
      const shown = discloseSamples(testSet, fixed.indices);
      const json = (value: unknown) => `${JSON.stringify(value)}\n`;
      await writeTogether([
        { path: flags.out, text: json(shown) },
        ...(flags.inputs ? [{ path: flags.inputs, text: json(shown.samples.map((s) => s.inputs)) }] : []),
        ...(flags.labels ? [{ path: flags.labels, text: json(shown.samples.map((s) => s.label)) }] : []),
      ]);
      print({ samples: flags.out, count: fixed.indices.length, context: fixed.context }, flags);
    });
  });
}

function answerCommand(draw: Command): void {
  const command = draw
    .command('answer')
    .description(
      'register the evaluation of the drawn samples, in its window (nothing of it is verified there)',
    )
    .argument('<draw>', 'id of the draw', pin('draw'))
    .argument('<files...>', 'proofs of pot evaluate, in the order of the samples');
  sendOptions(command).action(async (id: string, paths: string[], flags: SendFlags) => {
    const files = await Promise.all(paths.map(readProofFile));
    await sending(flags, async (draws) => {
      const { value, already } = await draws.answer(id, files);
      print({ ...linesOf(value), already }, flags);
    });
  });
}

function linesOf({ id, run, fixed, answer, ...rest }: Draw): Record<string, unknown> {
  const { blockHash, seed, context, indices } = fixed ?? {};
  return {
    draw: id,
    ...rest,
    ...run,
    ...(fixed && { blockHash, seed, context, indices }),
    ...(answer && { evaluation: answer.evaluation, answeredBlock: answer.block }),
  };
}
