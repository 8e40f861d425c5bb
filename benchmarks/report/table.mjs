/** A Markdown table whose columns line up in a terminal too. */
export function table(head, rows) {
  const clean = (v) =>
    String(v ?? '')
      .replaceAll('|', '/')
      .replaceAll('\n', ' ');
  // Rows may end early: a case without figures has its reason alone.
  const cells = [head, ...rows].map((row) => head.map((_, c) => clean(row[c])));
  const width = head.map((_, c) => Math.max(3, ...cells.map((row) => row[c].length)));
  const line = (row) => `| ${row.map((v, c) => v.padEnd(width[c])).join(' | ')} |`;
  return [
    line(cells[0]),
    `|${width.map((w) => '-'.repeat(w + 2)).join('|')}|`,
    ...cells.slice(1).map(line),
  ].join('\n');
}

/** Three significant digits, without an exponent. */
export function short(v) {
  if (v === undefined || v === null || !Number.isFinite(v)) return '-';
  if (v === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(v))));
  return v.toFixed(Math.min(digits, 4));
}

export const seconds = (ms) => (ms === undefined ? '-' : short(ms / 1000));
export const megabytes = (bytes) => (bytes === undefined ? '-' : (bytes / 1e6).toFixed(0));
