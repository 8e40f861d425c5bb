/** Before this package is packed: the files that a page loads, as modules (src/embedded/development.ts says what for). */
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const beside = (path) => new URL(path, import.meta.url);

for (const [name, file] of [
  ['plain', 'wasm/pot_wasm_bg.wasm'],
  ['ignition', 'ceremony/ignition14.bin'],
]) {
  const text = gzipSync(readFileSync(beside(file)), { level: 9 }).toString('base64');
  writeFileSync(beside(`embedded/${name}.js`), `export default '${text}';\n`);
}
