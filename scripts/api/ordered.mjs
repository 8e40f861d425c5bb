/** One order for what the type checker prints in the order in which it happened to meet the names. */
import { ts } from './program.mjs';

/**
 * A type's text with the members of its objects and unions sorted: by name, `null` and `undefined` last.
 *
 * Types that zod infers are mapped ones. The checker lists their keys, and the members of a union, by when it first
 * met each, which a change anywhere else in the program moves.
 *
 * @example
 * inOneOrder("type A = { b: 'y' | 'x'; a: 1 };"); // type A = { a: 1; b: 'x' | 'y'; };
 */
export function inOneOrder(declaration) {
  const source = ts.createSourceFile('type.d.ts', declaration, ts.ScriptTarget.ES2022, true);
  const printer = ts.createPrinter();
  const textOf = (node) => printer.printNode(ts.EmitHint.Unspecified, node, source);
  const sorted = (nodes, keyOf) =>
    nodes
      .map((node) => ({ node, key: keyOf(node) }))
      .sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)))
      .map(({ node }) => node);
  const order = (context) => {
    const { factory } = context;
    const visit = (before) => {
      const node = ts.visitEachChild(before, visit, context);
      if (ts.isTypeLiteralNode(node)) {
        const literal = factory.createTypeLiteralNode(sorted(node.members, textOf));
        return ts.setEmitFlags(literal, ts.EmitFlags.SingleLine);
      }
      if (!ts.isUnionTypeNode(node)) return node;
      const last = (member) => /^(null|undefined)$/.test(textOf(member));
      const members = node.types.filter((member) => !last(member));
      return factory.createUnionTypeNode([
        ...sorted(members, textOf),
        ...sorted(node.types.filter(last), textOf),
      ]);
    };
    return (file) => ts.visitNode(file, visit);
  };
  const { transformed } = ts.transform(source, [order]);
  return printer.printFile(transformed[0]).trim();
}
