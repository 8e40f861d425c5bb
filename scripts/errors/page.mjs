#!/usr/bin/env node
/** docs/reference/errors.md, made from the list of codes. As a program, after a build: writes it. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where the page stands. */
export const PAGE = fileURLToPath(new URL('../../docs/reference/errors.md', import.meta.url));

const WIDTH = 118;

const HEAD = `# Errors

Every failure is a \`PotError\`. Its \`code\` is stable and meant for programs; \`shortMessage\` says what happened in this
case, with names, sizes and limits, never with weights, data or salts; \`hint\` says what to do. \`isPotError(e, code)\`
tells one from others, and \`errorCodes\` of \`@proof-of-training/errors\` is this page as data. Which files throw a code:
\`node scripts/errors/thrown.mjs CODE\`. The page is written by \`node scripts/errors/page.mjs\`.`;

/**
 * The page.
 *
 * @param {readonly { title: string, codes: Record<string, { text: string, hint: string }> }[]} sections
 * @returns {string}
 */
export function errorPage(sections) {
  const parts = sections.map(({ title, codes }) => {
    const entries = Object.entries(codes).map(([code, { text, hint }]) =>
      filled(`- \`${code}\`: ${text} ${hint}`),
    );
    return `## ${title}\n\n${entries.join('\n')}`;
  });
  return `${[HEAD, ...parts].join('\n\n')}\n`;
}

/** An entry of a list in lines that are no longer than WIDTH. */
function filled(text) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line.length + 1 + word.length > WIDTH) lines.push(`  ${word}`);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { errorSections } = await import('../../packages/errors/dist/index.js');
  writeFileSync(PAGE, errorPage(errorSections));
}
