/** What the packages export: names, kinds, doc comments, declarations. */
import { relative } from 'node:path';
import { inOneOrder } from './ordered.mjs';
import { apiProgram, ROOT, ts } from './program.mjs';

const { SymbolFlags, SyntaxKind } = ts;

/** Kinds in the order in which a page has them. */
export const KINDS = ['function', 'class', 'value', 'type'];

/**
 * Exports of every public entry.
 *
 * @returns {{ entry: string, name: string, dir: string, exports: ApiExport[] }[]}
 * @typedef {{ name: string, kind: string, home: string, file: string, text: string, tags: { name: string, text: string }[],
 *   memberExamples: { member: string, text: string }[], declarations: string[] }} ApiExport  `home`: the package's folder that declares it
 */
export function apiExports(root = ROOT) {
  const { entries, program } = apiProgram(root);
  const checker = program.getTypeChecker();
  return entries.map(({ entry, name, dir, file }) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file));
    const exports = checker
      .getExportsOfModule(module)
      .map((symbol) => describe(checker, root, symbol))
      .sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || (a.name < b.name ? -1 : 1));
    return { entry, name, dir, exports };
  });
}

function describe(checker, root, alias) {
  const symbol = alias.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(alias) : alias;
  const file = relative(root, symbol.declarations[0].getSourceFile().fileName);
  return {
    name: alias.name,
    kind: kindOf(symbol),
    home: /^packages\/([^/]+)\//.exec(file)?.[1] ?? '',
    file,
    text: ts.displayPartsToString(symbol.getDocumentationComment(checker)),
    tags: symbol
      .getJsDocTags(checker)
      .map(({ name, text }) => ({ name, text: ts.displayPartsToString(text) })),
    memberExamples: memberExamples(checker, symbol),
    declarations: symbol.declarations.map((node) => declarationText(checker, node)),
  };
}

function memberExamples(checker, symbol) {
  return [...(symbol.members?.values() ?? [])].flatMap((member) =>
    member
      .getJsDocTags(checker)
      .filter(({ name }) => name === 'example')
      .map(({ text }) => ({ member: member.name, text: ts.displayPartsToString(text) })),
  );
}

function kindOf({ flags }) {
  if (flags & SymbolFlags.Function) return 'function';
  if (flags & SymbolFlags.Class) return 'class';
  return flags & SymbolFlags.Value ? 'value' : 'type';
}

/** A declaration without its own doc comment; a class without what is private. */
function declarationText(checker, node) {
  if (ts.isVariableDeclaration(node)) return variableText(node);
  if (ts.isClassDeclaration(node)) return withoutPrivate(node);
  if (ts.isTypeAliasDeclaration(node) && /\bz\.(infer|input|output)\b/.test(node.type.getText())) {
    const flags = ts.TypeFormatFlags.InTypeAlias | ts.TypeFormatFlags.NoTruncation;
    const text = checker.typeToString(checker.getTypeAtLocation(node), undefined, flags);
    return inOneOrder(`type ${node.name.text} = ${text};`);
  }
  return node.getText().replace(/^export (default )?(declare )?/, '');
}

function variableText(node) {
  const type = node.type?.getText() ?? '';
  // The types that zod infers for a schema are pages long and say what the type beside it says.
  return `const ${node.name.getText()}: ${/^z\.Zod/.test(type) ? 'z.ZodType' : type || node.initializer.getText()};`;
}

function withoutPrivate(node) {
  const hidden = node.members.filter(
    (member) =>
      ts.isPrivateIdentifier(member.name ?? node) ||
      member.modifiers?.some(({ kind }) => kind === SyntaxKind.PrivateKeyword),
  );
  let text = node.getSourceFile().text.slice(node.getStart(), node.end);
  for (const member of hidden.reverse()) {
    const from = member.getFullStart() - node.getStart();
    text = text.slice(0, from) + text.slice(member.end - node.getStart());
  }
  return text.replace(/^export (default )?(declare )?/, '');
}

/**
 * Examples in the doc comments of what is exported.
 *
 * @returns {{ where: string, dir: string, code: string }[]}
 */
export function apiExamples(api) {
  return api.flatMap(({ dir, exports }) =>
    exports
      .filter(({ home }) => home === dir)
      .flatMap(({ name, tags, memberExamples }) => [
        ...tags
          .filter((tag) => tag.name === 'example')
          .map(({ text }) => ({ where: `${dir}, ${name}`, dir, code: text })),
        ...memberExamples.map(({ member, text }) => ({
          where: `${dir}, ${name}.${member}`,
          dir,
          code: text,
        })),
      ]),
  );
}

/** Exported functions and classes of a package without an example, by name. */
export function withoutExample(api, dir) {
  return api
    .filter((entry) => entry.dir === dir)
    .flatMap(({ exports }) => exports)
    .filter(({ kind, tags }) => /function|class/.test(kind) && !tags.some(({ name }) => name === 'example'))
    .map(({ name }) => name);
}
