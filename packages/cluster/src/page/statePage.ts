import type { QueueState } from '../queue/state.js';

const MB = 2 ** 20;
const STYLE =
  'body{font:15px system-ui;margin:2em;max-width:60em}table{border-collapse:collapse;margin:0 0 2em}' +
  'td,th{text-align:left;padding:.2em 1.5em .2em 0;border-bottom:1px solid #ccc}td:nth-child(n+2){font-variant-numeric:tabular-nums}';

/** A queue's state as a page without scripts, which loads itself again every two seconds. */
export function statePage({ jobs, active, workers, reports }: QueueState, at = new Date()): string {
  const nameOf = (id = '') => workers?.find((worker) => worker.id === id)?.name ?? id;
  const parts = [
    table('Jobs', ['state', 'jobs'], Object.entries(jobs)),
    workers &&
      table(
        'Workers',
        ['name', 'id', 'proofs at once', 'memory'],
        workers.map(({ name, id, threads, memoryBytes }) => [
          name,
          id,
          threads,
          `${Math.floor(memoryBytes / MB)} MB`,
        ]),
      ),
    table(
      'Under way',
      ['statement', 'kind', 'worker', 'since (its clock)'],
      active.map(({ statement, kind, worker, since }) => [
        statement.slice(0, 16),
        kind,
        nameOf(worker),
        since === undefined ? '' : new Date(since).toISOString(),
      ]),
    ),
    table(
      'Reports',
      ['at', 'what', 'worker', 'cause', 'statement'],
      reports.map(({ at, what, worker, cause, statement }) => [
        at,
        what,
        worker ?? '',
        cause,
        statement.slice(0, 16),
      ]),
    ),
  ];
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="2">' +
    `<title>Proofs: queue</title><style>${STYLE}</style></head><body><h1>Queue of proofs</h1>` +
    `<p>${escaped(at.toISOString())}</p>${parts.filter(Boolean).join('')}</body></html>\n`
  );
}

function table(title: string, heads: string[], rows: readonly (readonly unknown[])[]): string {
  const line = (cells: readonly unknown[], tag: 'td' | 'th') =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(String(cell))}</${tag}>`).join('')}</tr>`;
  const body = rows.length > 0 ? rows.map((row) => line(row, 'td')).join('') : line(['none'], 'td');
  return `<h2>${escaped(title)}</h2><table><thead>${line(heads, 'th')}</thead><tbody>${body}</tbody></table>`;
}

/** Names and causes come out of the queue, where others write. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
