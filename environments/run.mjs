#!/usr/bin/env node
/** The packages as users have them: packed, installed outside this repository, used. README.md here says what is shown. */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { command, installByNpm, installByPnpm, pack } from './install.mjs';
import { titleOf } from './page.mjs';

const CORE = '@proof-of-training/core';
const VERIFIER = '@proof-of-training/verifier';
/** What verifying must not bring along. */
const ABSENT = ['@tensorflow', 'circomlibjs', 'snarkjs', 'ethers', 'piscina'];
/** The first lesson, as docs/learn/first-run.md shows it. */
const FIRST_RUN = fileURLToPath(new URL('../examples/digits/firstRun.mjs', import.meta.url));
const TYPESCRIPT = 'typescript@5.9.3';
const VITE = 'vite@7.3.8';

if (process.argv.length > 2) throw new Error(`there are no options: ${process.argv.slice(2).join(' ')}`);
const root = mkdtempSync(join(tmpdir(), 'pot-environments-'));
const folder = (name) => join(root, name);
const give = (name, to) => copyFileSync(fileURLToPath(new URL(`cases/${name}`, import.meta.url)), to);
const run = (dir, ...args) => command(process.execPath, args, dir);
let [passed, failed] = [0, 0];

async function show(what, body) {
  const begun = Date.now();
  try {
    await body();
    passed++;
    console.log(`ok      ${what} (${Math.round((Date.now() - begun) / 1000)} s)`);
  } catch (e) {
    failed++;
    console.log(`failed  ${what}: ${e instanceof Error ? e.message : e}`);
  }
}

/** The run with one character of a proof changed. */
function forged(bundle) {
  const other = JSON.parse(bundle);
  const { proof } = other.windows[0];
  const at = proof.length >> 1;
  other.windows[0].proof = proof.slice(0, at) + (proof[at] === 'A' ? 'B' : 'A') + proof.slice(at + 1);
  return JSON.stringify(other);
}

function giveRuns(dir) {
  const bundle = readFileSync(join(trainer, 'runs/first.json'), 'utf8');
  writeFileSync(join(dir, 'bundle.json'), bundle);
  writeFileSync(join(dir, 'forged.json'), forged(bundle));
}

const trainer = folder('Maß und Übung');
const verifier = folder('verifier');
const page = folder('page');
try {
  const packed = pack(root);
  await show('trainer: a run of the packed library, installed by pnpm', () => {
    installByPnpm(packed, trainer, CORE, { '@tensorflow/tfjs': '4.22.0' });
    copyFileSync(FIRST_RUN, join(trainer, 'firstRun.mjs'));
    const said = run(trainer, 'firstRun.mjs');
    if (!said.startsWith('true ')) throw new Error(`the run does not verify: ${said}`);
  });
  await show('verifier: installed by npm, without what training needs', () => {
    installByNpm(packed, verifier, VERIFIER, [TYPESCRIPT]);
    giveRuns(verifier);
    const there = ABSENT.filter((name) => existsSync(join(verifier, 'node_modules', name)));
    if (there.length > 0) throw new Error(`${there.join(', ')} came along`);
  });
  for (const name of ['verify.mjs', 'verify.cjs']) {
    await show(`verifier: ${name}`, () => {
      give(name, join(verifier, name));
      run(verifier, name);
    });
  }
  for (const [module, resolution] of [
    ['NodeNext', 'NodeNext'],
    ['ESNext', 'bundler'],
  ]) {
    await show(`types: moduleResolution ${resolution}`, () => {
      give('types.ts', join(verifier, 'types.mts'));
      const strict = { noEmit: true, strict: true, target: 'ES2022', types: [] };
      const compilerOptions = { ...strict, module, moduleResolution: resolution };
      writeFileSync(
        join(verifier, 'tsconfig.json'),
        JSON.stringify({ compilerOptions, files: ['types.mts'] }),
      );
      run(verifier, join('node_modules', 'typescript', 'bin', 'tsc'), '-p', '.');
    });
  }
  await show('page: built by Vite without settings, in Chromium', async () => {
    installByNpm(packed, page, VERIFIER, [VITE]);
    give('page.html', join(page, 'index.html'));
    give('page.js', join(page, 'page.js'));
    run(page, join('node_modules', 'vite', 'bin', 'vite.js'), 'build');
    giveRuns(join(page, 'dist'));
    const title = await titleOf(join(page, 'dist'));
    if (title !== 'verified true false') throw new Error(title);
  });
} finally {
  rmSync(root, { recursive: true, force: true });
}
console.log(`test result: ${failed === 0 ? 'ok' : 'FAILED'}. ${passed} passed; ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
