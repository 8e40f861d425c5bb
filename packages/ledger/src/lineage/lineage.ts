import type { Json } from '../event/canonical.js';
import { eventFlow, eventSpread, kindOf } from '../events/kinds.js';
import type { TaintTag } from '../events/taint.js';
import { Taints } from './tags.js';

/** An event, as far as it is known. */
export interface KnownEvent {
  index: number;
  /** With id, time and type where they are known. */
  fields: Readonly<Record<string, Json>>;
}

/** A step of a path: an event, what of its inputs the path comes from, and what it goes on with. */
export interface Step {
  index: number;
  input: string;
  output: string;
}

/** What something was made from. */
export interface Origins {
  /** All digests that it was made from, itself with them. */
  digests: string[];
  /** Those that no recorded event has made from anything. */
  roots: string[];
  tags: TaintTag[];
}

/**
 * What was made from what, by the events of a log.
 *
 * @example
 * const lineage = new Lineage(await log.find({ type: 'stage' }));
 * console.log(lineage.origins(digest).tags);
 */
export class Lineage {
  /** Of each digest, what it was made from. */
  private readonly parents = new Map<string, Set<string>>();
  private readonly taints = new Taints();
  private readonly own = new Map<string, number>();
  private readonly events: readonly KnownEvent[];

  /** @param events in any order */
  constructor(events: Iterable<KnownEvent>) {
    this.events = [...events].sort((a, b) => a.index - b.index);
    for (const { fields } of this.events) {
      const { inputs, outputs } = eventSpread(fields);
      for (const output of outputs) {
        const parents = this.parents.get(output) ?? new Set();
        for (const input of inputs) parents.add(input);
        this.parents.set(output, parents);
      }
      for (const tag of tagsOf(fields)) {
        const set = this.taints.combine(this.own.get(tag.hash) ?? 0, this.taints.of([tag]));
        this.own.set(tag.hash, set);
      }
    }
  }

  /**
   * What something was made from, through whatever steps and in whatever order they were recorded: a tag counts also where it was recorded
   * after what was made, and taint leads through steps that failed.
   */
  origins(digest: string): Origins {
    const seen = new Set([digest]);
    const roots: string[] = [];
    let taint = 0;
    // A set goes on with what is added to it meanwhile.
    for (const one of seen) {
      taint = this.taints.combine(taint, this.own.get(one) ?? 0);
      const parents = this.parents.get(one);
      if (!parents || parents.size === 0) roots.push(one);
      for (const parent of parents ?? []) seen.add(parent);
    }
    return { digests: [...seen], roots, tags: this.taints.tags(taint) };
  }

  /**
   * How something was made from something else: each step's event lies behind that of the step before it, since what was used before it was
   * made is another thing of the same content. Undefined where no recorded events lead there.
   */
  path(from: string, to: string): Step[] | undefined {
    const reached = new Map<string, Step | undefined>([[from, undefined]]);
    for (const { index, fields } of this.events) {
      const { inputs, outputs } = eventFlow(fields);
      const input = inputs.find((digest) => reached.has(digest));
      if (input === undefined) continue;
      for (const output of outputs) if (!reached.has(output)) reached.set(output, { index, input, output });
    }
    if (from === to || !reached.has(to)) return undefined;
    const steps: Step[] = [];
    for (let step = reached.get(to); step; step = reached.get(step.input)) steps.unshift(step);
    return steps;
  }
}

/** Tags that an event gives. */
export function tagsOf(fields: Readonly<Record<string, Json>>): TaintTag[] {
  if (kindOf(fields)?.type !== 'taint') return [];
  return (fields.tags ?? []) as unknown as TaintTag[];
}
