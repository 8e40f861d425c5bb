import type { z } from 'zod';
import type { Json } from '../event/canonical.js';
import { refused } from '../event/canonical.js';

/** What an event says to have made from what: digests. */
export interface Flow {
  inputs: readonly string[];
  outputs: readonly string[];
}

/** A kind of event: which fields it has, what it says in a line, what it made from what. */
export interface Kind {
  type: string;
  /** Why fields are none of this kind; undefined where they are. */
  wrong(fields: Readonly<Record<string, Json>>): string | undefined;
  /** Of the fields that are known: the same for those of an event whose other fields are withheld. */
  fits(fields: Readonly<Record<string, Json>>): boolean;
  /** One line. */
  text(fields: Readonly<Record<string, Json>>): string;
  flow(fields: Readonly<Record<string, Json>>): Flow;
  /** The same for taint, which also leads through what failed or was refused: its outputs are there all the same. */
  spread(fields: Readonly<Record<string, Json>>): Flow;
}

/** What makes a kind. */
interface Definition<S extends z.ZodRawShape> {
  type: string;
  /** Strict: other fields are refused. */
  fields: z.ZodObject<S>;
  /** What must hold between fields; says what does not. */
  rule?: (fields: z.output<z.ZodObject<S>>) => string | undefined;
  text: (fields: Partial<z.output<z.ZodObject<S>>>) => string;
  flow?: (fields: Partial<z.output<z.ZodObject<S>>>) => Flow;
  /** Default: `flow`. */
  spread?: (fields: Partial<z.output<z.ZodObject<S>>>) => Flow;
}

/** A kind of its schema and its words. */
export function defineKind<S extends z.ZodRawShape>(definition: Definition<S>): Kind {
  const { type, fields: schema, rule, text, flow, spread = flow } = definition;
  const partial = schema.partial();
  type Some = Partial<z.output<z.ZodObject<S>>>;
  return {
    type,
    wrong(fields) {
      const read = schema.safeParse({ ...fields });
      if (read.success) return rule?.(read.data);
      const [issue] = read.error.issues;
      if (issue?.code === 'unrecognized_keys') return 'has a field that events of this type do not have';
      return `has not what such events have as ${String(issue?.path[0])}`;
    },
    fits: (fields) => partial.safeParse({ ...fields }).success,
    text: (fields) => text(fields as Some),
    flow: (fields) => flow?.(fields as Some) ?? { inputs: [], outputs: [] },
    spread: (fields) => spread?.(fields as Some) ?? { inputs: [], outputs: [] },
  };
}

/** Errors: `LEDGER_EVENT`, which names the field and never quotes it. */
export function requireFields(kind: Kind, fields: Readonly<Record<string, Json>>): void {
  const why = kind.wrong(fields);
  if (why !== undefined) throw refused(`the event of type ${kind.type}`, why);
}
