/** The WebAssembly module's face, with wasm-bindgen. */
import { snake } from './description.mjs';
import { docLines, fileText, made, moduleOf, modules, signature } from './rust.mjs';

const BORROWED = {
  string: '&str',
  Uint8Array: '&[u8]',
  Int32Array: '&[i32]',
  BigInt64Array: '&[i64]',
  U32: 'u32',
  I64: 'i64',
  U64: 'u64',
};
const OWNED = {
  string: 'String',
  void: '()',
  Uint8Array: 'Vec<u8>',
  Int32Array: 'Vec<i32>',
  BigInt64Array: 'Vec<i64>',
};

/** Texts by file name. `api`: what {@link engineApi} gives. */
export function wasmFiles({ functions, classes, objects }) {
  const inModule = classes.filter(({ addon }) => !addon);
  const files = new Map([['functions.rs', functionsFile(functions.filter(({ addon }) => !addon))]]);
  for (const one of inModule) files.set(`${moduleOf(one.name)}.rs`, classFile(one, objects));
  for (const one of objects) files.set(`${moduleOf(one.name)}.rs`, objectFile(one));
  files.set('mod.rs', fileText(modules([...files.keys()].map((file) => file.slice(0, -3)))));
  return files;
}

function functionsFile(functions) {
  const lines = made('Functions without state.');
  lines.push('use crate::api;', 'use crate::error::export;', 'use wasm_bindgen::prelude::*;');
  for (const one of functions) {
    const given = one.parameters.map(({ name }) => snake(name)).join(', ');
    lines.push('', ...method(one, [], '', `export(|| api::${snake(one.name)}(${given}))`));
  }
  return fileText(lines);
}

function classFile({ name, doc, creation, methods }, objects) {
  const inModule = methods.filter(({ addon }) => !addon);
  const isObject = (type) => objects.some((object) => object.name === type);
  const used = [...new Set(inModule.flatMap(({ parameters }) => parameters.map(({ type }) => type)))];
  const lines = made(`The class \`${name}\`.`);
  lines.push('use crate::api;');
  for (const type of used.filter(isObject).sort()) {
    lines.push(`use crate::engine::${moduleOf(type)}::${type};`);
  }
  lines.push('use crate::error::export;', 'use std::cell::RefCell;', 'use wasm_bindgen::prelude::*;', '');
  lines.push(
    ...docLines(
      [
        ...doc,
        '',
        'Methods borrow it shared, so that a panic in one leaves the others able to say what happened.',
      ],
      '',
    ),
  );
  lines.push('#[wasm_bindgen]', `pub struct ${name}(RefCell<api::${name}>);`, '');
  lines.push('#[wasm_bindgen]', `impl ${name} {`);
  const own = creation.parameters.filter(({ name: parameter }) => parameter !== 'threads');
  const given = own.map(passing).join(', ');
  lines.push(...docLines(creation.doc, '    '), '    #[wasm_bindgen(constructor)]');
  lines.push(...signature('    ', 'pub fn new', own.map(parameter), `Result<${name}, JsValue>`));
  lines.push(`        export(|| Ok(Self(RefCell::new(api::${name}::new(${given})?))))`, '    }');
  for (const one of inModule) {
    // Read before anything is borrowed: a getter may throw, and nothing would be given back.
    const copied = one.parameters.filter((p) => isObject(p.type)).map((p) => snake(p.name));
    const passed = one.parameters.map((p) => (isObject(p.type) ? `&${snake(p.name)}` : snake(p.name)));
    const call = `export(|| self.0.borrow_mut().${snake(one.name)}(${passed.join(', ')}))`;
    lines.push('', ...method(one, ['&self'], '    ', ...copied.map((c) => `let ${c} = ${c}.copy();`), call));
  }
  return fileText([...lines, '}']);
}

function method({ name, parameters, returns, doc }, before, indent, ...body) {
  const all = [...before, ...parameters.map(parameter)];
  const attribute = snake(name) === name ? '#[wasm_bindgen]' : `#[wasm_bindgen(js_name = ${name})]`;
  return [
    ...docLines(doc, indent),
    ...(attribute === '#[wasm_bindgen]' && indent !== '' ? [] : [`${indent}${attribute}`]),
    ...signature(indent, `pub fn ${snake(name)}`, all, `Result<${OWNED[returns]}, JsValue>`),
    ...body.map((line) => `${indent}    ${line}`),
    `${indent}}`,
  ];
}

/** How a constructor's parameter goes on; an absent text is an empty one. */
const passing = ({ name, type, optional }) =>
  type === 'string' && optional ? `${snake(name)}.as_deref().unwrap_or_default()` : snake(name);

function parameter({ name, type, optional }) {
  // What may be missing cannot be borrowed.
  const taken = BORROWED[type] ?? `&${type}`;
  const inRust = optional ? (OWNED[type] ?? taken) : taken;
  return `${snake(name)}: ${optional ? `Option<${inRust}>` : inRust}`;
}

/** An object of JavaScript's, whose members are copied when it is read. */
function objectFile({ name, doc, members }) {
  const lines = made(`The named arguments \`${name}\`.`);
  lines.push('use crate::api;', 'use wasm_bindgen::prelude::*;', '', '#[wasm_bindgen]', 'extern "C" {');
  lines.push(...docLines(doc, '    '), `    pub type ${name};`);
  for (const { name: member, type, optional, doc: about } of members) {
    const named = snake(member) === member ? '' : `, js_name = ${member}`;
    const result = optional ? `Option<${OWNED[type]}>` : OWNED[type];
    lines.push('', ...docLines(about, '    '), `    #[wasm_bindgen(method, getter, structural${named})]`);
    lines.push(`    fn ${snake(member)}(this: &${name}) -> ${result};`);
  }
  lines.push('}', '', `impl ${name} {`, '    /// What the object holds now; what is not there is empty.');
  lines.push(`    pub fn copy(&self) -> api::${name} {`, `        api::${name} {`);
  for (const { name: member, optional } of members) {
    lines.push(
      `            ${snake(member)}: self.${snake(member)}()${optional ? '.unwrap_or_default()' : ''},`,
    );
  }
  return fileText([...lines, '        }', '    }', '}']);
}
