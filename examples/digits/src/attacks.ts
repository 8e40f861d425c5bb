import {
  parseBundle,
  type RunBundle,
  type VerifyRunOptions,
  verifyTrainingRun,
} from '@proof-of-training/core';

/** A way to cheat, and how it was refused. */
export interface Attack {
  name: string;
  code: string;
  message: string;
}

const ALTERATIONS: [string, (bundle: RunBundle) => void][] = [
  [
    'one flipped byte in a proof',
    (b) => {
      const entry = b.windows[1]!;
      const bytes = Buffer.from(entry.proof, 'base64url');
      bytes[bytes.length - 40]! ^= 1;
      entry.proof = bytes.toString('base64url');
    },
  ],
  [
    'two proofs swapped',
    (b) => {
      [b.windows[0], b.windows[1]] = [b.windows[1]!, b.windows[0]!];
    },
  ],
  [
    'another learning rate claimed',
    (b) => {
      b.run.eta = String(Number(b.run.eta) + 1);
      for (const entry of [b.genesis, ...b.windows]) entry.public.eta = b.run.eta;
    },
  ],
  [
    'a window left out',
    (b) => {
      b.windows.splice(1, 1);
    },
  ],
  [
    'other final weights claimed',
    (b) => {
      const last = b.windows[b.windows.length - 1]!;
      last.public.weightsOut = last.public.weightsIn;
    },
  ],
];

/** Alters copies of a bundle and verifies them as the bundle itself was. Throws where one is accepted. */
export async function attack(bundle: RunBundle, accept: VerifyRunOptions): Promise<Attack[]> {
  const text = JSON.stringify(bundle);
  const attacks: Attack[] = [];
  for (const [name, alter] of ALTERATIONS) {
    const copy = parseBundle(text);
    alter(copy);
    const report = await verifyTrainingRun(JSON.stringify(copy), accept);
    if (report.ok || !report.failure) throw new Error(`accepted with ${name}: this must not happen`);
    attacks.push({ name, code: report.failure.code, message: report.failure.message });
  }
  return attacks;
}
