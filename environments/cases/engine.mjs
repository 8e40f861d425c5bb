// The engine that an installation has by itself. Argument: the package whose dependency it is.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const user = createRequire(import.meta.url).resolve(process.argv[2]);
const engine = createRequire(user).resolve('@proof-of-training/halo2-wasm');
const { loadProver } = await import(pathToFileURL(engine).href);
process.stdout.write((await loadProver({ engine: 'auto' })).engine);
