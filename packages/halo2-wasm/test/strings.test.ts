/** The ceremony's string in every size, bases that are kept, and files of ceremonies. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashOf } from '../src/ceremony/bytes.js';
import {
  ceremonyPowers,
  cutSrs,
  type Halo2,
  hasBasis,
  IGNITION,
  ignitionPowers,
  loadProver,
  powersAlone,
} from '../src/index.js';
import { ContentCache, ceremonySrs, developmentSrs, importSrs, inspectSrs, readSrs } from '../src/node.js';
import { arkworksOf, expand, negated, ptauOf, UNTOUCHED } from './helpers/ceremony.js';

const dir = mkdtempSync(join(tmpdir(), 'pot-strings-'));
const code = (expected: string) => expect.objectContaining({ code: expected });
let halo2: Halo2;
let raw: Buffer;
let files = 0;

const write = (content: Uint8Array) => {
  const path = join(dir, `file-${++files}`);
  writeFileSync(path, content);
  return path;
};
const imported = (content: Uint8Array, k = 5) => importSrs(halo2, write(content), k, dir);
const joined = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

beforeAll(async () => {
  halo2 = await loadProver();
  raw = expand(await ignitionPowers());
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('the string of the ceremony', () => {
  it('is, as powers alone, what the engine finds right and names', async () => {
    // A larger one first: smaller ones are cut from it.
    for (const k of [6, 3, 7]) {
      const srs = await ceremonyPowers(halo2, k);
      expect(hasBasis(srs.bytes)).toBe(false);
      expect(inspectSrs(halo2, srs.bytes)).toEqual(srs);
      expect(srs).toMatchObject({ k, hash: IGNITION.hash, development: false, ceremony: { id: 'ignition' } });
    }
  });

  it('has its Lagrange basis of every size, the same as a .ptau file of these powers gives', async () => {
    const srs = await ceremonySrs(halo2, 6, new ContentCache());
    expect(srs.bytes).toEqual(halo2.srsFromPtau(ptauOf(raw, IGNITION.k, 6), 6));
    expect(powersAlone(srs.bytes, 4)).toEqual((await ceremonyPowers(halo2, 4)).bytes);
  });

  it('ends at 2^14 rows, and says what to do for more', async () => {
    for (const get of [() => ceremonyPowers(halo2, 15), () => ceremonySrs(halo2, 15)]) {
      await expect(get()).rejects.toMatchObject({
        code: 'SRS_TOO_SMALL',
        hint: expect.stringContaining('pot srs import'),
      });
    }
  });
});

describe('a cached basis', () => {
  const objects = (directory: string) => readdirSync(join(directory, 'objects'));

  it('is made once, and found by another process by hash and k', async () => {
    const directory = mkdtempSync(join(dir, 'cache-'));
    const first = await ceremonySrs(halo2, 5, new ContentCache({ directory }));
    const cache = new ContentCache({ directory });
    expect(await ceremonySrs(halo2, 5, cache)).toEqual(first);
    expect([cache.hits, cache.misses]).toEqual([1, 0]);
    // Any string of this ceremony shares it.
    const large = await ceremonyPowers(halo2, 7);
    expect(await cutSrs(halo2, large, 5, cache)).toEqual(first);
    expect(cache.misses).toBe(0);
  });

  it('is made again where a byte is altered, and where it is another string, whole and right in itself', async () => {
    const directory = mkdtempSync(join(dir, 'cache-'));
    const first = await ceremonySrs(halo2, 5, new ContentCache({ directory }));
    const path = join(directory, 'objects', objects(directory)[0]!);
    const bytes = readFileSync(path);
    bytes[200]! ^= 1;
    writeFileSync(path, bytes);
    expect(await ceremonySrs(halo2, 5, new ContentCache({ directory }))).toEqual(first);

    const foreign = await developmentSrs(halo2, 5, new ContentCache());
    for (const content of [foreign.bytes, powersAlone(first.bytes, 5), first.bytes.slice(1)]) {
      const poisoned = mkdtempSync(join(dir, 'cache-'));
      await new ContentCache({ directory: poisoned }).getOrMake(`srs/${IGNITION.hash}/5`, () => content);
      const cache = new ContentCache({ directory: poisoned });
      expect(await ceremonySrs(halo2, 5, cache)).toEqual(first);
      expect(cache.misses).toBe(1);
    }
  });

  it("is not kept under a hash that a string claims for itself: its bytes' own decides", async () => {
    const cache = new ContentCache();
    const development = await developmentSrs(halo2, 6, cache);
    const lying = { ...development, hash: IGNITION.hash, development: false };
    expect(await cutSrs(halo2, lying, 5, cache)).toMatchObject({ development: true });
    expect(await ceremonySrs(halo2, 5, cache)).toMatchObject({ hash: IGNITION.hash, development: false });
  });
});

describe('the bytes of a string', () => {
  it('have the hash that the engine computes', async () => {
    for (const srs of [await developmentSrs(halo2, 4), await ceremonyPowers(halo2, 4)]) {
      expect(await hashOf(srs.bytes)).toBe(srs.hash);
    }
  });

  it('are refused where their length fits no string', () => {
    const whole = halo2.srsDevelopment(3);
    for (const bytes of [
      new Uint8Array(),
      new Uint8Array(3),
      whole.subarray(1),
      joined(whole, Uint8Array.of(0)),
    ]) {
      expect(() => powersAlone(bytes, 3)).toThrow(code('SRS_INVALID'));
      expect(() => hasBasis(bytes)).toThrow(code('SRS_INVALID'));
    }
  });
});

describe("a ceremony's file", () => {
  const forms = (): [string, Uint8Array][] => [
    ['.ptau', ptauOf(raw, IGNITION.k, 6)],
    ["arkworks's", arkworksOf(raw, 40)],
  ];

  it('is imported whatever its form, with the same string and basis', async () => {
    const expected = await ceremonySrs(halo2, 5, new ContentCache());
    for (const [, file] of [...forms(), ['compressed', await ignitionPowers()] as const]) {
      const { path, ...srs } = await imported(file);
      expect(srs).toEqual(expected);
      expect(await readSrs(halo2, path, IGNITION.hash)).toEqual(expected);
    }
  });

  it('is refused with bytes behind its end, cut, with too few powers, and with a wrong point', async () => {
    for (const [form, file] of forms()) {
      const wrong = file.slice();
      // In the middle of the powers.
      wrong[Math.floor(file.length / 3)]! ^= 1;
      for (const bad of [joined(file, Uint8Array.of(0)), file.slice(0, -1), wrong]) {
        await expect(imported(bad), form).rejects.toThrow(code('SRS_INVALID'));
      }
      for (const k of [0, 8, 23]) await expect(imported(file, k), form).rejects.toThrow(code('SRS_INVALID'));
    }
    for (const nothing of [new Uint8Array(), new Uint8Array(1000), Buffer.from('ptau')]) {
      await expect(imported(nothing)).rejects.toThrow(code('SRS_INVALID'));
    }
    await expect(importSrs(halo2, join(dir, 'none'), 5, dir)).rejects.toThrow(code('SRS_FILE'));
  });

  it('is refused where nobody contributed (tau is 1), and where everyone knows tau (-1)', async () => {
    for (const powers of [UNTOUCHED, negated(UNTOUCHED)]) {
      for (const file of [ptauOf(powers, 6, 6), arkworksOf(powers, 64)]) {
        await expect(imported(file)).rejects.toThrow(code('SRS_SECRET_KNOWN'));
      }
    }
  });
});
