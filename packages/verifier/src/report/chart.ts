/** One line of a chart. */
export interface Series {
  name: string;
  /** CSS class that colours it. */
  className: string;
  values: number[];
}

const WIDTH = 640;
const HEIGHT = 200;
const LEFT = 48;
const BOTTOM = 24;

/** A line chart over windows as inline SVG; the vertical axis begins at 0. */
export function lineChart(title: string, series: Series[], unit: (v: number) => string): string {
  const top = Math.max(...series.flatMap((s) => s.values), Number.EPSILON) * 1.05;
  const length = Math.max(...series.map((s) => s.values.length));
  const x = (i: number) => LEFT + (length < 2 ? 0 : (i / (length - 1)) * (WIDTH - LEFT - 8));
  const y = (v: number) => 8 + (1 - v / top) * (HEIGHT - BOTTOM - 8);
  const grid = [0, 0.25, 0.5, 0.75, 1]
    .map((f) => {
      const v = (top / 1.05) * f;
      return `<line class="grid" x1="${LEFT}" x2="${WIDTH - 8}" y1="${n(y(v))}" y2="${n(y(v))}"/><text x="${LEFT - 6}" y="${n(y(v) + 4)}" text-anchor="end">${unit(v)}</text>`;
    })
    .join('');
  const lines = series
    .map(({ className, values }) => {
      const points = values.map((v, i) => `${n(x(i))},${n(y(v))}`).join(' ');
      return `<polyline class="${className}" points="${points}"/>`;
    })
    .join('');
  const labels = `<text x="${LEFT}" y="${HEIGHT - 6}">window 0</text><text x="${WIDTH - 8}" y="${HEIGHT - 6}" text-anchor="end">window ${length - 1}</text>`;
  return `<figure><figcaption>${title}</figcaption><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">${grid}${lines}${labels}</svg></figure>`;
}

function n(v: number): string {
  return v.toFixed(1);
}
