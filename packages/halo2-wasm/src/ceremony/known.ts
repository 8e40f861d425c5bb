/** A public ceremony that an SRS comes from. Whether any one participant was honest is its participants' word. */
export interface Ceremony {
  /** Stable, for programs. */
  id: 'ignition' | 'hermez';
  name: string;
  /** When, and with how many; or the files that it is known by. */
  about: string;
}

interface Known extends Ceremony {
  /** [tau]_2 as x.c0, x.c1, y.c0, y.c1: what no other ceremony's SRS can have. */
  tauG2: readonly [bigint, bigint, bigint, bigint];
}

/** docs and ceremony/README.md say where each [tau]_2 can be looked up. */
const KNOWN: readonly Known[] = [
  {
    id: 'ignition',
    name: 'Aztec Ignition',
    about: '2019-20, 176 participants',
    tauG2: [
      0x0118c4d5b837bcc2bc89b5b398b5974e9f5944073b32078b7e231fec938883b0n,
      0x260e01b251f6f1c7e7ff4e580791dee8ea51d87a358e038b4efe30fac09383c1n,
      0x22febda3c0c0632a56475b4214e5615e11e6dd3f96e6cea2854a87d4dacc5e55n,
      0x04fc6369f7110fe3d25156c1bb9a72859cf2a04641f99ba4ee413c80da6a5fe4n,
    ],
  },
  {
    id: 'hermez',
    name: 'Perpetual Powers of Tau (Hermez)',
    about: 'powersOfTau28_hez_final_*.ptau',
    tauG2: [
      0x30441fd1b5d3370482c42152a8899027716989a6996c2535bc9f7fee8aaef79en,
      0x26186a2d65ee4d2f9c9a5b91f86597d35f192cd120caf7e935d8443d1938e23dn,
      0x054793348f12c0cf5622c340573cb277586319de359ab9389778f689786b1e48n,
      0x1970ea81dd6992adfbc571effb03503adbbb6a857f578403c6c40e22d65b3c02n,
    ],
  },
];

/** The base field's modulus. */
const Q = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n;
const G2_BYTES = 128;

/**
 * The ceremony that an SRS is of, by its [tau]_2; undefined for any other SRS. Says nothing of the powers: call it for
 * an SRS that `srsInspect` has accepted, whose powers are then those of the tau behind [tau]_2.
 *
 * @param srs an SRS's bytes; they end with [tau]_2, coordinates in Montgomery form
 *
 * @example
 * const { bytes } = await ceremonySrs(await loadProver(), 12);
 * console.log(ceremonyOf(bytes)?.name); // Aztec Ignition
 */
export function ceremonyOf(srs: Uint8Array): Ceremony | undefined {
  if (srs.byteLength < G2_BYTES) return undefined;
  const tail = srs.subarray(srs.byteLength - G2_BYTES);
  const found = KNOWN.find(({ tauG2 }) => tauG2.every((c, i) => isMontgomery(tail, 32 * i, c)));
  return found && { id: found.id, name: found.name, about: found.about };
}

function isMontgomery(bytes: Uint8Array, at: number, value: bigint): boolean {
  let rest = (value << 256n) % Q;
  for (let i = 0; i < 32; i++, rest >>= 8n) if (bytes[at + i] !== Number(rest & 0xffn)) return false;
  return true;
}
