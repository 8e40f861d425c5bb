const STYLE = `
:root { color-scheme: light dark; --fg: #1b1f24; --bg: #fff; --dim: #667; --line: #d8dce2; --ok: #1a7f37; --bad: #c0262d; --a: #2563eb; --b: #c2570c; }
@media (prefers-color-scheme: dark) { :root { --fg: #e6e8eb; --bg: #14171b; --dim: #9aa3ad; --line: #333a43; --ok: #4cc06b; --bad: #ff6b6b; --a: #6ea8ff; --b: #f2a65a; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--fg); background: var(--bg); max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; white-space: nowrap; } code { font-size: .85em; overflow-wrap: anywhere; }
.ok { color: var(--ok); } .bad { color: var(--bad); } .verdict { font-size: 1.1rem; font-weight: 600; } .warn { border-left: 4px solid var(--b); padding-left: .8rem; }
figure { margin: 1rem 0; } figcaption { color: var(--dim); } svg { width: 100%; height: auto; } svg text { font-size: 11px; fill: var(--dim); }
.grid { stroke: var(--line); } polyline { fill: none; stroke-width: 2; } .loss { stroke: var(--a); } .accuracy { stroke: var(--b); }
.scroll { overflow-x: auto; } .scroll td { white-space: nowrap; font-variant-numeric: tabular-nums; }
`;

/** A whole HTML page around sections that are escaped already. */
export function page(title: string, sections: string[]): string {
  const safe = escapeHtml(title);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${safe} - Proof of Training</title><style>${STYLE}</style></head>
<body><h1>${safe}</h1><p>Proof of Training report</p>
${sections.filter(Boolean).join('\n')}
</body></html>
`;
}

/** Text for HTML, in content and in attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
