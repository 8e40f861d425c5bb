/** The engine's two Rust faces are what is made of exports.ts; what cannot be made into both is refused. */
import { expect, it } from 'vitest';
import { engineApi } from '../description.mjs';
import { faces, staleFaces } from '../main.mjs';

const described = (members: string, more = '') => `
export interface WasmExports {
${members}
}
${more}`;
const textOf = (text: string, face: number, file: string) =>
  [...faces(engineApi(text)).values()][face].get(file);

it('the faces are what `node scripts/engine/main.mjs` writes', () => {
  expect(staleFaces()).toEqual([]);
});

it('a changed description and a file too many are stale', () => {
  const api = engineApi(described('/** Sum. */\n  sum(a: Int32Array): string;'));
  expect(staleFaces(faces(api))).toContain('native/src/engine/functions.rs');
  expect(staleFaces(faces(api))).toContain('native/src/engine/prover.rs');
});

it('one description gives both', () => {
  const text = described(
    '  firstOf(specJson: string, rest?: U32): Uint8Array;\n  /** @addon */\n  own(k: U32): string;\n  Maker: new (srs: Uint8Array, threads?: U32) => WasmMaker;',
    `interface WasmMaker { /** Makes. */ make(secrets: Secrets, n: I64): void; free(): void; }
     interface Secrets { w0: BigInt64Array; baseSalt?: Uint8Array; }`,
  );
  expect(textOf(text, 0, 'functions.rs')).toContain(
    'pub fn first_of(spec_json: &str, rest: Option<u32>) -> Result<Vec<u8>, JsValue> {\n    export(|| api::first_of(spec_json, rest))',
  );
  expect(textOf(text, 0, 'functions.rs')).not.toContain('own');
  expect(textOf(text, 1, 'functions.rs')).toContain('pub fn own(k: u32) -> napi::Result<String>');
  // Bytes are copied before they are read, and numbers are held to their range.
  const maker = textOf(text, 1, 'maker.rs');
  expect(maker).toContain('let srs = srs.to_vec();');
  expect(maker).toContain('let secrets = secrets.copy();\n        let n = i64_of("n", &n)?;');
  expect(textOf(text, 0, 'maker.rs')).toContain(
    'let secrets = secrets.copy();\n        export(|| self.0.borrow_mut().make(&secrets, n))',
  );
  expect(textOf(text, 0, 'secrets.rs')).toContain('base_salt: self.base_salt().unwrap_or_default()');
});

it.each([
  ['a(b: number[]): string;', 'nothing can be made of number[]'],
  ['a(b: Missing): string;', 'Missing is no type that crosses the border'],
  ['a: string;', 'nothing can be made of a: string;'],
])('%s is refused', (member, why) => {
  expect(() => engineApi(described(`  ${member}`))).toThrow(why);
});
