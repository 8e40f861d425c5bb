import { caseName } from './find.mjs';
import { seconds } from './table.mjs';

const ENGINES = { wasm: '#8da0cb', 'wasm-threads': '#4c72b0', native: '#1b3a6b' };
const [WIDTH, LABEL, RIGHT, BAR, GAP, TOP] = [820, 250, 90, 13, 10, 46];

/** Proving time of every measured case as bars, one an engine, on a logarithmic scale. A self-contained SVG. Pure. */
export function renderChart(run) {
  const done = run.records.filter(
    (r) => r.kind === 'prove' && r.status === 'done' && (r.size ?? r.lora) !== undefined,
  );
  const names = [...new Set(done.map(caseName))];
  const values = done.map((r) => r.result.provingMs);
  const low = 10 ** Math.floor(Math.log10(Math.min(...values, 1000) / 1.01));
  const high = 10 ** Math.ceil(Math.log10(Math.max(...values, 1000)));
  const x = (ms) => LABEL + ((WIDTH - LABEL - RIGHT) * Math.log10(ms / low)) / Math.log10(high / low);
  const parts = [];
  let y = TOP;
  for (const name of names) {
    const bars = done.filter((r) => caseName(r) === name);
    parts.push(text(LABEL - 8, y + (bars.length * BAR) / 2 + 4, name, 'end'));
    for (const r of bars) {
      const to = x(r.result.provingMs);
      parts.push(
        `<rect x="${LABEL}" y="${n(y)}" width="${n(Math.max(1, to - LABEL))}" height="${BAR - 2}" fill="${ENGINES[r.engine]}"/>`,
        text(to + 4, y + BAR - 3, `${seconds(r.result.provingMs)} s`),
      );
      y += BAR;
    }
    y += GAP;
  }
  const grid = [];
  for (let ms = low; ms <= high; ms *= 10) {
    grid.push(`<line x1="${n(x(ms))}" x2="${n(x(ms))}" y1="${TOP - 8}" y2="${n(y)}" stroke="#ddd"/>`);
    grid.push(text(x(ms), y + 14, `${ms / 1000} s`, 'middle'));
  }
  const legend = Object.entries(ENGINES).flatMap(([name, colour], i) => [
    `<rect x="${LABEL + 130 * i}" y="22" width="11" height="11" fill="${colour}"/>`,
    text(LABEL + 130 * i + 16, 32, name),
  ]);
  const title = `Proving one window: ${run.machine.cores} cores, commit ${run.version.commit.slice(0, 12)}, ${run.startedAt.slice(0, 10)}`;
  const height = n(y + 24);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="11">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    text(8, 14, title),
    ...legend,
    ...grid,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function text(x, y, value, anchor = 'start') {
  return `<text x="${n(x)}" y="${n(y)}" text-anchor="${anchor}">${escaped(value)}</text>`;
}

function escaped(value) {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function n(v) {
  return Number(v.toFixed(1));
}
