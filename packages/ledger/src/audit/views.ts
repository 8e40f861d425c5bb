import type { Json } from '../event/canonical.js';
import { eventFlow, kindOf } from '../events/kinds.js';
import { type KnownEvent, tagsOf } from '../lineage/lineage.js';
import type { Database, SqlValue } from '../log/database.js';

/** Tables of what is known. Views below give the kinds their columns. */
const TABLES = `
  CREATE TABLE events (entry INTEGER PRIMARY KEY, id TEXT, time TEXT, type TEXT, kind TEXT);
  CREATE TABLE fields (entry INTEGER, name TEXT, value);
  CREATE TABLE withheld (entry INTEGER, name TEXT);
  CREATE TABLE inputs (entry INTEGER, digest TEXT, name TEXT);
  CREATE TABLE outputs (entry INTEGER, digest TEXT, name TEXT);
  CREATE TABLE tags (entry INTEGER, source TEXT, origin TEXT, timestamp TEXT, hash TEXT, shard INTEGER);
  CREATE INDEX by_name ON fields (name, entry);
  CREATE INDEX by_entry ON fields (entry);
  CREATE INDEX by_input ON inputs (digest);
  CREATE INDEX by_output ON outputs (digest)`;

/** Of each kind the view's name, and its columns with the fields that they show. */
const VIEWS: Record<string, { kind: string; columns: Record<string, string> }> = {
  stages: {
    kind: 'stage',
    columns: {
      name: 'name',
      outcome: 'outcome',
      exit_code: 'exitCode',
      signal: 'signal',
      started: 'started',
      ended: 'ended',
    },
  },
  files: { kind: 'file', columns: { digest: 'digest', name: 'name', size: 'size', origin: 'origin' } },
  llm_calls: {
    kind: 'llm.call',
    columns: {
      request_model: 'gen_ai.request.model',
      response_model: 'gen_ai.response.model',
      input_tokens: 'gen_ai.usage.input_tokens',
      output_tokens: 'gen_ai.usage.output_tokens',
      server: 'server.address',
      status: 'http.response.status_code',
      error: 'error.type',
      complete: 'complete',
      started: 'started',
      ended: 'ended',
    },
  },
  training_runs: {
    kind: 'training.run',
    columns: {
      run_id: 'runId',
      dataset: 'dataset',
      weights_before: 'weightsBefore',
      weights_after: 'weightsAfter',
      steps: 'steps',
      file: 'file',
      verification: 'verification',
    },
  },
  inferences: {
    kind: 'inference',
    columns: {
      weights: 'weights',
      input: 'input',
      output: 'output',
      file: 'file',
      verification: 'verification',
    },
  },
  policy_checks: {
    kind: 'policy.check',
    columns: { policy_digest: 'policyDigest', allowed: 'allowed', artefacts: 'artefacts' },
  },
  quarantines: { kind: 'quarantine', columns: { artefact: 'artefact', name: 'name', reason: 'reason' } },
};

/** Makes the views of some events in an empty database. */
export function makeViews(
  db: Database,
  events: readonly (KnownEvent & { withheld: readonly string[] })[],
): void {
  db.exec(TABLES);
  for (const [view, { kind, columns }] of Object.entries(VIEWS)) {
    const shown = Object.entries(columns).map(
      ([column, field]) =>
        `(SELECT value FROM fields f WHERE f.entry = e.entry AND f.name = '${field}') AS ${column}`,
    );
    const own = ['e.entry AS entry', 'e.id AS id', 'e.time AS time', ...shown].join(', ');
    db.exec(`CREATE VIEW ${view} AS SELECT ${own} FROM events e WHERE e.kind = '${kind}'`);
  }
  db.exec('BEGIN');
  for (const [sql, rows] of Object.entries(rowsOf(events))) db.many(sql, rows);
  db.exec('COMMIT');
  db.exec('PRAGMA query_only = ON');
}

function rowsOf(events: readonly (KnownEvent & { withheld: readonly string[] })[]) {
  const rows: Record<'events' | 'fields' | 'withheld' | 'inputs' | 'outputs' | 'tags', SqlValue[][]> = {
    events: [],
    fields: [],
    withheld: [],
    inputs: [],
    outputs: [],
    tags: [],
  };
  for (const { index, fields, withheld } of events) {
    const kind = kindOf(fields)?.type ?? null;
    const own = ['id', 'time', 'type'].map((name) => plain(fields[name]));
    rows.events.push([index, ...own, kind]);
    for (const [name, value] of Object.entries(fields)) rows.fields.push([index, name, plain(value)]);
    for (const name of withheld) rows.withheld.push([index, name]);
    const { inputs, outputs } = eventFlow(fields);
    const named = (names: Json | undefined, i: number) => (Array.isArray(names) ? plain(names[i]) : null);
    for (const [i, digest] of inputs.entries())
      rows.inputs.push([index, digest, named(fields.inputNames, i)]);
    for (const [i, digest] of outputs.entries())
      rows.outputs.push([index, digest, named(fields.outputNames, i)]);
    for (const { source, origin, timestamp, hash, shard } of tagsOf(fields))
      rows.tags.push([index, source, origin, timestamp, hash, shard ?? null]);
  }
  return {
    'INSERT INTO events VALUES (?, ?, ?, ?, ?)': rows.events,
    'INSERT INTO fields VALUES (?, ?, ?)': rows.fields,
    'INSERT INTO withheld VALUES (?, ?)': rows.withheld,
    'INSERT INTO inputs VALUES (?, ?, ?)': rows.inputs,
    'INSERT INTO outputs VALUES (?, ?, ?)': rows.outputs,
    'INSERT INTO tags VALUES (?, ?, ?, ?, ?, ?)': rows.tags,
  };
}

/** A value of JSON as SQL has it: lists and objects as their text. */
function plain(value: Json | undefined): SqlValue {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'object' ? JSON.stringify(value) : value;
}
