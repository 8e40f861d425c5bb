/** The Node addon's face, with napi. */
import { snake } from './description.mjs';
import { docLines, fileText, made, moduleOf, modules, signature } from './rust.mjs';

/** As they arrive. Slices are JavaScript's own memory, so they are copied before they are read. */
const ARRIVING = {
  string: 'String',
  Uint8Array: "Uint8ArraySlice<'_>",
  Int32Array: "Int32ArraySlice<'_>",
  BigInt64Array: "BigInt64ArraySlice<'_>",
  U32: 'u32',
  I64: 'BigInt',
  U64: 'BigInt',
};
const NUMBERS = { I64: 'i64_of', U64: 'u64_of' };
const isArray = (type) => type.endsWith('Array');

/** Texts by file name. `api`: what {@link engineApi} gives. */
export function nativeFiles({ functions, classes, objects }) {
  const files = new Map([['functions.rs', functionsFile(functions)]]);
  for (const one of classes) files.set(`${moduleOf(one.name)}.rs`, classFile(one, objects));
  for (const one of objects) files.set(`${moduleOf(one.name)}.rs`, objectFile(one));
  files.set('mod.rs', fileText(modules([...files.keys()].map((file) => file.slice(0, -3)))));
  return files;
}

function functionsFile(functions) {
  const lines = made('Functions without state.');
  const body = functions.flatMap((one) => {
    const call = `api::${snake(one.name)}(${passed(one)})`;
    return ['', ...method(one, [], '', `export(|| ${call})`)];
  });
  lines.push('use crate::api;', 'use crate::guard::export;', ...napiUses(body), ...body);
  return fileText(lines);
}

function classFile({ name, doc, creation, methods }, objects) {
  const threaded = creation.parameters.some((p) => p.name === 'threads');
  const inner = threaded ? `(api::${name}, Threads)` : `api::${name}`;
  const body = [...docLines(doc, ''), '#[napi]', `pub struct ${name}(Slot<${inner}>);`, ''];
  body.push(
    ...runner(name, threaded),
    '#[napi]',
    `impl ${name} {`,
    ...creationLines(name, creation, threaded),
  );
  for (const one of methods) {
    if (one.name === 'setThreads') body.push('', ...setThreads(one));
    else
      body.push(
        '',
        ...method(one, ['&self'], '    ', `self.run(|inner| inner.${snake(one.name)}(${passed(one)}))`),
      );
  }
  body.push('', '    /// Drops it now, not when JavaScript collects the object.', '    #[napi]');
  body.push('    pub fn free(&self) {', '        self.0.free();', '    }', '}');
  const text = body.join('\n');
  const uses = ['use crate::api;'];
  for (const object of objects
    .filter((o) => text.includes(`: ${o.name}`))
    .map((o) => o.name)
    .sort()) {
    uses.push(`use crate::engine::${moduleOf(object)}::${object};`);
  }
  uses.push('use crate::guard::export;');
  const numbers = Object.values(NUMBERS).filter((reader) => text.includes(`${reader}(`));
  if (numbers.length === 1) uses.push(`use crate::numbers::${numbers[0]};`);
  if (numbers.length > 1) uses.push(`use crate::numbers::{${numbers.sort().join(', ')}};`);
  uses.push('use crate::slot::Slot;', ...(threaded ? ['use crate::threads::Threads;'] : []));
  uses.push(...napiUses(body), 'use pot_proof_system::error::PotError;', '');
  return fileText([...made(`The class \`${name}\`.`), ...uses, ...body]);
}

/** `run`: one method, on the object's threads where it has some. */
function runner(name, threaded) {
  const work = threaded ? '|(inner, threads)| threads.run(|| method(inner))' : 'method';
  const send = threaded ? ['<R: Send>', ' + Send'] : ['<R>', ''];
  const inner = `&mut api::${name}`;
  return [
    `impl ${name} {`,
    `    fn run${send[0]}(&self, method: impl FnOnce(${inner}) -> Result<R, PotError>${send[1]}) -> napi::Result<R> {`,
    `        export(|| self.0.with(${work}))`,
    '    }',
    '}',
    '',
  ];
}

function creationLines(name, { parameters, doc }, threaded) {
  const own = parameters.filter((p) => p.name !== 'threads');
  const about = threaded ? [...doc, '', '`threads`: 0 or absent: as many as the machine has cores.'] : doc;
  const lines = docLines(doc.join('') === '' && threaded ? about.slice(-1) : about, '    ');
  lines.push('    #[napi(constructor)]');
  lines.push(...signature('    ', 'pub fn new', parameters.map(arriving), 'napi::Result<Self>'));
  lines.push(...copies(own, '        '));
  const make = `api::${name}::new(${passed({ parameters: own })})`;
  if (!threaded) return [...lines, `        export(|| Ok(Self(Slot::new(${make}?))))`, '    }'];
  return [
    ...lines,
    '        export(|| {',
    '            let threads = Threads::new(threads.unwrap_or(0))?;',
    `            let inner = threads.run(|| ${make})?;`,
    '            Ok(Self(Slot::new((inner, threads))))',
    '        })',
    '    }',
  ];
}

const setThreads = ({ doc }) => [
  ...docLines(doc, '    '),
  '    #[napi]',
  '    pub fn set_threads(&self, threads: u32) -> napi::Result<()> {',
  '        export(|| self.0.with(|(_, own)| own.set(threads)))',
  '    }',
];

function method({ name, parameters, returns, doc }, before, indent, call) {
  const result = isArray(returns) ? returns : returns === 'void' ? '()' : 'String';
  const all = [...before, ...parameters.map(arriving)];
  return [
    ...docLines(doc, indent),
    `${indent}#[napi]`,
    ...signature(indent, `pub fn ${snake(name)}`, all, `napi::Result<${result}>`),
    ...copies(parameters, `${indent}    `),
    `${indent}    ${isArray(returns) ? `Ok(${call}?.into())` : call}`,
    `${indent}}`,
  ];
}

const arriving = ({ name, type, optional }) => {
  const inRust = ARRIVING[type] ?? type;
  return `${snake(name)}: ${optional ? `Option<${inRust}>` : inRust}`;
};

/** What must be copied or read before the call. */
function copies(parameters, indent) {
  return parameters.flatMap(({ name, type, optional }) => {
    const one = snake(name);
    if (isArray(type)) return [`${indent}let ${one} = ${one}.to_vec();`];
    if (NUMBERS[type] && optional) {
      return [`${indent}let ${one} = ${one}.map(|n| ${NUMBERS[type]}("${name}", &n)).transpose()?;`];
    }
    if (NUMBERS[type]) return [`${indent}let ${one} = ${NUMBERS[type]}("${name}", &${one})?;`];
    return ARRIVING[type] ? [] : [`${indent}let ${one} = ${one}.copy();`];
  });
}

/** How parameters go on; an absent text is an empty one. */
const passed = ({ parameters }) =>
  parameters
    .map(({ name, type, optional }) => {
      if (type === 'string' && optional) return `${snake(name)}.as_deref().unwrap_or_default()`;
      return /^[UI]\d+$/.test(type) ? snake(name) : `&${snake(name)}`;
    })
    .join(', ');

/** Named arguments: their members are copied when they are read. */
function objectFile({ name, doc, members }) {
  const body = [...docLines(doc, ''), '#[napi(object, object_to_js = false)]', `pub struct ${name} {`];
  for (const { name: member, type, optional, doc: about } of members) {
    body.push(
      ...docLines(about, '    '),
      `    pub ${snake(member)}: ${optional ? `Option<${type}>` : type},`,
    );
  }
  body.push('}', '', `impl ${name} {`, '    /// What the object holds now; what is not there is empty.');
  body.push(`    pub fn copy(&self) -> api::${name} {`, `        api::${name} {`);
  for (const { name: member, optional } of members) {
    const read = optional ? '.as_deref().map(<[_]>::to_vec).unwrap_or_default()' : '.to_vec()';
    body.push(`            ${snake(member)}: self.${snake(member)}${read},`);
  }
  body.push('        }', '    }', '}');
  return fileText([
    ...made(`The named arguments \`${name}\`.`),
    'use crate::api;',
    ...napiUses(body),
    '',
    ...body,
  ]);
}

/** Imports of napi's types that the lines name. */
function napiUses(lines) {
  const text = lines.join('\n');
  const types = [
    'BigInt',
    'BigInt64Array',
    'BigInt64ArraySlice',
    'Int32Array',
    'Int32ArraySlice',
    'Uint8Array',
    'Uint8ArraySlice',
  ];
  const used = types.filter((type) => new RegExp(`\\b${type}\\b`).test(text));
  const named = used.length === 1 ? used[0] : `{${used.join(', ')}}`;
  return [...(used.length > 0 ? [`use napi::bindgen_prelude::${named};`] : []), 'use napi_derive::napi;'];
}
