// An ES module in Node.
import { readFileSync } from 'node:fs';
import { verifyTrainingRun } from '@proof-of-training/verifier';

const read = (name) => JSON.parse(readFileSync(name, 'utf8'));
const [good, bad] = [
  await verifyTrainingRun(read('bundle.json')),
  await verifyTrainingRun(read('forged.json')),
];
if (!good.ok || bad.ok) throw new Error(`${good.ok}, ${bad.ok}: wanted true, false`);
