/** Learning-rate schedules: integers that are the same everywhere, and near the functions of real numbers that they are named for. */
import { describe, expect, it } from 'vitest';
import {
  etaOfStep,
  type LearningRateSchedule,
  profiles,
  type RateSchedule,
  type SgdSpec,
  scheduleNumbers,
  scheduleShare,
  scheduleText,
} from '../src/index.js';

const code = expect.objectContaining({ name: 'PotError', code: 'LEARNING_RATE_INVALID' });
const of = (rate: LearningRateSchedule) => scheduleNumbers(rate).schedule!;
const share = (schedule: RateSchedule, step: number) => {
  const { numerator, denominator } = scheduleShare(schedule, step);
  return Number((numerator << 80n) / denominator) / 2 ** 80;
};

describe('a schedule', () => {
  it('follows the function of real numbers', () => {
    const [steps, warmup, end] = [1000, 37, 0.125];
    const decays: [LearningRateSchedule, (u: number) => number][] = [
      [{ type: 'linear', initial: 1, steps, warmup, end }, (u) => end + (1 - end) * (1 - u)],
      [
        { type: 'polynomial', initial: 1, steps, warmup, end, power: 3 },
        (u) => end + (1 - end) * (1 - u) ** 3,
      ],
      [
        { type: 'cosine', initial: 1, steps, warmup, end },
        (u) => end + ((1 - end) * (1 + Math.cos(Math.PI * u))) / 2,
      ],
      [
        { type: 'step', initial: 1, every: 100, warmup, factor: 0.3 },
        (u) => 0.3 ** Math.floor(u * 10 + 1e-9),
      ],
      [{ type: 'constant', initial: 1, warmup }, () => 1],
    ];
    for (const [rate, real] of decays) {
      const schedule = of(rate);
      for (let n = 0; n < warmup; n++) expect(share(schedule, n)).toBeCloseTo((n + 1) / warmup, 14);
      for (let n = 0; n <= steps; n++) {
        const got = share(schedule, warmup + n);
        expect(Math.abs(got - real(n / steps)), `${rate.type} ${n}`).toBeLessThan(3e-9);
      }
      if (rate.type !== 'step')
        expect(share(schedule, warmup + 10 * steps)).toBe(share(schedule, warmup + steps));
    }
  });

  it("is the same on every machine: the integers, made with Python's", () => {
    const ratio = (schedule: RateSchedule, step: number) => {
      const { numerator, denominator } = scheduleShare(schedule, step);
      return (numerator << 64n) / denominator;
    };
    const cosine = of({ type: 'cosine', initial: 1, steps: 7 });
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((n) => ratio(cosine, n))).toEqual([
      18446744073709551616n,
      17533343099142652744n,
      14974050440582743480n,
      11275765396722254448n,
      7170978676987297168n,
      3472693633126808136n,
      913400974566898872n,
      0n,
    ]);
    expect(ratio(of({ type: 'step', initial: 1, every: 1, factor: 0.9 }), 23)).toBe(1634923527908319024n);
  });

  it('has integer rates: the nearest, of a multiple where adapters need one, and never none', () => {
    const spec: Pick<SgdSpec, 'layers' | 'loss' | 'batch' | 'scales' | 'lora'> = {
      layers: [{ inputs: 8, outputs: 8, activation: 'softmax', bias: true }],
      loss: 'softmaxCrossEntropy',
      batch: 4,
      scales: profiles.default,
    };
    const line = of({ type: 'linear', initial: 1, steps: 4 });
    const rates = (s: typeof spec, eta: bigint, schedule: RateSchedule) =>
      [0, 1, 2, 3, 4, 5].map((n) => etaOfStep(s, eta, schedule, n));
    expect(rates(spec, 102n, line)).toEqual([102n, 77n, 51n, 26n, 1n, 1n]);
    const lora = { adapters: [{ rank: 2, alpha: 1 }], baseBits: 16, local: false };
    expect(rates({ ...spec, lora }, 100n, line)).toEqual([100n, 76n, 52n, 24n, 4n, 4n]);
    const adam = { rule: 'adam', beta1: 1, beta2: 1, epsilon: 1, decay: 0 } as const;
    const rms = { rule: 'rmsprop', rho: 1, momentum: 0, epsilon: 1, decay: 0 } as const;
    const by = (optimizer: typeof adam | typeof rms) =>
      rates({ ...spec, lora: { ...lora, optimizer } }, 102n, line);
    expect(by(rms)).toEqual(by(adam));
    expect(rates({ ...spec, lora: { ...lora, optimizer: adam } }, 102n, line)).toEqual([
      102n,
      77n,
      51n,
      26n,
      1n,
      1n,
    ]);
    expect(etaOfStep(spec, 102n, undefined, 3)).toBe(102n);
  });

  it('is a number, or integers with the first rate', () => {
    expect(scheduleNumbers(0.5)).toEqual({ learningRate: 0.5 });
    expect(scheduleNumbers({ type: 'constant', initial: 0.5 })).toEqual({ learningRate: 0.5 });
    expect(scheduleNumbers({ type: 'linear', initial: 0.5, steps: 100, end: 0.25 })).toEqual({
      learningRate: 0.5,
      schedule: { type: 'polynomial', warmup: 0, steps: 100, end: 2 ** 29, power: 1 },
    });
    for (const bad of [
      0,
      Number.NaN,
      'cosine',
      null,
      { type: 'exponential', initial: 1 },
      { type: 'cosine', initial: 1 },
      { type: 'cosine', initial: 0, steps: 4 },
      { type: 'cosine', initial: 1, steps: 4.5 },
      { type: 'cosine', initial: 1, steps: 4, end: 2 },
      { type: 'cosine', initial: 1, steps: 4, end: -1 },
      { type: 'cosine', initial: 1, steps: 4, power: 2 },
      { type: 'cosine', initial: 1, steps: 4, warmup: -1 },
      { type: 'polynomial', initial: 1, steps: 4, power: 9 },
      { type: 'step', initial: 1, every: 4, factor: 1 },
      { type: 'step', initial: 1, every: 4, factor: 0 },
      { type: 'step', initial: 1, every: 0, factor: 0.5 },
    ]) {
      expect(() => scheduleNumbers(bad as never), JSON.stringify(bad)).toThrow(code);
    }
  });

  it('says what it is', () => {
    const texts = [
      [
        { type: 'cosine', initial: 0.5, steps: 9, end: 0.05, warmup: 3 },
        'after 3 steps of warm-up, along a cosine to 0.1 of it in 9 steps',
      ],
      [{ type: 'linear', initial: 0.5, steps: 9 }, 'in a line to 0 of it in 9 steps'],
      [{ type: 'polynomial', initial: 0.5, steps: 9, power: 2 }, 'by the power 2 to 0 of it in 9 steps'],
      [{ type: 'step', initial: 0.5, every: 9, factor: 0.5 }, 'times 0.5 every 9 steps'],
      [{ type: 'constant', initial: 0.5, warmup: 9 }, 'after 9 steps of warm-up, constant'],
    ] as const;
    for (const [rate, text] of texts) expect(scheduleText(of(rate))).toBe(text);
  });
});
