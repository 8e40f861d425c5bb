/**
 * Trains a network on handwritten digits with TensorFlow.js, proves every step while it trains, verifies the run from
 * its bundle alone, shows that altered bundles are refused, and proves what the trained model says of new images. With
 * `--chain`, takes the run to a local chain as one proof; with `--short`, trains on a quarter of the images.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  isPotError,
  parseTrainConfig,
  renderReport,
  trainRun,
  type VerificationReport,
  verifyTrainingRun,
} from '@proof-of-training/core';
import * as tf from '@tensorflow/tfjs';
import { answersChapter } from './answers.js';
import { demoArguments } from './arguments.js';
import { attack } from './attacks.js';
import { chainChapter, chainTeaser, requireChain } from './chain.js';
import { bar, line, Screen, title } from './screen.js';

const { dir: DIR, short, flags } = demoArguments('runs/digits', ['chain']);
const CHAIN = flags.chain ?? false;
/** A chain takes 2^20 points of one string: more than the powers of a ceremony that come with the library. */
const srs = CHAIN ? ({ srs: 'development' } as const) : {};
const accept = CHAIN ? { allowDevelopmentSrs: true } : {};

const config = parseTrainConfig({
  name: 'Handwritten digits',
  data: { digits: { train: short ? 512 : 2048, test: 1000, pool: true } },
  layers: [
    { units: 32, activation: 'relu' },
    { units: 10, activation: 'softmax' },
  ],
  loss: 'categoricalCrossentropy',
  learningRate: 0.15,
  batchSize: 8,
  window: 16,
  epochs: 1,
  seed: 1,
});

async function main(): Promise<void> {
  tf.enableProdMode();
  const begun = Date.now();
  if (CHAIN) await requireChain();
  rmSync(DIR, { recursive: true, force: true });
  mkdirSync(DIR, { recursive: true });

  title('1  Training on handwritten digits, every step proven');
  const screen = new Screen();
  let train = '';
  let prove = '';
  let steps = 0;
  let windows = 0;
  let proven = 0;
  let provingMs = 0;
  let loss = Number.NaN;
  let accuracy = 0;
  const draw = (force = false) => {
    train = `training ${bar(windows * config.window === 0 ? 0 : steps, windows * config.window)} step ${steps}/${windows * config.window}  loss ${loss.toFixed(3)}  accuracy ${(100 * accuracy).toFixed(1)} %`;
    prove = `proving  ${bar(proven, windows)} window ${proven}/${windows}  ${proven > 0 ? `${(provingMs / proven / 1000).toFixed(1)} s a proof` : ''}`;
    screen.show([train, prove], force);
  };
  const result = await trainRun(config, join(DIR, 'run'), {
    ...srs,
    onWarning: () => {},
    onPrepare: (what, done, total) =>
      screen.show([`${what} ${bar(done, total)} ${done}/${total}`, ''], done === total),
    onReady: (session, data) => {
      windows = session.windowsPerEpoch * (config.epochs ?? 1);
      screen.done();
      const layers = [data.inputs, ...config.layers.map((l) => l.units)].join('-');
      line(
        `network ${layers}, ${data.train.samples} images, ${windows * config.window} steps of ${config.batchSize}; dataset root ${session.run.datasetRoot.slice(0, 18)}…`,
      );
    },
    onStep: (report) => {
      steps = report.step + 1;
      loss = Number.isNaN(loss) ? report.loss : 0.9 * loss + 0.1 * report.loss;
      accuracy = steps === 1 ? report.accuracy : 0.9 * accuracy + 0.1 * report.accuracy;
      draw();
    },
    onProof: (event) => {
      if (event.window === undefined) return;
      proven++;
      provingMs += event.ms;
      draw();
    },
  });
  draw(true);
  const { bundle, testAccuracy, proofs } = result;
  line(`accuracy on ${result.data.test.samples} images it never saw: ${(100 * testAccuracy!).toFixed(1)} %`);
  const file = join(DIR, 'bundle.json');
  writeFileSync(file, `${JSON.stringify(bundle)}\n`);

  title('2  Verifying the run from its bundle alone: no weights, no data');
  const from = Date.now();
  const verification = await verifyTrainingRun(bundle, accept);
  for (const check of verification.checks.filter((c) => !/^proof \d/.test(c.name))) {
    line(`  ${check.ok ? 'ok  ' : 'FAIL'} ${check.name}: ${check.detail}`);
  }
  if (!verification.ok) throw new Error(`the run does not verify: ${verification.failure?.message}`);
  line(
    `  ok   ${bundle.windows.length} window proofs hold (${((Date.now() - from) / 1000).toFixed(1)} s in all)`,
  );

  title('3  Cheating with the same bundle');
  const attacks = await attack(bundle, accept);
  for (const { name, code, message } of attacks) line(`  refused  ${name}\n           ${message} [${code}]`);

  title('4  What has just been proven');
  explain(verification);
  const report = join(DIR, 'report.html');
  writeFileSync(
    report,
    renderReport({ bundle, verification, timings: proofs, testAccuracy: testAccuracy!, attacks }),
  );
  title('5  What the trained model says, proven too');
  const answers = await answersChapter(result, verification, DIR, accept);

  title('6  One proof of the run, on a chain');
  if (CHAIN) await chainChapter(bundle, join(DIR, 'chain'));
  else chainTeaser();
  line();
  line(`bundle  ${file}`);
  line(`answers ${answers}`);
  line(`report  ${report}`);
  line(`verify  npx --yes pnpm@12.21.0 pot verify ${file}${CHAIN ? ' --allow-development-srs' : ''}`);
  line(`took    ${((Date.now() - begun) / 1000).toFixed(0)} s`);
}

function explain({ proven, ceremony }: VerificationReport): void {
  if (!proven) return;
  line(
    `  Someone who holds the dataset behind ${proven.datasetRoot.slice(0, 18)}… and the first weights behind`,
  );
  line(
    `  ${proven.weightsBefore.slice(0, 18)}… trained ${proven.steps} SGD steps of ${proven.samplesPerStep} images at learning rate ${proven.learningRate},`,
  );
  line(
    `  each with exactly the batch that the schedule dictates, and got the ${proven.parameters} weights behind ${proven.weightsAfter.slice(0, 18)}….`,
  );
  line(`  First weights: ${proven.start === 'seed' ? 'of the public seed, made again here' : 'given'}.`);
  line(`  Order of the data: ${proven.order} (trainRun's option beacon).`);
  line(
    '  Every forward pass, gradient and update is covered, and the proofs show neither weights nor images.',
  );
  line('  Not proven: what the images are, or how accurate the model is.');
  line(
    ceremony
      ? `  The reference string is that of a public ceremony, ${ceremony.name} (${ceremony.about}): nobody knows its secret`
      : '  The reference string is the INSECURE development SRS, whose secret everybody knows: for a chain, a real',
  );
  line(
    ceremony
      ? '  unless all who took part worked together.'
      : '  proof needs a larger file of a ceremony (pot srs import).',
  );
}

main().then(
  () => process.exit(0),
  (e: unknown) => {
    console.error(isPotError(e) ? e.message : e);
    process.exit(1);
  },
);
