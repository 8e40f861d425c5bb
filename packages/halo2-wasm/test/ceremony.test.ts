/** The powers that come with the package are those of the ceremony that they are said to be of. */
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { ceremonyOf, type Halo2, IGNITION, ignitionPowers, loadProver } from '../src/index.js';
import { developmentSrs, inspectSrs } from '../src/node.js';
import { expand, ptauOf, Q } from './helpers/ceremony.js';

/** Of the uncompressed powers, as published beside their origin (ceremony/README.md). */
const RAW_SHA256 = 'db67a8d1fbd55915f0e5864da0a2c658f4349b7f955754c3e80d3d67a5e2fd0a';
const TAU_G2 = [
  0x0118c4d5b837bcc2bc89b5b398b5974e9f5944073b32078b7e231fec938883b0n,
  0x260e01b251f6f1c7e7ff4e580791dee8ea51d87a358e038b4efe30fac09383c1n,
  0x22febda3c0c0632a56475b4214e5615e11e6dd3f96e6cea2854a87d4dacc5e55n,
  0x04fc6369f7110fe3d25156c1bb9a72859cf2a04641f99ba4ee413c80da6a5fe4n,
];

let raw: Buffer;
let halo2: Halo2;

beforeAll(async () => {
  halo2 = await loadProver();
  raw = expand(await ignitionPowers());
});

describe('the powers of Ignition', () => {
  it('expand to the uncompressed file, byte by byte', () => {
    expect(raw.length).toBe(64 * IGNITION.powers + 256);
    expect(createHash('sha256').update(raw).digest('hex')).toBe(RAW_SHA256);
  });

  it('begin with the generator, and have the [tau]_2 that others publish', () => {
    const number = (at: number) =>
      BigInt(
        `0x${Buffer.from(raw.subarray(at, at + 32))
          .reverse()
          .toString('hex')}`,
      );
    expect([number(0), number(32)]).toEqual([1n, 2n]);
    expect([0, 32, 64, 96].map((i) => number(raw.length - 128 + i))).toEqual(TAU_G2);
    for (const c of TAU_G2) expect(c < Q).toBe(true);
  });

  it('are powers of one tau by the pairings of an import, and named by their [tau]_2', () => {
    const srs = inspectSrs(halo2, halo2.srsFromPtau(ptauOf(raw, IGNITION.k, 6), 6));
    expect(srs).toMatchObject({ k: 6, hash: IGNITION.hash, development: false });
    expect(srs.ceremony).toEqual({
      id: 'ignition',
      name: 'Aztec Ignition',
      about: '2019-20, 176 participants',
    });
  });

  it('are refused by an import where one is another point of the curve', () => {
    const altered = Buffer.from(raw);
    // The next power is on the curve too, and in the group.
    raw.copy(altered, 64 * 5, 64 * 6, 64 * 7);
    expect(() => halo2.srsFromPtau(ptauOf(altered, IGNITION.k, 6), 6)).toThrow(/consecutive powers/);
  });
});

describe('the name of a ceremony', () => {
  it('is not given to another string, nor to one byte less or a changed one', async () => {
    const development = await developmentSrs(halo2, 6);
    expect(development.ceremony).toBeUndefined();
    const { bytes } = inspectSrs(halo2, halo2.srsFromPtau(ptauOf(raw, IGNITION.k, 6), 6));
    expect(ceremonyOf(bytes)?.id).toBe('ignition');
    expect(ceremonyOf(bytes.subarray(1, bytes.length - 1))).toBeUndefined();
    for (const back of [1, 40, 70, 128]) {
      const changed = bytes.slice();
      changed[changed.length - back]! ^= 1;
      expect(ceremonyOf(changed)).toBeUndefined();
    }
    expect(ceremonyOf(new Uint8Array())).toBeUndefined();
  });

  /** `X_2` of the verification keys that snarkjs makes from powersOfTau28_hez_final_*.ptau. */
  const HERMEZ = [
    21831381940315734285607113342023901060522397560371972897001948545212302161822n,
    17231025384763736816414546592865244497437017442647097510447326538965263639101n,
    2388026358213174446665280700919698872609886601280537296205114254867301080648n,
    11507326595632554467052522095592665270651932854513688777769618397986436103170n,
  ] as const;

  it('is Hermez for the [tau]_2 of its verification keys, a point of the curve', () => {
    const bytes = Buffer.concat(HERMEZ.map((c) => littleEndian((c << 256n) % Q)));
    expect(ceremonyOf(bytes)).toMatchObject({ id: 'hermez', name: 'Perpetual Powers of Tau (Hermez)' });
    // y^2 = x^3 + 3 / (9 + u), multiplied by 9 + u.
    const [x, y]: Fq2[] = [
      [HERMEZ[0], HERMEZ[1]],
      [HERMEZ[2], HERMEZ[3]],
    ];
    const [left, right] = [times(y!, y!), times(times(x!, x!), x!)];
    const scaled = times([left[0] - right[0], left[1] - right[1]], [9n, 1n]);
    expect([modulo(scaled[0]), modulo(scaled[1])]).toEqual([3n, 0n]);
  });
});

type Fq2 = [bigint, bigint];
const modulo = (x: bigint): bigint => ((x % Q) + Q) % Q;
const times = (a: Fq2, b: Fq2): Fq2 => [modulo(a[0] * b[0] - a[1] * b[1]), modulo(a[0] * b[1] + a[1] * b[0])];
const littleEndian = (x: bigint): Buffer => Buffer.from(x.toString(16).padStart(64, '0'), 'hex').reverse();
