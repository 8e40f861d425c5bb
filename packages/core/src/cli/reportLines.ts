import type {
  InferenceReport,
  ProvenInference,
  ProvenPredicate,
  ShownValues,
  VerificationReport,
} from '@proof-of-training/verifier';
import { samplesText } from '@proof-of-training/verifier';
import { ceremonyText } from '@proof-of-training/verifier/run';

/** A report in lines for people; the verdict is the last one. */
export function lines(report: VerificationReport): string[] {
  const out: string[] = [];
  const proofs = report.checks.filter((c) => /^proof \d+$/.test(c.name) && c.ok);
  for (const c of report.checks) {
    if (!proofs.includes(c))
      out.push(`${c.ok ? 'ok  ' : 'FAIL'}  ${c.name}: ${c.detail}${c.code ? ` [${c.code}]` : ''}`);
  }
  if (proofs.length > 0) out.push(`ok    ${proofs.length} window proofs hold`);
  if (report.ok) out.push(...believed(report));
  return [...out, verdict(report)];
}

/** What the verifier believes, and what it took from the file unasked. */
function believed(report: VerificationReport): string[] {
  const { kind, description: d, referenceString, pinned, notPinned, notCompared = [], proven } = report;
  const out: string[] = [];
  if (kind) out.push(`kind: ${kind}`);
  if (d) {
    const { weights, activations, deltas, rate, base } = d.numbers;
    out.push(`network: ${d.architecture}`);
    out.push(
      `mode: ${d.mode}; fractional bits: weights ${weights}, activations ${activations}, deltas ${deltas}, rate ${rate}` +
        `${base === undefined ? '' : `, frozen base ${base}`}`,
    );
    if (d.tolerance) out.push(`tolerance: ${d.tolerance.statement}`);
  }
  if (referenceString) {
    const { hash, k, development } = referenceString;
    const of = report.ceremony ? `of ${ceremonyText(report.ceremony)}` : 'of no ceremony that is known here';
    out.push(`SRS: ${hash}, 2^${k}, ${development ? 'the INSECURE development SRS' : of}`);
  }
  out.push(`pinned by you: ${pinned.join(', ') || 'nothing pinned'}`);
  if (notPinned.length > 0) out.push(`not pinned, as the file says: ${notPinned.join(', ')}`);
  out.push(...notCompared.map((what) => `not compared: ${what}`));
  if (proven) out.push(samplesText(proven));
  const lora = proven?.lora ?? report.lora;
  if (lora) out.push(lora.statement);
  out.push(...inferred(report));
  if (report.developmentSrs) {
    out.push('Made with the INSECURE development SRS: convincing to nobody but yourself.');
  }
  return out;
}

/** What a model gave. */
function inferred({ inference }: InferenceReport): string[] {
  if (!inference) return [];
  const shown = (name: string, values: ShownValues) =>
    'committed' in values
      ? [`${name}: committed, ${values.committed}`]
      : values.values.map(
          ({ name: value, shape, numbers }) => `${name} ${value}, ${shape.join(' x ')}: ${some(numbers)}`,
        );
  const outputs =
    countLines(inference) ?? inference.predicates?.map(predicateText) ?? shown('outputs', inference.outputs);
  return [...shown('inputs', inference.inputs), ...outputs];
}

/** What an evaluation counts. */
function countLines({ counts: found }: ProvenInference): string[] | undefined {
  if (!found) return undefined;
  const { right, samples, counts } = found;
  const rows = counts.map(
    (row, label) => `label ${label}: taken for ${row.map((n, i) => `${i} ${n} times`).join(', ')}`,
  );
  return [`proven of outputs that stay hidden: ${right} of ${samples} are right`, ...rows];
}

/** A predicate and what it says of each sample, in words. */
export function predicateText({ statement, holds, largest }: ProvenPredicate): string {
  const each = holds?.map((yes) => (yes ? 'yes' : 'no')) ?? largest?.map(String);
  return `proven of outputs that stay hidden: ${statement}: ${each ? some(each) : 'committed'}`;
}

/** The first of many. */
function some(values: readonly (number | string)[]): string {
  const first = values.slice(0, 30).map((v) => (typeof v === 'number' ? Number(v.toPrecision(6)) : v));
  return first.join(', ') + (values.length > 30 ? `, and ${values.length - 30} more (--json has all)` : '');
}

function verdict({ ok, failure, conditional }: VerificationReport): string {
  if (!ok) return `REFUSED: ${failure?.message} [${failure?.code}]`;
  return conditional ? `CONDITIONAL: ${conditional.join(' ')}` : 'VERIFIED';
}
