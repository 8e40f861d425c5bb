/** The record of a network's window, whatever its status; undefined where this run did not plan it. */
export function proveRecord(
  run,
  { size, statement, batch = 8, steps = 1, profile = 'default', weightColumns, engine },
) {
  return run.records.find(
    (r) =>
      r.kind === 'prove' &&
      r.engine === engine &&
      r.options.batch === batch &&
      r.options.steps === steps &&
      r.options.profile === profile &&
      r.options.weightColumns === weightColumns &&
      (statement === undefined ? r.size === size : r.statement === statement),
  );
}

/** Its figures, or undefined where it was not measured. */
export function proved(run, query) {
  const record = proveRecord(run, query);
  return record?.status === 'done' ? record.result : undefined;
}

/** Why there is no figure. */
export function whyMissing(record) {
  if (!record) return 'not in this run';
  if (record.status === 'unavailable')
    return record.reason === 'missing' ? 'not built' : record.error.message;
  if (record.status === 'failed') return `failed: ${record.error.code}`;
  return '';
}

/** What a prove record is called in tables: network and window. */
export function caseName(r) {
  const { batch, steps, profile, weightColumns } = r.options;
  const network = `${r.widths.join('-')}, batch ${batch}, ${steps === 1 ? '1 step' : `${steps} steps`}`;
  return `${network}${profile === 'default' ? '' : `, ${profile}`}${weightColumns ? ', fewest columns' : ''}`;
}
