import { lossText, scheduleText } from '@proof-of-training/sgd-circuit';
import type { RunBundle } from '../bundle/schema.js';
import { checkOptions } from '../options/checkOptions.js';
import type { VerificationReport } from '../verify/report.js';
import { ruleText } from '../verify/rule.js';
import { lineChart } from './chart.js';
import type { ReportInput } from './checks.js';
import { reportInput } from './checks.js';
import { escapeHtml, page } from './page.js';

export type { ReportInput };

/**
 * A self-contained HTML page about one run: no scripts, nothing loaded from elsewhere.
 *
 * @example
 * const verification = await verifyTrainingRun(bundle);
 * await writeFile('report.html', renderReport({ bundle, verification }));
 */
export function renderReport(input: ReportInput): string {
  checkOptions(reportInput, input, 'renderReport');
  const { bundle, verification, attacks } = input;
  const title = bundle.declared?.name ?? 'Training run';
  return page(title, [
    verdict(verification),
    facts(input),
    charts(bundle),
    checks(verification),
    attacks ? attackTable(attacks) : '',
    proofs(input),
  ]);
}

function verdict({ ok, failure, developmentSrs, conditional = [] }: VerificationReport): string {
  const text = ok
    ? 'Verified: every step of this run is proven.'
    : `Not verified: ${escapeHtml(failure?.message ?? '')}`;
  const conditions = ok
    ? conditional.map((c) => `<p class="warn">On a condition: ${escapeHtml(c)}</p>`).join('')
    : '';
  const warning = developmentSrs
    ? '<p class="warn">Made with the INSECURE development SRS: anyone could have forged these proofs. For demonstrations only.</p>'
    : '';
  return `<p class="verdict ${ok ? 'ok' : 'bad'}">${text}</p>${conditions}${warning}`;
}

function facts({ bundle, verification, testAccuracy }: ReportInput): string {
  const { proven } = verification;
  const { run, declared } = bundle;
  const network = [run.spec.layers[0]!.inputs, ...run.spec.layers.map((l) => l.outputs)].join(' - ');
  const rows: [string, string][] = [
    ['Network', `${network}, ${lossText(run.spec)}`],
    [
      'Steps',
      `${bundle.windows.length * run.spec.steps} of ${run.spec.batch} samples, ${run.spec.steps} a proof`,
    ],
    ...(proven
      ? ([
          ['Optimiser', escapeHtml(ruleText(proven.optimizer))],
          [
            'Learning rate',
            proven.schedule
              ? escapeHtml(`${proven.learningRate}, ${scheduleText(proven.schedule)}`)
              : String(proven.learningRate),
          ],
          ['Parameters', String(proven.parameters)],
        ] as [string, string][])
      : []),
    ...believed(verification),
    ...(proven
      ? ([
          [
            'First weights',
            proven.start === 'seed' ? 'from the public seed' : 'given by the one who trained',
          ],
          ['Order of the data', escapeHtml(proven.order)],
        ] as [string, string][])
      : []),
    ['Run id', code(run.runId)],
    ['Dataset root', code(run.datasetRoot)],
    ['First weights (commitment)', code(run.genesis)],
    ['Last weights (commitment)', code(bundle.windows[bundle.windows.length - 1]!.public.weightsOut)],
    ...(run.base ? [['Frozen base', code(run.base)] as [string, string]] : []),
    ...(proven?.lora ? [['Proven', escapeHtml(proven.lora.statement)] as [string, string]] : []),
    ['SRS', `${run.srs.development ? 'development, insecure' : ''} 2^${run.srs.k} ${code(run.srs.hash)}`],
  ];
  if (testAccuracy !== undefined)
    rows.push(['Test accuracy', `${percent(testAccuracy)} (declared, not proven)`]);
  if (declared?.createdAt) rows.push(['Begun', `${escapeHtml(declared.createdAt)} (declared)`]);
  return `<h2>The run</h2><table class="facts">${rows.map(([k, v]) => `<tr><th>${k}</th><td>${v}</td></tr>`).join('')}</table>`;
}

/** What the verifier believes besides, and what it took from the file unasked. */
function believed({ description: d, pinned, notPinned }: VerificationReport): [string, string][] {
  const rows: [string, string][] = [
    ['Pinned by the verifier', escapeHtml(pinned.join(', ') || 'nothing')],
    ['Not pinned', escapeHtml(notPinned.join(', ') || 'nothing')],
  ];
  if (!d) return rows;
  const { weights, activations, base } = d.numbers;
  const bits = `fractional bits: weights ${weights}, activations ${activations}${base === undefined ? '' : `, base ${base}`}`;
  return [['Numbers', `${d.mode}; ${bits}`], ...rows];
}

function charts({ declared }: RunBundle): string {
  const metrics = declared?.metrics ?? [];
  if (metrics.length < 2) return '';
  const loss = { name: 'loss', className: 'loss', values: metrics.map((m) => m.loss) };
  const hits = { name: 'accuracy', className: 'accuracy', values: metrics.map((m) => m.accuracy ?? 0) };
  const accuracy = metrics.every((m) => m.accuracy !== undefined)
    ? lineChart('Training accuracy by window', [hits], percent)
    : '';
  return `<h2>Training (declared, not proven)</h2>${lineChart('Training loss by window', [loss], (v) => v.toFixed(2))}${accuracy}`;
}

function checks({ checks: list }: VerificationReport): string {
  const proofs = list.filter((c) => /^proof \d+$/.test(c.name));
  const others = list.filter((c) => !proofs.includes(c));
  const held = proofs.filter((c) => c.ok).length;
  const rows = others.map((c) => row(c.name, c.ok, c.detail));
  if (proofs.length > 0)
    rows.push(row('window proofs', held === proofs.length, `${held} of ${proofs.length} hold`));
  return `<h2>What the verifier checked</h2><table>${rows.join('')}</table>`;
}

function row(name: string, ok: boolean, detail: string): string {
  return `<tr><th>${escapeHtml(name)}</th><td class="${ok ? 'ok' : 'bad'}">${ok ? 'holds' : 'fails'}</td><td>${escapeHtml(detail)}</td></tr>`;
}

function attackTable(attacks: NonNullable<ReportInput['attacks']>): string {
  const rows = attacks.map(
    (a) => `<tr><th>${escapeHtml(a.name)}</th><td>${code(a.code)}</td><td>${escapeHtml(a.message)}</td></tr>`,
  );
  return `<h2>Altered bundles, refused</h2><table>${rows.join('')}</table>`;
}

function proofs({ bundle, timings = [] }: ReportInput): string {
  const times = new Map(timings.map((t) => [t.window, t.ms]));
  const line = (name: string, window: number | undefined, entry: RunBundle['genesis']) => {
    const ms = times.get(window);
    const bytes = Math.floor((entry.proof.length * 3) / 4);
    const cells = [
      name,
      window === undefined
        ? ''
        : `${entry.public.firstStep} to ${entry.public.firstStep + bundle.run.spec.steps - 1}`,
      window === undefined ? '' : String(entry.public.epoch),
      String(bytes),
      ms === undefined ? '' : `${(ms / 1000).toFixed(2)} s`,
      code(short(entry.public.weightsIn)),
      window === undefined ? '' : code(short(entry.public.weightsOut)),
      window === undefined ? '' : code(short(entry.public.data)),
    ];
    return `<tr>${cells.map((c) => `<td>${c}</td>`).join('')}</tr>`;
  };
  const head = ['Proof', 'Steps', 'Epoch', 'Bytes', 'Proving', 'Weights in', 'Weights out', 'Data']
    .map((h) => `<th>${h}</th>`)
    .join('');
  const body = bundle.windows.map((entry, n) => line(String(n), n, entry)).join('');
  return `<h2>Proofs</h2><div class="scroll"><table><tr>${head}</tr>${line('genesis', undefined, bundle.genesis)}${body}</table></div>`;
}

function short(hex: string): string {
  return `${hex.slice(0, 10)}…${hex.slice(-6)}`;
}
function code(text: string): string {
  return `<code>${escapeHtml(text)}</code>`;
}
function percent(v: number): string {
  return `${(100 * v).toFixed(1)} %`;
}
