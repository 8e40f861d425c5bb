/**
 * Proofs an hour of a prover pool with so many WebAssembly workers of one thread each. Keys are made before the clock
 * starts, in every worker. node pool.mjs '[128,72,10]' '{"batch":8,"steps":1}' WORKERS PROOFS
 */
import { ProverPool } from '@proof-of-training/core';
import { developmentSrs } from '@proof-of-training/halo2-wasm/node';
import { loadEngine } from './engine.mjs';
import { publicInputs, windowCase } from './lib.mjs';

const [widths, options, workers, proofs] = process.argv.slice(2).map((v) => JSON.parse(v));
const halo2 = await loadEngine('wasm');
const c = await windowCase(halo2, widths, options);
const { spec, x, y, dataSalt } = c;
const srs = await developmentSrs(halo2, spec.shape.k);
const pool = await ProverPool.start({ srs: srs.bytes, workers, engine: 'wasm', threads: 1 });
const weights = (w, salt) => pool.run({ spec, kind: 'commitWeights', weights: w, salt });
const made = {
  before: await weights(c.w0, c.salt0),
  after: await weights(c.wK, c.saltK),
  data: await pool.run({ spec, kind: 'commitData', x, y, salt: dataSalt }),
};
const statement = publicInputs(c, {
  weightsIn: made.before.digest,
  weightsOut: made.after.digest,
  data: made.data.digest,
});
const task = {
  kind: 'window',
  spec,
  public: statement,
  before: c.w0,
  saltBefore: c.salt0,
  after: new BigInt64Array(0),
  saltAfter: c.saltK,
  x,
  y,
  dataSalt,
  points: { before: made.before.points, after: made.after.points, data: made.data.points },
};
const many = (n) => Promise.all(Array.from({ length: n }, () => pool.run(task)));

// Until every worker has its key: a round in which one of them worked twice is followed by another.
let keys = 0;
for (let round = 0; keys < workers && round < 5; round++) {
  keys += (await many(workers)).filter((r) => r.keygenMs > 0).length;
}
const start = performance.now();
const cpu = process.cpuUsage();
const results = await many(proofs);
const ms = performance.now() - start;
const { user, system } = process.cpuUsage(cpu);
await pool.close();
console.log(
  JSON.stringify({
    workers,
    proofs,
    ms,
    cpuMs: (user + system) / 1000,
    proofsPerHour: (proofs * 3_600_000) / ms,
    keygensInside: results.filter((r) => r.keygenMs > 0).length,
    proofMs: results.reduce((s, r) => s + r.ms, 0) / proofs,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  }),
);
