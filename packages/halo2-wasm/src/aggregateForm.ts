import { requireArgument } from './argument.js';

/**
 * What the windows of a run may differ in: then an aggregation circuit compares it with nothing, and has it in the schedule's hash. Each
 * form is a circuit with a key of its own; without one, windows differ in nothing of this.
 */
export interface AggregateForm {
  /** In their learning rate: runs on a schedule of rates. */
  rates?: boolean;
  /** In the commitments to their shard, and to the frozen base: runs in which these were renewed. */
  renewed?: boolean;
}

const NAMES = ['rates', 'renewed'] as const;

/** A form as the engine takes it; nothing where windows differ in nothing. Errors: `OPTION_INVALID`. */
export function formJson(form: AggregateForm | undefined, where: string): string | undefined {
  if (form === undefined) return undefined;
  const known =
    typeof form === 'object' &&
    form !== null &&
    Object.entries(form).every(
      ([name, v]) =>
        (NAMES as readonly string[]).includes(name) && (v === undefined || typeof v === 'boolean'),
    );
  requireArgument(known, where, 'form', 'have no more than rates and renewed, true or false', form);
  const differing = NAMES.filter((name) => form[name]);
  if (differing.length === 0) return undefined;
  return JSON.stringify(Object.fromEntries(differing.map((name) => [name, true])));
}
