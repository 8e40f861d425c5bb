import type { ShownEvent } from '../../answer/evidence.js';
import { eventFlow } from '../../events/kinds.js';
import type { Replayed } from '../replay.js';

/** Of every predicate of facts its number of arguments: one that has no fact is there all the same. */
const PREDICATES = {
  ...{ event: 4, field: 3, withheld: 2, input: 2, output: 2 },
  ...{ verification: 2, observation: 4, system: 4, model: 3, replayed: 2 },
};

/** The facts that some events give, as a program. What is withheld stands as the atom `undisclosed`. */
export function factsOf(events: readonly ShownEvent[], replayed: readonly Replayed[]): string {
  const lines = Object.entries(PREDICATES).map(([name, arity]) => `:- dynamic(${name}/${arity}).`);
  const say = (name: keyof typeof PREDICATES, ...values: unknown[]) =>
    lines.push(`${name}(${values.map(term).join(', ')}).`);
  for (const { index, fields, withheld } of events) {
    const { id, time, type, verification, system } = fields;
    say('event', index, id, time, type);
    for (const [name, value] of Object.entries(fields)) say('field', index, name, value);
    for (const name of withheld) say('withheld', index, name);
    const { inputs, outputs } = eventFlow(fields);
    for (const digest of inputs) say('input', index, digest);
    for (const digest of outputs) say('output', index, digest);
    const result = memberOf(verification, 'result');
    if (result !== undefined) say('verification', index, result);
    if (type === 'observation') say('observation', index, fields.signal, fields.name, fields.service);
    if (type === 'stage' && system !== undefined)
      say('system', index, ...['runtime', 'platform', 'arch'].map((name) => memberOf(system, name)));
    if (type === 'llm.call')
      say(
        'model',
        index,
        fields['gen_ai.response.model'] ?? fields['gen_ai.request.model'],
        fields['server.address'],
      );
  }
  for (const { index, result } of replayed) say('replayed', index, result);
  return lines.join('\n');
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** A value as a term: numbers, atoms, lists of them; anything else as the atom of its JSON. Nothing in a text can end the atom. */
function term(value: unknown): string {
  if (value === undefined || value === null) return 'undisclosed';
  if (typeof value === 'number' && Number.isFinite(value) && !/e/i.test(String(value))) return String(value);
  if (Array.isArray(value)) return `[${value.map(term).join(', ')}]`;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // Escapes by codes would be ambiguous: this reader takes a backslash before a quote for an escaped one.
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
