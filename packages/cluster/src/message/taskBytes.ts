import { aggregateSchema, MAX_PLACES } from '@proof-of-training/aggregator';
import { hex32Schema, publicInputsSchema, specSchema } from '@proof-of-training/sgd-circuit';
import { z } from 'zod';
import { messageError } from './messages.js';
import type { RemoteTask } from './statement.js';

const MAGIC = new TextEncoder().encode('pot-task');
/** The header has a specification, public inputs and names, or proofs that are to be aggregated: kilobytes. */
const MAX_HEADER = 2 ** 22;
const CHUNK = 2 ** 16;

const TYPES = { i64: BigInt64Array, i32: Int32Array, u8: Uint8Array } as const;
type Type = keyof typeof TYPES;
type Values = BigInt64Array | Int32Array | Uint8Array;

/** The arrays of a witness, in the order in which they stand. */
const ARRAYS: Record<RemoteTask['kind'], Record<string, Type>> = {
  aggregation: {},
  genesis: { weights: 'i64', salt: 'u8', base: 'i64', baseSalt: 'u8' },
  window: {
    before: 'i64',
    saltBefore: 'u8',
    after: 'i64',
    saltAfter: 'u8',
    x: 'i32',
    y: 'i32',
    dataSalt: 'u8',
    base: 'i64',
    baseSalt: 'u8',
    'points.before': 'u8',
    'points.after': 'u8',
    'points.data': 'u8',
    'points.base': 'u8',
  },
};

/** Bytes of each array that there is. */
const arrays = z.record(z.string(), z.int().min(0));

const witnessHeader = z.strictObject({
  kind: z.enum(['window', 'genesis']),
  spec: specSchema,
  public: publicInputsSchema,
  transcript: z.enum(['blake2b', 'poseidon']).optional(),
  arrays,
});

/** What a run has where its windows have their own. */
const namedSchema = z.strictObject({
  eta: publicInputsSchema.shape.eta.optional(),
  datasetRoot: hex32Schema.optional(),
  depth: z.int().min(0).max(32).optional(),
  base: hex32Schema.optional(),
});

const aggregationHeader = z.strictObject({
  kind: z.literal('aggregation'),
  spec: specSchema,
  places: z.int().min(0).max(MAX_PLACES),
  form: z.strictObject({ rates: z.literal(true).optional(), renewed: z.literal(true).optional() }).optional(),
  previous: aggregateSchema.optional(),
  members: z
    .array(
      z.strictObject({
        public: publicInputsSchema,
        proof: z.string().max(2 ** 20),
        shard: z.int().min(0),
        siblings: z.array(hex32Schema).max(32),
        named: namedSchema.optional(),
      }),
    )
    .min(1)
    .max(MAX_PLACES),
  arrays,
});

const headerSchema = z.discriminatedUnion('kind', [witnessHeader, aggregationHeader]);

/** A task as bytes, chunk by chunk: a header in JSON, then its arrays, little-endian. */
export function* taskBytes(task: RemoteTask): Generator<Uint8Array> {
  const { kind } = task;
  const arrays = Object.keys(ARRAYS[kind]).flatMap((name) => {
    const values = arrayOf(task, name);
    return values ? [[name, values] as const] : [];
  });
  const lengths = Object.fromEntries(arrays.map(([name, { byteLength }]) => [name, byteLength]));
  const header = new TextEncoder().encode(JSON.stringify({ ...headerOf(task), arrays: lengths }));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, header.length, true);
  yield Uint8Array.from([...MAGIC, ...length]);
  yield header;
  for (const [, { buffer, byteOffset, byteLength }] of arrays) {
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    // Copies: what threads share must not be handed to a cipher.
    for (let at = 0; at < byteLength; at += CHUNK) yield bytes.slice(at, at + CHUNK);
  }
}

function headerOf(task: RemoteTask): object {
  const { kind, spec } = task;
  if (kind !== 'aggregation') {
    const { public: inputs, transcript } = task;
    return { kind, spec, public: inputs, ...(transcript && { transcript }) };
  }
  const { places, form, previous, members } = task;
  const plain = members.map(({ public: inputs, proof, shard, siblings, named }) => ({
    public: inputs,
    proof,
    shard,
    siblings,
    ...(named && { named }),
  }));
  return { kind, spec, places, ...(form && { form }), ...(previous && { previous }), members: plain };
}

/** The inverse. Errors: `CLUSTER_MESSAGE`. */
export function taskOf(given: Uint8Array): RemoteTask {
  // A Buffer's slices would be views.
  const bytes = new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
  const start = MAGIC.length + 4;
  if (bytes.length < start || MAGIC.some((byte, n) => byte !== bytes[n]))
    throw messageError('a task is none');
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.length, true);
  if (length > MAX_HEADER || start + length > bytes.length)
    throw messageError('the header of a task is too long');
  const parsed = headerSchema.safeParse(jsonOf(bytes.subarray(start, start + length)));
  if (!parsed.success) throw messageError('the header of a task is none');
  const { arrays, ...said } = parsed.data;
  const task: Record<string, unknown> = Object.fromEntries(
    Object.entries(said).filter(([, value]) => value !== undefined),
  );
  let at = start + length;
  for (const [name, type] of Object.entries(ARRAYS[said.kind])) {
    const size = arrays[name];
    if (size === undefined) continue;
    const width = TYPES[type].BYTES_PER_ELEMENT;
    if (size % width !== 0 || at + size > bytes.length)
      throw messageError(`the array ${name} of a task is cut`);
    setArray(task, name, new TYPES[type](bytes.slice(at, at + size).buffer));
    at += size;
  }
  const known = Object.keys(arrays).every((name) => name in ARRAYS[said.kind]);
  if (at !== bytes.length || !known) throw messageError('a task has more than its header says');
  requireArrays(task, said.kind);
  return task as unknown as RemoteTask;
}

/** The prover would ask for the others. */
function requireArrays(task: Record<string, unknown>, kind: RemoteTask['kind']): void {
  const optional = ['base', 'baseSalt'];
  const missing = Object.keys(ARRAYS[kind]).find(
    (name) => !name.includes('.') && !optional.includes(name) && task[name] === undefined,
  );
  if (missing) throw messageError(`a task has no ${missing}`);
}

function arrayOf(task: RemoteTask, path: string): Values | undefined {
  const [name = '', inner] = path.split('.');
  const value = (task as unknown as Record<string, unknown>)[name];
  if (inner === undefined) return value as Values | undefined;
  return (value as Record<string, Values> | undefined)?.[inner];
}

function setArray(task: Record<string, unknown>, path: string, values: Values): void {
  const [name = '', inner] = path.split('.');
  if (inner === undefined) task[name] = values;
  else task[name] = { ...(task[name] as object | undefined), [inner]: values };
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
