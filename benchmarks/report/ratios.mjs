import { peerFigures, STORED } from '../peers/stored.mjs';
import { caseName, proved } from './find.mjs';

const ENGINES = ['wasm', 'wasm-threads', 'native'];

/**
 * What the run compares, as ratios of times in the same run (but for a stored peer, which says so). Pure.
 * Gives `{ group, name, value, byCpu?, note? }`; `value` by the clock, `byCpu` by processor time.
 */
export function ratios(run) {
  return [
    ...windows(run),
    ...engines(run),
    ...pools(run),
    ...peers(run),
    ...inferencePeers(run),
    ...adapters(run),
  ];
}

function windows(run) {
  return ENGINES.flatMap((engine) =>
    [8, 32].flatMap((steps) => {
      const one = proved(run, { size: '100K', engine });
      const many = proved(run, { size: '100K', steps, engine });
      if (!one || !many) return [];
      const of = (field) => many[field] / steps / one[field];
      return [ratio('window', `a step in a window of ${steps} / a step alone, ${engine}`, of)];
    }),
  );
}

function engines(run) {
  const cases = run.records.filter((r) => r.kind === 'prove' && r.engine === 'wasm' && r.status === 'done');
  return cases.flatMap((wasm) =>
    ['wasm-threads', 'native'].flatMap((engine) => {
      const other = run.records.find((r) => r.id === wasm.id.replace(/wasm$/, engine) && r.status === 'done');
      if (!other) return [];
      const of = (field) => wasm.result[field] / other.result[field];
      return [ratio('engine', `wasm / ${engine}, ${caseName(wasm)}`, of)];
    }),
  );
}

function pools(run) {
  const done = run.records.filter((r) => r.kind === 'pool' && r.status === 'done');
  return done.flatMap((two) => {
    const one = done.find((r) => two.workers === 2 && r.workers === 1 && r.size === two.size);
    if (!one) return [];
    const busy = two.result.cpuMs / two.result.ms;
    const value = two.result.proofsPerHour / one.result.proofsPerHour;
    return [
      {
        group: 'pool',
        name: `proofs an hour, 2 workers / 1, ${two.size}`,
        size: two.size,
        value,
        note: `two workers kept ${busy.toFixed(2)} cores busy`,
      },
    ];
  });
}

/** One input through EZKL and through ours, keys made in that time. */
function inferencePeers(run) {
  return run.records
    .filter((r) => r.kind === 'ezklInfer' && r.status === 'done')
    .map(({ network, engine, result: { ours, theirs } }) => ({
      group: 'peers',
      name: `EZKL / ours, key and proof of one input, ${network}, ${engine}`,
      network,
      value: theirs.wholeMs / ours.wholeMs,
      byCpu: theirs.wholeCpuMs / ours.wholeCpuMs,
    }));
}

function peers(run) {
  return [960, 8832, 22876].flatMap((statement) =>
    ENGINES.flatMap((engine) => {
      const [theirs, ours] = [
        peerFigures(run, 'ezkl', statement),
        proved(run, { statement, profile: 'compact', engine }),
      ];
      if (!theirs || !ours) return [];
      const name = `EZKL / ours, full step, ${statement} weights, ${engine}`;
      const value = theirs.provingMs / ours.provingMs;
      const byCpu = theirs.provingCpuMs && theirs.provingCpuMs / ours.provingCpuMs;
      return [
        { group: 'peers', name, statement, engine, value, ...(byCpu && { byCpu }), note: theirs.source },
      ];
    }),
  );
}

/** Against a published figure, of another machine: what that says is in the note. */
function adapters(run) {
  const { zklora } = STORED;
  return ['default', 'compact'].flatMap((profile) =>
    ENGINES.flatMap((engine) => {
      const ours = proved(run, { lora: 'small', batch: 1, profile, engine });
      if (!ours) return [];
      const format = profile === 'default' ? '' : `, ${profile}`;
      return [
        {
          group: 'adapters',
          name: `zkLoRA's Halo2 forward / our forward and update, 64 x 4 x 64${format}, ${engine}`,
          profile,
          engine,
          value: zklora.provingMs / ours.provingMs,
          note: `theirs published ${zklora.published}, not measured here; ${zklora.machine}`,
        },
      ];
    }),
  );
}

function ratio(group, name, of) {
  return { group, name, value: of('provingMs'), byCpu: of('provingCpuMs') };
}

/**
 * Verification against the smallest case of each sweep, in per cent more; the least of the times measured, since a few
 * per cent would drown in what other programs add to a median. Gives `{ engine, sweep, size, steps?, ms, growth }`.
 */
export function verificationGrowth(run) {
  const sweeps = [
    ['tiny', '1K', '10K', '100K', '1M'].map((size) =>
      size === 'tiny' ? { size, batch: 4, profile: 'compact' } : { size },
    ),
    [1, 8, 32].map((steps) => ({ size: '10K', steps })),
    [1, 8, 32].map((steps) => ({ size: '100K', steps })),
    ['10K', '100K'].flatMap((size) => [1, 8].map((steps) => ({ size, steps, weightColumns: 1 }))),
  ];
  return ENGINES.flatMap((engine) =>
    sweeps.flatMap((sweep, n) => {
      const kind = ['size', 'window', 'window', 'fewest columns'][n];
      const rows = sweep.flatMap((query) => {
        const r = proved(run, { ...query, engine });
        return r ? [{ engine, sweep: kind, ...query, ms: r.verifyingLeastMs }] : [];
      });
      if (rows.length < 2) return [];
      return rows.map((row) => ({ ...row, growth: 100 * (row.ms / rows[0].ms - 1) }));
    }),
  );
}
