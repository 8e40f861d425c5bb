// One measurement in a process of its own, so that its memory is its own:
// node prove.mjs '[784,128,10]' '{"batch":32,"steps":1,"engine":"wasm"}'
import { proveOnce } from './lib.mjs';

const [widths, options] = process.argv.slice(2).map((v) => JSON.parse(v));
console.log(JSON.stringify(await proveOnce(widths, options)));
