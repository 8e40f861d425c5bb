/** Lengths of TypeScript sources and of the functions in them, by the compiler's own parser. */
import ts from 'typescript';

/** @typedef {{ name: string, lines: number }} Length */

/**
 * Every function with a body: declarations, methods, accessors, constructors, function expressions. One without a name has
 * that of what it is given to, otherwise `in` the nearest one that has a name.
 *
 * @param {string} text
 * @returns {Length[]}
 *
 * @example functionsOf('const twice = (n) =>\n  2 * n;'); // [{ name: 'twice', lines: 2 }]
 */
export function functionsOf(text) {
  const file = ts.createSourceFile('file.ts', text, ts.ScriptTarget.Latest, true);
  const line = (position) => file.getLineAndCharacterOfPosition(position).line;
  const found = [];
  const visit = (node, outer) => {
    let inner = outer;
    if (ts.isClassLike(node) && node.name) inner = node.name.text;
    if (ts.isFunctionLike(node) && node.body) {
      const own = nameOf(node, file);
      inner = own === undefined ? outer : inClass(node) && outer ? `${outer}.${own}` : own;
      const lines = line(node.end) - line(node.getStart(file)) + 1;
      found.push({ name: own === undefined ? `in ${outer ?? 'the file'}` : inner, lines });
    }
    ts.forEachChild(node, (child) => visit(child, inner));
  };
  visit(file, undefined);
  return found;
}

function nameOf(node, file) {
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  if (node.name) return node.name.getText(file);
  const { parent } = node;
  const takes =
    ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent);
  return takes ? parent.name.getText(file) : undefined;
}

function inClass(node) {
  return ts.isClassLike(node.parent);
}
