/** What can be pointed to inside a document: titles, numbers of sections, anchors. */

/** GitHub's anchor of a title: lower case, no punctuation, hyphens for blanks. */
export function anchorOf(title) {
  return title
    .toLowerCase()
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}

/** Text without fenced blocks; their lines stay, empty. */
export function withoutBlocks(text) {
  return text.replace(/^([ \t]*)```[^\n]*\n[\s\S]*?^\1```[ \t]*$/gm, (block) => block.replace(/[^\n]/g, ''));
}

/**
 * A document's titles, numbers and anchors. A bold phrase at the beginning of a paragraph or list item counts as a
 * title, as in "**Bias correction** is ...", but has no anchor.
 */
export function sectionsOf(markdown) {
  const text = withoutBlocks(markdown);
  const titles = new Set();
  const numbers = new Set();
  const anchors = new Set();
  const used = new Map();
  for (const [, title] of text.matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const [, number, rest] = /^(\d+)\. +(.+)$/.exec(title) ?? [null, null, title];
    if (number) numbers.add(Number(number));
    titles.add(rest.replaceAll('`', ''));
    const anchor = anchorOf(title);
    const before = used.get(anchor) ?? 0;
    used.set(anchor, before + 1);
    anchors.add(before ? `${anchor}-${before}` : anchor);
  }
  for (const [, title] of text.matchAll(/^(?:- |\d+\. )?\*\*([^*]+?)[.:]?\*\*/gm)) titles.add(title);
  for (const [, id] of text.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id);
  return { titles, numbers, anchors };
}
