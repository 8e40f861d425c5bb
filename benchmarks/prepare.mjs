// Plans a case and caches its reference string, so that making the string counts in nobody's memory or time.

import { developmentSrs } from '@proof-of-training/halo2-wasm/node';
import { planSpec } from '@proof-of-training/sgd-circuit';
import { loadEngine } from './engine.mjs';
import { constraintsOf, specFor } from './lib.mjs';

const [widths, options] = process.argv.slice(2).map((v) => JSON.parse(v));
const halo2 = await loadEngine('wasm');
const { spec } = planSpec(halo2, specFor(widths, options), constraintsOf(options));
await developmentSrs(halo2, spec.shape.k);
console.log(JSON.stringify({ k: spec.shape.k }));
