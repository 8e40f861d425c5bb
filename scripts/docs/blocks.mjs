/**
 * Code in documents and in doc comments. In Markdown a block may say before it, in an HTML comment, what it needs:
 *   <!-- given: declare const model: LayersModel; -->   declarations that stand before the code
 *   <!-- continues -->                                  the page's previous block stands before it
 */
import { documents, lineOf, ROOT, read } from './files.mjs';

const BLOCK = /((?:<!--(?:(?!-->)[\s\S])*-->\s*)*)^```(\w+)\n([\s\S]*?)^```$/gm;

/**
 * Fenced blocks of these languages in a document, or in all of them.
 *
 * @returns {{ file: string, line: number, language: string, code: string, given: string }[]}
 */
export function codeBlocks(languages, files = documents(), root = ROOT) {
  return files.flatMap((file) =>
    blocksOf(file, read(file, root)).filter((block) => languages.includes(block.language)),
  );
}

/** The same of a text. */
export function blocksOf(file, text) {
  let before = '';
  return [...text.matchAll(BLOCK)].map(([all, comments, language, code], n) => {
    const match = all;
    const offset = text.indexOf(match);
    const given = [...comments.matchAll(/<!--\s*given:\s*([\s\S]*?)-->/g)]
      .map(([, names]) => names.trim())
      .join('\n');
    const needs = /<!--\s*continues\s*-->/.test(comments) ? `${before}\n${given}` : given;
    if (/^(js|ts)$/.test(language)) before = `${needs}\n${code}`;
    return { file, line: lineOf(text, offset + comments.length), language, code, given: needs, n };
  });
}
