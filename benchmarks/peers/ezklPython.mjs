import { fileURLToPath } from 'node:url';
import { missing, runPeer } from './process.mjs';

const python = process.env.PYTHON ?? 'python3';
const script = (name) => fileURLToPath(new URL(`ezkl/${name}`, import.meta.url));

/** Runs a script of ezkl/ with the Python that has EZKL; gives what `runPeer` gives. Errors: `PEER_FAILED`. */
export function runPython(name, ...args) {
  return runPeer(python, [script(name), ...args.map(String)]);
}

/** One command of EZKL in a process of its own (ezkl/step.py), and what that said of it. Errors: `PEER_FAILED`. */
export async function ezklStep(command, folder, srs, ...args) {
  const { stdout } = await runPython('step.py', command, folder, srs, ...args);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

/** EZKL's version. Errors: `PEER_MISSING` where that Python lacks it, onnx or numpy. */
export function ezklVersion() {
  const code = 'import ezkl, onnx, numpy, importlib.metadata as m; print(m.version("ezkl"))';
  return runPeer(python, ['-c', code]).then(
    ({ stdout }) => stdout.trim(),
    (e) => {
      throw missing(`EZKL (in ${python})`, e);
    },
  );
}
