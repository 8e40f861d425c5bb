import { peerFigures, STORED } from '../peers/stored.mjs';
import { caseName, chosenText, updatesName, whyMissing } from './find.mjs';
import { inferencePeersTable, inferenceTable } from './inference.mjs';
import { ledgerTable } from './ledger.mjs';
import { ratios, verificationGrowth } from './ratios.mjs';
import { megabytes, seconds, short, table } from './table.mjs';
import { BUSY, evaluateTargets } from './targets.mjs';

/** The whole report of a run, from its JSON alone. `chart`: the SVG's file name. Pure. */
export function renderMarkdown(run, chart) {
  return [
    `# Benchmark, ${run.tier}, ${run.startedAt.slice(0, 10)}`,
    machineText(run),
    section(
      'Proving and verifying',
      provingTable(run, (r) => r.size !== undefined),
    ),
    section('Verification against the smallest case', growthTable(run)),
    section('Proofs an hour', poolTable(run)),
    section('One training step, without a proof', executorTable(run)),
    section("A session under a ceremony's string", stringsTable(run)),
    section('Other provers on the same statement', peersTable(run)),
    section('Adapters (LoRA)', adaptersText(run)),
    section('Batches of adapter updates, by OptimizedLoRAProver', loraBatchTable(run)),
    section('Windows in one proof (aggregation)', aggregateText(run)),
    section('Accuracy, exact mode against float32', accuracyTable(run)),
    section('Tolerance mode on real float32 steps', toleranceTable(run)),
    section('Inference', inferenceTable(run)),
    section('Inference beside EZKL', inferencePeersTable(run)),
    section('A log of events', ledgerTable(run)),
    section('Ratios', ratioTable(run)),
    chart && `![proving time by network and engine](${chart})`,
    section('What it must reach', targetTable(run)),
    failures(run),
  ]
    .filter(Boolean)
    .join('\n\n')
    .concat('\n');
}

export function machineText({ machine, version, engines, startedAt, finishedAt }) {
  const built = Object.entries(engines).map(([name, e]) =>
    e.status === 'available'
      ? `${name} ${e.version}${e.threads > 1 ? ` (${e.threads} threads)` : ''}`
      : `${name} ${e.note}`,
  );
  const state = version.changed ? ` with uncommitted changes (${version.changed})` : '';
  const busy =
    machine.load > BUSY ? ' Other programs were running: compare processor times, not the clock.' : '';
  return [
    `Machine: ${machine.cpu}, ${machine.cores} cores, ${short(machine.memoryBytes / 1e9)} GB, ${machine.system}, Node ${machine.node}.`,
    `Commit ${version.commit.slice(0, 12)}${state}. Engines: ${built.join('; ')}.`,
    `From ${startedAt} to ${finishedAt}; load average ${machine.load.toFixed(2)} at the start.${busy}`,
  ].join('\n');
}

export function provingTable(run, wanted) {
  const rows = run.records
    .filter((r) => r.kind === 'prove' && wanted(r))
    .map((r) => [caseName(r), r.engine, ...proving(r)]);
  return rows.length > 0 && table(PROVING, rows);
}

const PROVING = [
  'network',
  'engine',
  'prove s',
  'CPU s',
  'a step s',
  'key s',
  'commit s',
  'verify ms',
  'proof B',
  'peak MB',
  'before MB',
  'k',
  'columns',
  'load',
];

function proving(r) {
  if (r.status !== 'done') return [whyMissing(r)];
  const { result: m } = r;
  return [
    `${seconds(m.provingMs)}${m.runs > 1 ? ` (${m.runs})` : ''}`,
    seconds(m.provingCpuMs),
    seconds(m.provingMs / r.options.steps),
    seconds(m.keygenMs),
    seconds(m.commitMs),
    short(m.verifyingMs),
    m.proofBytes,
    megabytes(m.peakBytes),
    megabytes(m.peakBeforeBytes),
    m.shape.k,
    columns(m.shape),
    r.load.toFixed(1),
  ];
}

function columns({ weightColumns, dataColumns, baseColumns }) {
  return `${weightColumns} + ${dataColumns}${baseColumns ? `, base ${baseColumns}` : ''}`;
}

function adaptersText(run) {
  const proofs = provingTable(run, (r) => r.lora !== undefined);
  if (!proofs) return undefined;
  const bases = run.records.flatMap((r) => {
    const ms = r.result?.baseCommitMs;
    return ms === undefined ? [] : [`${caseName(r)}, ${r.engine}: ${seconds(ms)} s`];
  });
  const { zklora } = STORED;
  const { newer } = zklora;
  return [
    proofs,
    bases.length > 0 &&
      `Committing to the frozen base, once for all windows and runs on it and in no figure above: ${bases.join('; ')}.`,
    `Published, not measured here: zkLoRA (${zklora.version}, ${zklora.published}, ${zklora.machine}) proves the forward product of an adapter of 64 x 4 x 64 in ${seconds(zklora.provingMs)} s (key at hand; ${seconds(zklora.coldMs)} s with it), and verifies it in ${zklora.verifyingMs} ms. Its newer backend ${newer.version} is not Halo2: ${newer.provingMs} ms, ${newer.proofBytes / 1000} KB, after a proof about each adapter made once.`,
  ]
    .filter(Boolean)
    .join('\n\n');
}

function loraBatchTable(run) {
  const rows = run.records
    .filter((r) => r.kind === 'loraBatch')
    .map((r) => {
      if (r.status !== 'done') return [updatesName(r), r.engine, whyMissing(r)];
      const { first, again, hardware, peakBytes } = r.result;
      return [
        updatesName(r),
        r.engine,
        chosenText(first.chosen),
        seconds(first.reachedMs),
        seconds(first.chosen.expectedMs),
        seconds(first.cpuMs),
        seconds(again.reachedMs),
        seconds(again.cpuMs),
        again.chosen.window,
        seconds(hardware.measurementMs),
        first.proofBytes,
        megabytes(peakBytes),
        r.load.toFixed(1),
      ];
    });
  const head = [
    'updates',
    'engine',
    'chosen',
    's',
    'expected s',
    'CPU s',
    'again s',
    'CPU s',
    'again, window',
    'measuring s',
    'proofs B',
    'peak MB',
    'load',
  ];
  const note =
    'Rank 8, 768 x 768, batch 8, layer-local. The first batch makes its keys in that time; "again" is a second one of the same prover.';
  return rows.length > 0 && `${table(head, rows)}\n\n${note}`;
}

function stringsTable(run) {
  const rows = run.records
    .filter((r) => r.kind === 'strings')
    .map((r) => {
      if (r.status !== 'done') return [r.string, r.engine, whyMissing(r)];
      const { k, firstMs, createMs, createCpuMs, verifyMs, verifyCpuMs } = r.result;
      const times = [firstMs, createMs, createCpuMs, verifyMs, verifyCpuMs].map(seconds);
      return [r.string, r.engine, k, ...times, r.load.toFixed(1)];
    });
  const head = ['string', 'engine', 'k', 'first s', 'create s', 'CPU s', 'verify s', 'CPU s', 'load'];
  const note =
    '"first" is the creation of a machine\'s first session, which makes the string and its Lagrange basis; the next one finds them on disk; its run of one window is verified.';
  return rows.length > 0 && `${table(head, rows)}\n\n${note}`;
}

function aggregateText(run) {
  const records = run.records.filter((r) => r.kind === 'aggregate');
  if (records.length === 0) return undefined;
  const done = records.filter((r) => r.status === 'done');
  const rows = records.map((r) => {
    const name = `${r.network}, ${r.windows} windows, ${r.engine}`;
    if (r.status !== 'done') return [name, r.perProof, whyMissing(r)];
    const { links, keygenMs, cpuMs, k, peakBytes, compression, fileBytes, verifying } = r.result;
    const proving = links.reduce((sum, l) => sum + l.ms, 0);
    return [
      name,
      r.perProof,
      k,
      seconds(keygenMs),
      seconds(proving),
      seconds(proving / r.windows),
      seconds(cpuMs),
      megabytes(peakBytes),
      compression.aggregateBytes,
      fileBytes,
      verifying.native ? short(verifying.native.proofMs) : '-',
      short(verifying.wasm.proofMs),
      short((verifying.native ?? verifying.wasm).fileMs),
      r.load.toFixed(1),
    ];
  });
  const head = [
    'run',
    'windows a proof',
    'k',
    'key s',
    'proving s',
    'a window s',
    'CPU s',
    'peak MB',
    'aggregate B',
    'file B',
    'verify ms',
    'WASM ms',
    'file ms',
    'load',
  ];
  const ratios = done
    .at(-1)
    ?.result.compressions.map((c) => [
      c.windows,
      c.windowBytes,
      c.aggregateBytes,
      `${short(c.ratio)} : 1`,
      `${c.described} : 1`,
    ]);
  return [
    table(head, rows),
    done.length > 0 && table(['run', 'windows', 'since the link before s'], done.flatMap(linkRows)),
    ratios && table(['windows', 'their proofs B', 'aggregate B', 'ratio', 'described system'], ratios),
    chipsText(run),
  ]
    .filter(Boolean)
    .join('\n\n');
}

/** Both chips side by side. */
function chipsText(run) {
  const records = run.records.filter((r) => r.kind === 'chips');
  if (records.length === 0) return undefined;
  const names = { wide: 'ours, with recursion', stock: 'halo2-ecc, the window alone' };
  const rows = records.map(({ chip, status, result: r, load, ...rest }) =>
    status === 'done'
      ? [
          names[chip],
          r.terms,
          r.k,
          r.columns,
          `${short(r.cells / 1e6)}M`,
          short(r.cells / r.terms),
          seconds(r.keygenMs),
          seconds(r.provingMs),
          seconds(r.provingCpuMs),
          seconds(r.provingMs / r.terms),
          megabytes(r.peakBytes),
          r.proofBytes,
          load.toFixed(1),
        ]
      : [names[chip], whyMissing({ status, ...rest })],
  );
  const head = [
    'chip, one window',
    'points',
    'k',
    'columns',
    'cells',
    'cells a point',
    'key s',
    'proving s',
    'CPU s',
    's a point',
  ];
  return table([...head, 'peak MB', 'proof B', 'load'], rows);
}

function linkRows({ network, perProof, engine, result }) {
  return result.links.map(({ windows, ms }) => [
    `${network}, ${perProof} a proof, ${engine}`,
    windows,
    seconds(ms),
  ]);
}

function growthTable(run) {
  const rows = verificationGrowth(run).map((g) => [
    g.engine,
    g.sweep,
    `${g.size}, ${g.steps ?? 1} step${(g.steps ?? 1) === 1 ? '' : 's'}`,
    short(g.ms),
    `${g.growth >= 0 ? '+' : ''}${g.growth.toFixed(1)} %`,
  ]);
  return rows.length > 0 && table(['engine', 'sweep', 'case', 'least verify ms', 'growth'], rows);
}

function poolTable(run) {
  const rows = run.records
    .filter((r) => r.kind === 'pool')
    .map((r) => {
      if (r.status !== 'done') return [r.widths.join('-'), r.workers, whyMissing(r)];
      const { proofs, proofsPerHour, ms, cpuMs, peakBytes } = r.result;
      return [
        r.widths.join('-'),
        r.workers,
        short(proofsPerHour),
        proofs,
        short(cpuMs / ms),
        megabytes(peakBytes),
        r.load.toFixed(1),
      ];
    });
  return (
    rows.length > 0 &&
    table(['network', 'workers', 'proofs an hour', 'proofs', 'busy cores', 'peak MB', 'load'], rows)
  );
}

function executorTable(run) {
  const r = run.records.find((x) => x.kind === 'executor');
  if (!r) return undefined;
  const rows =
    r.status === 'done' ? Object.entries(r.result).map(([n, ms]) => [n, short(ms)]) : [[whyMissing(r)]];
  return table([r.name, 'median ms'], rows);
}

export function peersTable(run) {
  const ours = run.records.filter((r) => r.statement !== undefined && r.kind === 'prove');
  if (ours.length === 0) return undefined;
  const sizes = [...new Set(ours.map((r) => r.statement))];
  const line = (name, statement, m, source) => [
    name,
    statement,
    seconds(m.provingMs),
    seconds(m.provingCpuMs),
    seconds(m.keygenMs),
    short(m.verifyingMs),
    m.proofBytes,
    megabytes(m.peakBytes),
    source,
  ];
  const rows = sizes.flatMap((weights) => {
    const ezkl = peerFigures(run, 'ezkl', weights);
    return [
      ...(ezkl ? [line(`EZKL ${STORED.ezkl.version}`, `full step, ${weights}`, ezkl, ezkl.source)] : []),
      ...ours
        .filter((r) => r.statement === weights)
        .map((r) =>
          r.status === 'done'
            ? line(`ours, ${r.engine}`, `full step, ${weights}`, r.result, 'this run')
            : [`ours, ${r.engine}`, `full step, ${weights}`, whyMissing(r)],
        ),
    ];
  });
  const circom = peerFigures(run, 'circom', 1000);
  if (circom) rows.push(line(STORED.circom.version, 'update alone, 1000', circom, circom.source));
  const head = [
    'prover',
    'statement, weights',
    'prove s',
    'CPU s',
    'key s',
    'verify ms',
    'proof B',
    'peak MB',
    'measured',
  ];
  const note =
    'EZKL: 7 fractional bits, no commitments. circom and snarkjs: only the update, from a gradient that is given; no commitments, and a key that grows with the weights. Ours: commitments to weights and data in every proof.';
  return `${table(head, rows)}\n\n${note}`;
}

function accuracyTable(run) {
  const r = run.records.find((x) => x.kind === 'accuracy');
  if (!r) return undefined;
  if (r.status !== 'done') return whyMissing(r);
  const rows = r.result.map((a) => [
    a.name,
    a.exact.toFixed(2),
    a.float.toFixed(2),
    a.difference.toFixed(2),
    a.unit,
  ]);
  return table(['task', 'exact', 'float32', 'difference', 'score'], rows);
}

function toleranceTable(run) {
  const r = run.records.find((x) => x.kind === 'tolerance');
  if (!r) return undefined;
  return r.status === 'done'
    ? table(
        ['step', 'result'],
        r.result.map((t) => [t.name, t.result]),
      )
    : whyMissing(r);
}

function ratioTable(run) {
  const rows = ratios(run).map((r) => [r.name, short(r.value), short(r.byCpu), r.note ?? '']);
  return rows.length > 0 && table(['ratio', 'by the clock', 'by processor time', 'note'], rows);
}

export function targetTable(run) {
  const yes = (v) => (v === null ? '-' : v ? 'yes' : 'NO');
  const rows = evaluateTargets(run).map((t) => [
    t.issue,
    t.work,
    `${t.least ? 'at least' : 'at most'} ${t.target} ${t.unit}`,
    t.measured === null ? '-' : `${short(t.measured)} ${t.unit}`,
    yes(t.reached),
    t.byCpu === undefined ? '' : `${short(t.byCpu)} ${t.unit}: ${yes(t.reachedByCpu)}`,
    t.note,
  ]);
  const note =
    run.machine.load > BUSY
      ? `\n\nThe load average was ${run.machine.load.toFixed(1)} at the start: "by processor" is the processor time, halved for engines with two threads.`
      : '';
  return table(['issue', 'work', 'wanted', 'measured', 'reached', 'by processor', 'note'], rows) + note;
}

function failures(run) {
  const failed = run.records.filter((r) => r.status === 'failed');
  if (failed.length === 0) return undefined;
  return section('Failed', failed.map((r) => `- ${r.id}: ${r.error.code}: ${r.error.message}`).join('\n'));
}

function section(title, body) {
  return body && `## ${title}\n\n${body}`;
}
