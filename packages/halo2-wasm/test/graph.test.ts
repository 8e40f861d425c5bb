/** Graphs through the engine: planned, run, proven, verified; arguments that are wrong are refused before the engine sees them. */
import { beforeAll, expect, it } from 'vitest';
import { type Halo2, loadProver } from '../src/index.js';

const ZERO = `0x${'0'.repeat(64)}`;
/** y = round(x w), the weight of a factor to be chosen. */
const GRAPH =
  '{"version":1,"limbBits":6,"tableBits":6,"tensors":[{"name":"x","role":"data","shape":[1,2],"bits":6},' +
  '{"name":"w","role":"trained","shape":[1,2],"bits":24}],"nodes":[{"name":"raw","op":"matmul","inputs":["x","w"],' +
  '"attributes":{"transposeA":false,"transposeB":true}},{"name":"y","op":"round","inputs":["raw"],' +
  '"attributes":{"bits":6,"gradientBits":10,"range":"half"}}],"outputs":["y"]}';
const TENSORS = BigInt64Array.of(32n, 16n, 1n << 23n, 1n << 24n);
const salt = (byte: number) => new Uint8Array(32).fill(byte);

let halo2: Halo2;
let settings: string;
beforeAll(async () => {
  halo2 = await loadProver({ engine: 'wasm' });
  settings = halo2.planGraph(GRAPH, '{"kind":"infer","weights":"graph"}');
});

it('plans, runs, proves and verifies a graph', () => {
  expect(JSON.parse(halo2.graphSchema()).version).toBe(1);
  // 0.5 x 0.5 + 0.25 x 1
  expect(halo2.runGraph(GRAPH, TENSORS)).toEqual(BigInt64Array.of(32n));
  const { k } = JSON.parse(settings).shape;
  const prover = halo2.graphProver(halo2.srsDevelopment(k), GRAPH, settings);
  const info = prover.info();
  expect(info).toMatchObject({
    k,
    kind: 'infer',
    maxUses: 21,
    outputs: [{ name: 'y', shape: [1, 1], bits: 6 }],
  });
  expect(info.tensors.map(({ name, role }) => [name, role])).toEqual([
    ['x', 'data'],
    ['w', 'trained'],
  ]);
  const witness = { tensors: TENSORS, weightsSalt: salt(1), inputsSalt: salt(2) };
  const { statement, proof } = prover.prove({ context: ZERO }, witness);
  const bytes = new Uint8Array(Buffer.from(proof, 'base64url'));
  prover.verify(JSON.stringify(statement), bytes);
  expect(statement).toMatchObject({
    outputs: { public: [[32]] },
    inputs: { committed: prover.digest('inputs', TENSORS.slice(0, 2), salt(2)) },
    weights: prover.digest('weights', TENSORS.slice(2), salt(1)),
  });
  expect(prover.keygen()).toBe(prover.vkDigest());
  const lie = { ...(statement as object), outputs: { public: [[33]] } };
  expect(() => prover.verify(JSON.stringify(lie), bytes)).toThrow(/VERIFY_DIGEST/);
  expect(() => prover.prove({ context: ZERO, uses: { weights: 21 } }, witness)).toThrow(/SALT_EXHAUSTED/);
  prover.free();
});

it('refuses arguments that are wrong', () => {
  const srs = halo2.srsDevelopment(7);
  const prover = halo2.graphProver(srs, GRAPH, settings);
  const wrong = [
    () => halo2.graphProver('srs' as never, GRAPH, settings),
    () => halo2.graphProver(srs, '', settings),
    () => halo2.graphProver(srs, GRAPH, 3 as never),
    () => halo2.planGraph('', '{}'),
    () => halo2.denseInference(undefined as never),
    () => halo2.runGraph(GRAPH, [1n] as never),
    () => prover.digest('weights', [1n] as never),
    () => prover.digest('bias' as never, TENSORS),
    // An empty salt would show the weights to whoever has them.
    () => prover.prove({ context: ZERO }, { tensors: TENSORS, weightsSalt: new Uint8Array() }),
    () => prover.prove({ context: ZERO }, { tensors: TENSORS, weightsSalt: 'secret' as never }),
    () => prover.prove({ context: ZERO }, { tensors: new Float64Array(4) as never }),
  ];
  for (const call of wrong) expect(call, call.toString()).toThrow(/OPTION_INVALID/);
  expect(() => halo2.graphProver(srs, GRAPH, `${settings} `)).toThrow(/SPEC_INVALID/);
  expect(() => halo2.graphProver(srs, GRAPH.replace('"y"', '"w"'), settings)).toThrow(/GRAPH_INVALID/);
  expect(() => halo2.graphProver(srs, GRAPH, settings, { threads: -1 })).toThrow(/THREADS_UNAVAILABLE/);
  prover.free();
});
