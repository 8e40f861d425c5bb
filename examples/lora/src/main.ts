/**
 * Trains a network on the digits 0 to 4, fine-tunes it with adapters on 5 to 9 and proves every step of that, verifies
 * the run from its bundle and the base, cheats, writes the adapters as Python's `peft` does, and checks that file
 * against the run. With `--short`, fewer steps.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  baseDigest,
  isPotError,
  loadDigits,
  type VerificationReport,
  verifyTrainingRun,
} from '@proof-of-training/core';
import * as tf from '@tensorflow/tfjs';
import { demoArguments } from 'example-digits/arguments';
import { bar, line, Screen, title } from 'example-digits/screen';
import { checkAdapter, writeAdapter } from './adapterFile.js';
import { attack } from './attacks.js';
import { altered, pretrain } from './base.js';
import { accuracy, type Images, only } from './digits.js';
import { type FineTuned, fineTune } from './fineTune.js';
import { DEMO as FULL, SHORT } from './settings.js';

const { dir: DIR, short: shortened } = demoArguments('runs/lora');
const DEMO = shortened ? SHORT : FULL;
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const short = (digest: string) => `${digest.slice(0, 18)}…`;

async function main(): Promise<void> {
  tf.enableProdMode();
  const begun = Date.now();
  rmSync(DIR, { recursive: true, force: true });
  mkdirSync(DIR, { recursive: true });
  const { train, test } = loadDigits({
    train: DEMO.train,
    test: DEMO.test,
    pool: DEMO.pool,
    seed: DEMO.seed,
  });
  const sets = {
    known: { train: only(train, [0, 1, 2, 3, 4]), test: only(test, [0, 1, 2, 3, 4]) },
    fresh: { train: only(train, [5, 6, 7, 8, 9]), test: only(test, [5, 6, 7, 8, 9]) },
  };

  title('1  A base: trained on the digits 0 to 4, in float32, nothing proven');
  const screen = new Screen();
  const base = await pretrain(DEMO, sets.known.train, (done) =>
    screen.show([`pre-training ${bar(done, DEMO.epochs)} epoch ${done}/${DEMO.epochs}`], true),
  );
  screen.done();
  line(`accuracy on digits 0 to 4 that it never saw: ${percent(accuracy(base, sets.known.test))}`);
  const before = accuracy(base, sets.fresh.test);
  line(`accuracy on digits 5 to 9: ${percent(before)}`);

  title('2  Adapters trained on the digits 5 to 9, every step proven, the base frozen');
  const tuned = await shown(base, sets.fresh.train);
  line(
    `accuracy on ${sets.fresh.test.samples} images of 5 to 9 that it never saw: ${percent(before)} before, ${percent(accuracy(tuned.model, sets.fresh.test))} after`,
  );
  const { bundle, opening } = tuned;
  const files = {
    bundle: join(DIR, 'bundle.json'),
    opening: join(DIR, 'opening.json'),
    adapter: join(DIR, 'adapter'),
  };
  writeFileSync(files.bundle, `${JSON.stringify(bundle)}\n`);
  writeFileSync(files.opening, `${JSON.stringify(opening)}\n`, { mode: 0o600 });

  title('3  Verifying the run from its bundle and the base: no adapters, no data');
  const own = await baseDigest(base, bundle.run);
  const from = Date.now();
  const verification = await verifyTrainingRun(bundle, { expected: { base: own } });
  for (const check of verification.checks.filter((c) => !/^proof \d/.test(c.name))) {
    line(`  ${check.ok ? 'ok  ' : 'FAIL'} ${check.name}: ${check.detail}`);
  }
  if (!verification.ok) throw new Error(`the run does not verify: ${verification.failure?.message}`);
  line(
    `  ok   ${bundle.windows.length} window proofs hold (${((Date.now() - from) / 1000).toFixed(1)} s in all)`,
  );
  line(`  ok   the base is the one of part 1: its digest, computed anew, is ${short(own)}`);

  title('4  The adapters as files that Python reads, checked against the run');
  await writeAdapter(files.adapter, tuned);
  const checked = await checkAdapter(files.adapter, tuned, own);
  for (const check of checked.checks.slice(verification.checks.length)) {
    line(`  ${check.ok ? 'ok  ' : 'FAIL'} ${check.name}: ${check.detail}`);
  }
  if (!checked.ok) throw new Error(`the adapter file is not the run's: ${checked.failure?.message}`);

  title('5  Cheating with the same bundle and file');
  const other = await baseDigest(await altered(DEMO, base), bundle.run);
  for (const { name, code, message } of await attack(tuned, files.adapter, own, other)) {
    line(`  refused  ${name}\n           ${message} [${code}]`);
  }

  title('6  What has just been proven');
  explain(verification);
  line();
  line(`bundle   ${files.bundle}`);
  line(`adapter  ${files.adapter}/adapter_model.safetensors, adapter_config.json`);
  line(`verify   npx --yes pnpm@12.21.0 pot verify ${files.bundle} --base ${own}`);
  line(
    `check    npx --yes pnpm@12.21.0 pot adapter check ${files.adapter} --bundle ${files.bundle} --opening ${files.opening} --base ${own}`,
  );
  line(`took     ${((Date.now() - begun) / 1000).toFixed(0)} s`);
}

/** Fine-tunes with two bars: steps taken, windows proven. */
async function shown(base: tf.LayersModel, images: Images): Promise<FineTuned> {
  const screen = new Screen();
  const windows = DEMO.steps / DEMO.window;
  let steps = 0;
  let proven = 0;
  let provingMs = 0;
  let loss = Number.NaN;
  let hits = 0;
  const draw = (force = false) => {
    const train = `training ${bar(steps, DEMO.steps)} step ${steps}/${DEMO.steps}  loss ${loss.toFixed(3)}  accuracy ${percent(hits)}`;
    const prove = `proving  ${bar(proven, windows)} window ${proven}/${windows}  ${proven > 0 ? `${(provingMs / proven / 1000).toFixed(1)} s a proof` : ''}`;
    screen.show([train, prove], force);
  };
  const tuned = await fineTune(base, images, join(DIR, 'run'), DEMO, {
    onPrepare: (what, done, total) =>
      screen.show([`${what} ${bar(done, total)} ${done}/${total}`, ''], done === total),
    onReady: ({ run }) => {
      screen.done();
      const layers = [run.spec.layers[0]!.inputs, ...run.spec.layers.map((l) => l.outputs)].join('-');
      line(
        `network ${layers}, adapters of rank ${DEMO.rank}, ${images.samples} images, ${DEMO.steps} steps of ${DEMO.batchSize}; base ${short(run.base!)}`,
      );
    },
    onStep: (report) => {
      steps = report.step + 1;
      loss = Number.isNaN(loss) ? report.loss : 0.9 * loss + 0.1 * report.loss;
      hits = steps === 1 ? report.accuracy : 0.9 * hits + 0.1 * report.accuracy;
      draw();
    },
    onProof: ({ window, ms }) => {
      if (window === undefined) return;
      proven++;
      provingMs += ms;
      draw();
    },
  });
  draw(true);
  return tuned;
}

function explain({ proven, ceremony }: VerificationReport): void {
  if (!proven?.lora?.base) throw new Error('a verified run with adapters says what was proven');
  const { base } = proven.lora;
  line(`  Someone who holds the dataset behind ${short(proven.datasetRoot)} and the first adapters behind`);
  line(
    `  ${short(proven.weightsBefore)} trained ${proven.steps} SGD steps of ${proven.samplesPerStep} images at learning rate ${proven.learningRate}`,
  );
  line(
    `  over the base with digest ${short(base.digest)}, whose ${base.parameters} numbers were the same in every step, and got`,
  );
  line(
    `  the ${proven.parameters} numbers of the adapters behind ${short(proven.weightsAfter)}. Those in the adapter file are these.`,
  );
  line(
    '  Every forward pass through base and adapters, gradient and update is covered. The base is public: whoever has it',
  );
  line(
    '  computes its digest. The proofs show neither adapters nor images; the opening that the file was checked with',
  );
  line('  shows the adapters, and is for those who get the file.');
  line(
    '  Not proven: how the base was made (part 1 could be anything), what the images are, how accurate the model is,',
  );
  line(
    `  or that fine-tuning kept what the base could do. The reference string is that of a ceremony, ${ceremony?.name}.`,
  );
}

main().then(
  () => process.exit(0),
  (e: unknown) => {
    console.error(isPotError(e) ? e.message : e);
    process.exit(1);
  },
);
