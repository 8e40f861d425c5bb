/**
 * The contract that the on-chain wrapper's key generates, on a real Anvil, with a real wrapping: an inner proof with an
 * accumulator of its own, verified inside a circuit (packages/aggregator/rust: `--example evm` made the fixture).
 */
import { readFileSync } from 'node:fs';
import {
  concat,
  getBytes,
  hexlify,
  JsonRpcProvider,
  keccak256,
  type Signer,
  toBeHex,
  toQuantity,
} from 'ethers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileVerifier, MAX_CODE_BYTES } from '../scripts/solc.mjs';
import { type Anvil, startAnvil } from '../src/anvil/index.js';
import { callAll } from './helpers/calls.js';
import { withWord, wordOf } from './helpers/fixtures.js';

const file = (name: string) => readFileSync(new URL(`./fixtures/wrapper/${name}`, import.meta.url), 'utf8');
const solidity = file('Verifier.sol');
/** snark-verifier's own text, from which ours is written. */
const generated = file('Generated.sol');
const wrapped = JSON.parse(file('wrapped.json')) as {
  instances: string[];
  proofBytes: number;
  calldata: string;
};
const recorded = JSON.parse(file('contract.json')) as {
  codeBytes: number;
  codeHash: string;
  deploymentGas: number;
  gas: { total: number; calldata: number; execution: number };
};

const SCALAR = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n;
const BASE = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n;
const LIMBS = 12;
const words = (wrapped.calldata.length - 2) / 64;
const instances = wrapped.instances.length;
/** The two points that a proof ends with. */
const lastPoints = words - 4;

let anvil: Anvil;
let provider: JsonRpcProvider;
let signer: Signer;
let verifier: string;
const contract = compileVerifier(solidity);

beforeAll(async () => {
  anvil = await startAnvil();
  provider = new JsonRpcProvider(anvil.url);
  signer = await provider.getSigner(0);
  const receipt = (await (await signer.sendTransaction({ data: contract.bytecode })).wait())!;
  verifier = receipt.contractAddress!;
  there.set(solidity, Promise.resolve(verifier));
  expect(Number(receipt.gasUsed)).toBe(recorded.deploymentGas);
});

afterAll(async () => {
  provider?.destroy();
  await anvil?.stop();
});

/** The words of a proof that are a point's x: those that satisfy the curve's equation with the next. */
function pointsOf(calldata: string): Set<number> {
  const points = new Set<number>();
  for (let i = instances; i < words - 1; i++) {
    const [x, y] = [wordOf(calldata, i), wordOf(calldata, i + 1)];
    if ((y * y - x * x * x - 3n) % BASE === 0n) points.add(i);
  }
  return points;
}

/** A contract's text, changed to return what it would give to the pairing. */
function upToPairing(text: string): string {
  const call = /^.*staticcall\(gas\(\), (?:0x)?8, (0x[0-9a-f]+), 0x180,.*$/m;
  const from = call.exec(text)![1];
  return text.replace(call, `if success { return(${from}, 0x180) }`);
}

/** The written text, changed to accept what passes the checks of calldata, which come first. */
function checksAlone(text: string): string {
  const checked = 'if iszero(success) { revert(0, 0) }';
  expect(text.split(checked)).toHaveLength(3);
  return text.replace(checked, `if success { return(0, 0) } ${checked}`);
}

/** Addresses of texts that are on the chain: each is compiled and deployed once. */
const there = new Map<string, Promise<string>>();

function deployed(text: string): Promise<string> {
  const deploy = async () => {
    const receipt = (await (await signer.sendTransaction({ data: compileVerifier(text).bytecode })).wait())!;
    return receipt.contractAddress!;
  };
  if (!there.has(text)) there.set(text, deploy());
  return there.get(text)!;
}

/** Field elements that follow from a seed, and points of the curve. */
function chance(seed: number) {
  let count = seed << 20;
  const random = (below: bigint) => {
    count++;
    return BigInt(keccak256(toBeHex(count, 32))) % below;
  };
  const power = (x: bigint, e: bigint): bigint => {
    if (e === 0n) return 1n;
    const half = power((x * x) % BASE, e >> 1n);
    return e & 1n ? (half * x) % BASE : half;
  };
  const point = (): [bigint, bigint] => {
    for (;;) {
      const x = random(BASE);
      const y = power(x ** 3n + 3n, (BASE + 1n) / 4n);
      if ((y * y - x ** 3n - 3n) % BASE === 0n) return [x, y];
    }
  };
  return { random, point };
}

const limbsOf = (x: bigint) => [0n, 88n, 176n].map((shift) => (x >> shift) & ((1n << 88n) - 1n));
const encoded = (list: bigint[]) => concat(list.map((word) => toBeHex(word, 32)));

/** Calldata of random scalars and points, which is nobody's proof, word by word; the points of its accumulator as `point` gives them. */
function nobodys(
  seed: number,
  accumulated: (point: () => [bigint, bigint]) => [bigint, bigint] = (p) => p(),
): bigint[] {
  const { random, point } = chance(seed);
  const isPoint = pointsOf(wrapped.calldata);
  const list = [...accumulated(point), ...accumulated(point)].flatMap(limbsOf);
  for (let i = LIMBS; i < words; i++) {
    if (isPoint.has(i)) list.push(...point());
    else if (!isPoint.has(i - 1)) list.push(random(SCALAR));
  }
  return list;
}

/** A change of the calldata, and what it is. */
type Change = [what: string, data: string, value?: bigint];

/** Which of these the contract takes: it returns nothing, or it reverts. */
async function taken(changes: readonly Change[]): Promise<string[]> {
  const from = await signer.getAddress();
  const calls = changes.map(([, data, value = 0n]) => ({
    from,
    to: verifier,
    data,
    value: toQuantity(value),
  }));
  const returned = await callAll(anvil.url, calls);
  return changes.flatMap(([what], i) => {
    if (returned[i] === undefined) return [];
    expect(returned[i], what).toBe('0x');
    return [what];
  });
}

describe('the wrapper’s contract', () => {
  it('is compiled to the recorded code, byte for byte, and can be deployed', () => {
    const again = compileVerifier(solidity);
    expect(again).toEqual(contract);
    expect((contract.deployedBytecode.length - 2) / 2).toBe(recorded.codeBytes);
    expect(keccak256(contract.deployedBytecode)).toBe(recorded.codeHash);
    expect(recorded.codeBytes).toBeLessThan(MAX_CODE_BYTES);
    expect(() => compileVerifier(solidity.replace('let success := true', 'let success := '))).toThrow();
  });

  it('accepts the proof within the gas that is allowed', async () => {
    expect(words).toBe(instances + wrapped.proofBytes / 32);
    expect(wrapped.proofBytes).toBeLessThanOrEqual(3500);
    expect(await taken([['the proof', wrapped.calldata]])).toEqual(['the proof']);
    const receipt = (await (await signer.sendTransaction({ to: verifier, data: wrapped.calldata })).wait())!;
    const bytes = getBytes(wrapped.calldata);
    const zeros = bytes.filter((b) => b === 0).length;
    const calldata = 4 * zeros + 16 * (bytes.length - zeros);
    const total = Number(receipt.gasUsed);
    expect({ total, calldata, execution: total - 21_000 - calldata }).toEqual(recorded.gas);
    expect(total).toBeLessThanOrEqual(450_000);
  });

  it('refuses every word altered, in its lowest and its highest bit, and set to zero', async () => {
    const changes = Array.from({ length: words }, (_, i) => {
      const word = wordOf(wrapped.calldata, i);
      return [word ^ 1n, word ^ (1n << 255n), word === 0n ? 2n : 0n].map(
        (other): Change => [`word ${i} = ${other}`, withWord(wrapped.calldata, i, other)],
      );
    }).flat();
    expect(changes).toHaveLength(3 * words);
    expect(await taken(changes)).toEqual([]);
  });

  it('refuses a second name for every number: plus the scalar modulus, plus the base modulus', async () => {
    const changes = Array.from({ length: words }, (_, i) =>
      [SCALAR, BASE].map(
        (modulus): Change => [
          `word ${i}`,
          withWord(wrapped.calldata, i, wordOf(wrapped.calldata, i) + modulus),
        ],
      ),
    ).flat();
    expect(await taken(changes)).toEqual([]);
  });

  it('refuses mirrored points', async () => {
    const points = pointsOf(wrapped.calldata);
    const changes = [...points].map((i): Change => {
      const y = BASE - wordOf(wrapped.calldata, i + 1);
      return [`point at ${i}`, withWord(wrapped.calldata, i + 1, y)];
    });
    expect(await taken(changes)).toEqual([]);
    expect(points.size).toBeGreaterThan(10);
    expect(points.has(lastPoints) && points.has(lastPoints + 2)).toBe(true);
  });

  it('refuses points that are not on the curve, and the identity, at every place', async () => {
    const changes = [...pointsOf(wrapped.calldata)].flatMap((i) => {
      const pair = (x: bigint, y: bigint) => withWord(withWord(wrapped.calldata, i, x), i + 1, y);
      const [x, y] = [wordOf(wrapped.calldata, i), wordOf(wrapped.calldata, i + 1)];
      return [pair(0n, 0n), pair(y, x), pair(1n, 1n), pair(x + BASE, y), pair(x, y + BASE)].map(
        (data): Change => [`point at ${i}`, data],
      );
    });
    expect(await taken(changes)).toEqual([]);
  });

  it('refuses an accumulator in other limbs, with its sides swapped, or off the curve', async () => {
    const limb = (i: number) => wordOf(wrapped.calldata, i);
    const changes: Change[] = [];
    for (let i = 0; i < LIMBS; i += 3) {
      for (const [low, high] of [
        [i, i + 1],
        [i + 1, i + 2],
      ] as const) {
        // The same number: one of the lower limb's bound more there, one less in the higher.
        const carried = withWord(
          withWord(wrapped.calldata, low, limb(low) + (1n << 88n)),
          high,
          limb(high) - 1n,
        );
        changes.push([`limbs ${low} and ${high}`, carried]);
      }
    }
    const at = (i: number) => wrapped.calldata.slice(2 + 64 * i, 2 + 64 * (i + 6));
    const swapped = `0x${at(6)}${at(0)}${wrapped.calldata.slice(2 + 64 * LIMBS)}`;
    changes.push(['swapped', swapped]);
    const nothing = `0x${'0'.repeat(64 * LIMBS)}${wrapped.calldata.slice(2 + 64 * LIMBS)}`;
    changes.push(['both sides the identity, whose pairing would hold', nothing]);
    expect(await taken(changes)).toEqual([]);
  });

  it('refuses any other length, and money', async () => {
    const bytes = getBytes(wrapped.calldata);
    const shorter = [0, 1, 4, 32, bytes.length - 32, bytes.length - 1].map(
      (length): Change => [`${length} bytes`, hexlify(bytes.slice(0, length))],
    );
    const longer = ['00', '01', '00'.repeat(32)].map(
      (more): Change => [`${more.length / 2} bytes more`, wrapped.calldata + more],
    );
    expect(await taken([...shorter, ...longer, ['money', wrapped.calldata, 1n]])).toEqual([]);
  });

  it('gives the pairing what the generated text gives it, for calldata that is nobody’s proof', async () => {
    // A term that was lost would show in no altered word of a proof: each changes the challenges, and is refused anyway.
    const [ours, theirs] = [await deployed(upToPairing(solidity)), await deployed(upToPairing(generated))];
    const results = new Set<string>();
    for (let round = 0; round < 8; round++) {
      const list = nobodys(round);
      const data = encoded(list);
      const [a, b] = await callAll(
        anvil.url,
        [ours, theirs].map((to) => ({ to, data })),
      );
      expect(getBytes(a!)).toHaveLength(0x180);
      expect(a).toBe(b);
      results.add(a!);
    }
    expect(results.size).toBe(8);
    // And for the proof itself.
    const [a, b] = await Promise.all(
      [ours, theirs].map((to) => provider.call({ to, data: wrapped.calldata })),
    );
    expect(a).toBe(b);
  });

  it('refuses what the generated text refuses, and scalars that are not below r, for calldata that is nobody’s proof', async () => {
    // An altered proof is refused whatever is checked: its challenges are others. Cut off before the pairing, only the checks refuse,
    // and the precompiles, which take no coordinate above q: so the checks are cut off from these, too.
    const checks = await deployed(checksAlone(solidity));
    const [ours, theirs] = [await deployed(upToPairing(solidity)), await deployed(upToPairing(generated))];
    // Limbs above the lowest are odd. So a bit over a lower limb's bound is "or"ed with one that is there, and one over the highest
    // falls out of the word: the point stays what it is, and nothing but the bound refuses it.
    const base = nobodys(99, (point) => {
      for (;;) {
        const p = point();
        if (
          p.every((x) =>
            limbsOf(x)
              .slice(1)
              .every((limb) => limb & 1n),
          )
        )
          return p;
      }
    });
    const isPoint = pointsOf(wrapped.calldata);
    const isCoordinate = (i: number) => isPoint.has(i) || isPoint.has(i - 1);
    const changed = (changes: Record<number, bigint>) =>
      base.map((word, i) => (changes[i] ?? word) & ((1n << 256n) - 1n));

    const cases: [string, bigint[]][] = [['nothing', base]];
    const add = (what: string, changes: Record<number, bigint>) => cases.push([what, changed(changes)]);
    for (const [i, word] of base.entries()) {
      for (const other of [
        word + SCALAR,
        SCALAR,
        BASE - 1n,
        SCALAR - 1n,
        word + BASE,
        0n,
        word ^ (1n << 255n),
      ]) {
        add(`word ${i} = ${other}`, { [i]: other });
      }
    }
    for (const i of isPoint) {
      const [x, y] = [base[i]!, base[i + 1]!];
      for (const [u, v] of [
        [0n, 0n],
        [y, x],
        [1n, 1n],
        [x, BASE - y],
        [BASE, BASE],
        [x, 2n * BASE - y],
      ] as const) {
        add(`point at ${i} = ${u}, ${v}`, { [i]: u, [i + 1]: v });
      }
    }
    for (let i = 0; i < LIMBS; i++) {
      const bound = 1n << (i % 3 === 2 ? 80n : 88n);
      add(`limb ${i}, a bit too large`, { [i]: base[i]! + bound });
      add(`limb ${i}, its bound`, { [i]: bound });
      add(`limb ${i}, below its bound`, { [i]: bound - 1n });
      if (i % 3 !== 2) add(`limb ${i}, carried`, { [i]: base[i]! + bound, [i + 1]: base[i + 1]! - 1n });
    }
    for (let i = 0; i < LIMBS; i += 6) {
      const [x, y] = [0, 3].map(
        (o) => base[i + o]! + (base[i + o + 1]! << 88n) + (base[i + o + 2]! << 176n),
      ) as [bigint, bigint];
      for (const [u, v] of [
        [0n, 0n],
        [y, x],
        [x, BASE - y],
        [x + BASE, y],
        [x, y + BASE],
        [BASE, BASE],
      ] as const) {
        const limbs = [...limbsOf(u), ...limbsOf(v)];
        add(`accumulator at ${i} = ${u}, ${v}`, Object.fromEntries(limbs.map((limb, o) => [i + o, limb])));
      }
    }

    let [both, named] = [0, 0];
    const calls = cases.flatMap(([, list]) => {
      const data = encoded(list);
      return [ours, theirs, checks].map((to) => ({ to, data }));
    });
    const answers = await callAll(anvil.url, calls);
    for (const [n, [what, list]] of cases.entries()) {
      const [a, b, c] = answers.slice(3 * n, 3 * n + 3);
      const twice = list.some((word, i) => !isCoordinate(i) && word >= SCALAR);
      expect(a, what).toBe(twice ? undefined : b);
      expect(c, what).toBe(a && '0x');
      if (a !== undefined) both++;
      else if (b !== undefined) named++;
    }
    // Mirrored points, and scalars of other values, are taken; second names of scalars and limbs are what ours alone refuses.
    expect(both).toBeGreaterThan(isPoint.size);
    expect(named).toBeGreaterThan(instances);
    expect(cases.length - both - named).toBeGreaterThan(7 * isPoint.size);
  }, 300_000);

  it('takes no missing precompile for a yes: each of the four alone, and all of them', async () => {
    // A chain without code at 5, 6, 7 and 8: a call to nothing succeeds, returns nothing and writes nothing. With all of them missing
    // the first side of the pairing is read as its result, so that it begins with 1: then everybody's proof of everything holds.
    const list = nobodys(7);
    for (const [i, value] of [1n, 0n, 0n, 2n, 0n, 0n, 1n, 0n, 0n, 2n, 0n, 0n].entries()) list[i] = value;
    for (const i of pointsOf(wrapped.calldata)) [list[i], list[i + 1]] = [1n, 2n];
    const call = async (text: string, data: string) => {
      const to = await deployed(text);
      return provider.call({ to, data }).then(
        () => 'accepted',
        (e: { code?: string }) => (e.code === 'CALL_EXCEPTION' ? 'refused' : Promise.reject(e)),
      );
    };
    const nothing = encoded(list);
    expect(await call(solidity, nothing)).toBe('refused');
    const [first, ...rest] = ['[5678]', '5', '6', '7', '8'];
    for (const numbers of [first, ...rest]) {
      const missing = new RegExp(`staticcall\\(gas\\(\\), (${numbers}), `, 'g');
      const without = solidity.replace(missing, 'staticcall(gas(), 0x1000$1, ');
      expect(without).not.toBe(solidity);
      expect([numbers, await call(without, nothing)]).toEqual([numbers, 'refused']);
      expect([numbers, await call(without, wrapped.calldata)]).toEqual([numbers, 'refused']);
    }
    // That this is what refuses them: without the comparison of lengths nobody's proof is accepted.
    const unchecked = solidity
      .replace(/and\(eq\(returndatasize\(\), 0x[0-9a-f]+\), (staticcall\([^)]*\)[^)]*\))\)/g, '$1')
      .replace(/staticcall\(gas\(\), ([5678]), /g, 'staticcall(gas(), 0x1000$1, ');
    expect(unchecked).not.toContain('returndatasize');
    expect(await call(unchecked, nothing)).toBe('accepted');
  });

  it('is not protected by itself from a caller who has the wrong address', async () => {
    // What the registry must check: a call to an address without code succeeds and returns nothing, as an acceptance does.
    const nobody = '0x000000000000000000000000000000000000dEaD';
    expect(await provider.call({ to: nobody, data: wrapped.calldata })).toBe('0x');
    expect(await provider.getCode(nobody)).toBe('0x');
  });
});
