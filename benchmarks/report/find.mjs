/** The record of a network's window, whatever its status; undefined where this run did not plan it. */
export function proveRecord(
  run,
  { size, statement, lora, batch = 8, steps = 1, profile = 'default', weightColumns, engine },
) {
  return run.records.find(
    (r) =>
      r.kind === 'prove' &&
      r.engine === engine &&
      r.options.batch === batch &&
      r.options.steps === steps &&
      r.options.profile === profile &&
      r.options.weightColumns === weightColumns &&
      r.lora === lora &&
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

/** What a batch of updates consists of. */
export function updatesName({ updates }) {
  return updates === 'layers' ? '8 layers, one step each' : '8 steps of one layer';
}

/** What OptimizedLoRAProver chose. */
export function chosenText({ window, proofs, workers, threads, formats }) {
  const of = (n, thing) => `${n} ${thing}${n === 1 ? '' : 's'}`;
  return `${of(proofs, 'proof')} of up to ${of(window, 'step')}, ${workers} at once, ${of(threads, 'thread')} each, ${formats.join(' and ')}`;
}

const RULES = { sgd: 'SGD', momentum: 'momentum', adamw: 'AdamW' };

/** What a prove record is called in tables: network and window. */
export function caseName(r) {
  const { batch, steps, profile, weightColumns, adapters } = r.options;
  const rule = adapters?.optimizer ? `, ${RULES[adapters.optimizer.type]}` : '';
  const base =
    adapters && `, rank ${adapters.rank}, ${adapters.local ? 'layer-local' : 'frozen base'}${rule}`;
  const network = `${r.widths.join('-')}${base ?? ''}, batch ${batch}, ${steps === 1 ? '1 step' : `${steps} steps`}`;
  return `${network}${profile === 'default' ? '' : `, ${profile}`}${weightColumns ? ', fewest columns' : ''}`;
}
