/** Lengths of Rust sources and of the functions in them, by braces, without the modules of unit tests. */

/** @typedef {{ name: string, lines: number }} Length */

/**
 * Every function with a body.
 *
 * @param {string} text
 * @returns {Length[]}
 *
 * @example functionsOf('fn twice(n: u32) -> u32 {\n    2 * n\n}'); // [{ name: 'twice', lines: 3 }]
 */
export function functionsOf(text) {
  const code = withoutTests(bare(text));
  return [...code.matchAll(/\bfn\s+(\w+)/g)].flatMap(({ 1: name, index }) => {
    const open = bodyOf(code, index);
    return open < 0 ? [] : [{ name, lines: linesOf(code.slice(index, closing(code, open) + 1)) }];
  });
}

/** Lines of a source without its modules of unit tests. */
export function lengthOf(text) {
  return linesOf(withoutTests(bare(text)).replace(/\n+$/, ''));
}

function linesOf(text) {
  return text.split('\n').length;
}

/** A source with its comments, strings and characters blanked, so that every brace left is one. Line breaks stay. */
export function bare(text) {
  const blank =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|\bb?r(#*)"[\s\S]*?"\1|"(?:\\[\s\S]|[^"\\])*"|'(?:\\(?:u\{[^}]*\}|x..|.)|[^\\'\n])'/g;
  return text.replace(blank, (found) => found.replace(/[^\n]/g, ' '));
}

/** Modules behind `#[cfg(test)]` are cut out, wherever they stand. */
function withoutTests(code) {
  const found = /#\[cfg\(test\)\]\s*(?:pub(?:\([^)]*\))? )?mod \w+ \{/.exec(code);
  if (!found) return code;
  const end = closing(code, found.index + found[0].length - 1);
  return code.slice(0, found.index) + withoutTests(code.slice(end + 1));
}

/** Where the body of the function at `from` begins; -1 where it has none. Semicolons in types stand in brackets. */
function bodyOf(code, from) {
  let depth = 0;
  for (let i = from; i < code.length; i++) {
    if ('(['.includes(code[i])) depth++;
    else if (')]'.includes(code[i])) depth--;
    else if (depth === 0 && code[i] === ';') return -1;
    else if (depth === 0 && code[i] === '{') return i;
  }
  return -1;
}

/** Where the brace at `open` is closed; the end where it is not. */
function closing(code, open) {
  let depth = 0;
  for (let i = open; i < code.length; i++) {
    if (code[i] === '{') depth++;
    else if (code[i] === '}' && --depth === 0) return i;
  }
  return code.length;
}
