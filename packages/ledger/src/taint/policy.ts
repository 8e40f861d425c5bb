import { PotError } from '@proof-of-training/errors';
import { type Artefact, artefactDigest } from '../artefact.js';
import { canonicalJson } from '../event/canonical.js';
import { digestOfBytes, short } from '../events/digest.js';
import { type Policy, policySchema, type Violation } from '../events/policyCheck.js';
import { Lineage, type Origins } from '../lineage/lineage.js';
import type { Appended, EventLog, RecordedEvent } from '../log/eventLog.js';
import { eventsOf, quarantineOf } from './state.js';

/** Kinds of events that say what was made from what, or where it comes from. */
export const LINEAGE_TYPES = ['stage', 'file', 'package', 'llm.call', 'training.run', 'inference', 'taint'];
const MAX_VIOLATIONS = 100;

/**
 * Applies a policy before artefacts are used, and records that with what it said. Where it refuses one of them, that is thrown, once it is
 * recorded.
 *
 * Errors: `LEDGER_POLICY`, with the violations in `details`; `OPTION_INVALID` for a policy that is none; `LEDGER_ARTEFACT`; those of
 * `EventLog.append`.
 *
 * @example
 * const policy = { name: 'licensed', rules: [{ rule: 'tagged' as const }, { rule: 'no-source' as const, sources: ['S'] }] };
 * await requirePolicy(log, policy, [{ path: 'rows.csv' }]);
 */
export async function requirePolicy(
  log: EventLog,
  policy: Policy,
  artefacts: readonly Artefact[],
): Promise<Appended> {
  const read = policySchema.safeParse(policy);
  if (!read.success) {
    throw new PotError(
      'OPTION_INVALID',
      `the policy is none: ${read.error.issues[0]?.path.join('.') || 'its members'} is wrong`,
      {
        details: { option: 'policy' },
        hint: 'docs/operate/audit.md has the rules.',
      },
    );
  }
  const digests = await Promise.all(artefacts.map(artefactDigest));
  const events = await eventsOf(log, LINEAGE_TYPES);
  const lineage = new Lineage(events);
  const held = await quarantineOf(log);
  const unproven = unprovenPackages(events);
  const violations = digests
    .flatMap((artefact) => violationsOf(read.data, artefact, lineage.origins(artefact), held, unproven))
    .slice(0, MAX_VIOLATIONS);
  const appended = await log.append({
    type: 'policy.check',
    fields: {
      policy: read.data,
      policyDigest: digestOfBytes(canonicalJson(read.data)),
      artefacts: digests,
      events: events.length,
      allowed: violations.length === 0,
      violations,
    },
  });
  const [first] = violations;
  if (!first) return appended;
  throw new PotError(
    'LEDGER_POLICY',
    `the policy ${read.data.name} refuses ${short(first.artefact)}: ${first.rule}`,
    {
      details: { violations, index: appended.index },
      hint: 'Use other data, or another policy. The refusal is recorded.',
    },
  );
}

/** What of a policy an artefact breaks. */
export function violationsOf(
  { rules }: Policy,
  artefact: string,
  { digests, roots, tags }: Origins,
  held: ReadonlyMap<string, unknown>,
  unproven: ReadonlySet<unknown> = new Set(),
): Violation[] {
  const found: Violation[] = digests
    .filter((digest) => held.has(digest))
    .map((because) => ({ rule: 'quarantine', artefact, because }));
  const tagged = new Set(tags.map(({ hash }) => hash));
  for (const rule of rules) {
    const wrong =
      rule.rule === 'tagged'
        ? roots.filter((root) => !tagged.has(root))
        : rule.rule === 'provenance'
          ? digests.filter((digest) => unproven.has(digest))
          : tags.filter((tag) => breaks(rule, tag)).map(({ hash }) => hash);
    for (const because of wrong) found.push({ rule: rule.rule, artefact, because });
  }
  return found;
}

/** Packages that no download has verified attestations of. */
function unprovenPackages(events: readonly RecordedEvent[]): Set<unknown> {
  const packages = events.filter(({ type }) => type === 'package').map(({ fields }) => fields);
  const of = (found: string) =>
    packages.filter(({ provenance }) => provenance === found).map(({ digest }) => digest);
  const proven = new Set(of('verified'));
  return new Set(of('none').filter((digest) => !proven.has(digest)));
}

function breaks(
  rule: Policy['rules'][number],
  { source, origin }: { source: string; origin: string },
): boolean {
  if (rule.rule === 'no-source') return rule.sources.includes(source);
  if (rule.rule === 'no-origin') return rule.origins.includes(origin);
  return rule.rule === 'only-sources' && !rule.sources.includes(source);
}
