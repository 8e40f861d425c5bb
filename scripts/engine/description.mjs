/** The engine's API as packages/halo2-wasm/src/exports.ts describes it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const ts = createRequire(import.meta.url)('typescript');
const { SyntaxKind } = ts;

/** Where it stands. */
export const FILE = new URL('../../packages/halo2-wasm/src/exports.ts', import.meta.url);

/** The interface whose members are the functions and classes. */
const ROOT = 'WasmExports';
/** What crosses the border as it is. */
const TYPES = ['string', 'void', 'Uint8Array', 'Int32Array', 'BigInt64Array', 'U32', 'I64', 'U64'];

/**
 * Functions, classes and named arguments.
 *
 * @typedef {{ name: string, type: string, optional: boolean, doc: string[] }} Value a parameter, or a member of an argument's object
 * @typedef {{ name: string, parameters: Value[], returns: string, doc: string[], addon: boolean }} Method
 * @typedef {{ name: string, doc: string[], addon: boolean, creation: Method, methods: Method[] }} EngineClass
 * @returns {{ functions: Method[], classes: EngineClass[], objects: { name: string, doc: string[], members: Value[] }[] }}
 */
export function engineApi(text = readFileSync(FILE, 'utf8')) {
  const source = ts.createSourceFile('exports.ts', text, ts.ScriptTarget.ES2022, true);
  const interfaces = new Map(
    source.statements.filter(ts.isInterfaceDeclaration).map((node) => [node.name.text, node]),
  );
  const members = interfaces.get(ROOT).members;
  const classes = members.filter(ts.isPropertySignature).map((node) => classOf(node, interfaces));
  const methods = classes.flatMap((made) => [made.creation, ...made.methods]);
  const functions = members.filter(ts.isMethodSignature).map((node) => methodOf(node));
  const named = new Set(
    [...functions, ...methods].flatMap(({ parameters }) => parameters.map(({ type }) => type)),
  );
  const objects = [...named]
    .filter((type) => !TYPES.includes(type))
    .map((type) => objectOf(type, interfaces));
  return { functions, classes, objects };
}

function classOf(node, interfaces) {
  if (!ts.isConstructorTypeNode(node.type)) throw unknown(node);
  const shape = interfaces.get(node.type.type.getText());
  const methods = shape.members.map((member) => methodOf(member)).filter(({ name }) => name !== 'free');
  return {
    name: node.name.text,
    doc: docOf(shape),
    addon: isAddon(node),
    creation: { ...methodOf(node.type), name: 'new', doc: docOf(node) },
    methods,
  };
}

function methodOf(node) {
  const parameters = node.parameters.map((parameter) => memberOf(parameter));
  const returns = ts.isConstructorTypeNode(node) ? 'void' : typeOf(node.type);
  return { name: node.name?.getText(), parameters, returns, doc: docOf(node), addon: isAddon(node) };
}

function objectOf(name, interfaces) {
  const shape = interfaces.get(name);
  if (!shape) throw new Error(`exports.ts: ${name} is no type that crosses the border`);
  return { name, doc: docOf(shape), members: shape.members.map((member) => memberOf(member)) };
}

const memberOf = (node) => ({
  name: node.name.getText(),
  type: typeOf(node.type),
  optional: node.questionToken !== undefined,
  doc: docOf(node),
});

function typeOf(node) {
  const simple = [SyntaxKind.StringKeyword, SyntaxKind.VoidKeyword, SyntaxKind.TypeReference];
  if (!simple.includes(node.kind)) throw unknown(node);
  return node.getText();
}

const unknown = (node) => new Error(`exports.ts: nothing can be made of ${node.getText()}`);

const isAddon = (node) => ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'addon');

/** Lines of a doc comment, without its tags. */
function docOf(node) {
  const [comment] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const text = comment ? (ts.getTextOfJSDocComment(comment.comment) ?? '') : '';
  return text.split('\n').map((line) => line.trim());
}

/** A name as Rust has it: `srsFromPtau` is `srs_from_ptau`. */
export const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
