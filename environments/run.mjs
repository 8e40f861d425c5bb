#!/usr/bin/env node
/** The packages as users have them: packed, installed outside this repository, used. README.md here says what is shown. */
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copiesOf, giveAnchored, giveOpening, giveRuns } from './files.mjs';
import { add, command, install, pack } from './install.mjs';
import { checkBundle, checkEngine, checkTarballs, NATIVE } from './native.mjs';
import { closeBrowser, titleInDevelopment, titleOfBuilt } from './page.mjs';

/** What verifying must not bring along. */
const ABSENT = ['@tensorflow', 'circomlibjs', 'snarkjs', 'ethers', 'piscina'];
/** The first lesson, as docs/learn/first-run.md shows it. */
const FIRST_RUN = fileURLToPath(new URL('../examples/digits/firstRun.mjs', import.meta.url));
/** What a user imports, whose dependency the engine is. */
const USER = { trainer: '@proof-of-training/core', verifier: '@proof-of-training/verifier' };
/** What users of the verifier compile and bundle with. */
const TOOLS = ['typescript@5.9.3', 'vite@7.3.8', 'webpack@5.113.0', 'webpack-cli@7.3.1'];
const AGGREGATE = 'aggregate true false SRS_TOO_SMALL';
const VERIFIED = `page: runs true, ${AGGREGATE}; worker: runs true false, ${AGGREGATE}`;

if (process.argv.length > 2) throw new Error(`there are no options: ${process.argv.slice(2).join(' ')}`);
const root = mkdtempSync(join(tmpdir(), 'pot-environments-'));
const tarballs = join(root, 'tarballs');
const trainer = join(root, 'Maß und Übung');
const verifier = join(root, 'verifier');
const page = join(root, 'page');
// As on a machine that has never proven anything: the packages make what they cache.
process.env.POT_CACHE_DIR = join(root, 'cache');
const given = (name) => fileURLToPath(new URL(`cases/${name}`, import.meta.url));
const give = (name, to) => copyFileSync(given(name), to);
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

async function showTrainer() {
  await show('trainer: a run of the packed library, installed by pnpm', () => {
    install('By pnpm, to train and to anchor', tarballs, trainer);
    copyFileSync(FIRST_RUN, join(trainer, 'firstRun.mjs'));
    const said = run(trainer, 'firstRun.mjs');
    if (!said.startsWith('true ')) throw new Error(`the run does not verify: ${said}`);
  });
  await show('trainer: its `pot` has the commands for a chain', () => {
    const said = command(join(trainer, 'node_modules/.bin/pot'), ['--help'], trainer);
    if (!/verify[\s\S]*check-chain/.test(said)) throw new Error(said);
  });
  await show('trainer: what was made for a chain is read', () => {
    giveAnchored(trainer);
    give('chain.mjs', join(trainer, 'chain.mjs'));
    run(trainer, 'chain.mjs');
  });
  await show('trainer: a queue takes a package of its own, with which workers prove', () => {
    give('cluster.mjs', join(trainer, 'cluster.mjs'));
    run(trainer, 'cluster.mjs', 'missing');
    add('Many machines, by pnpm', tarballs, trainer);
    run(trainer, 'cluster.mjs');
    const said = command(join(trainer, 'node_modules/.bin/pot'), ['worker', '--help'], trainer);
    if (!said.includes('--identity')) throw new Error(said);
  });
  await show(`trainer: its engine is ${NATIVE}`, () => checkEngine(trainer, USER.trainer, NATIVE));
}

async function showVerifier() {
  await show('verifier: installed by npm, without what training needs', () => {
    install('By npm, to verify', tarballs, verifier);
    const there = ABSENT.filter((name) => existsSync(join(verifier, 'node_modules', name)));
    if (there.length > 0) throw new Error(`${there.join(', ')} came along`);
    giveRuns(trainer, verifier);
    giveAnchored(verifier);
    giveOpening(verifier);
  });
  await show('verifier: copies inside modules are the files', () => {
    const installed = join(verifier, 'node_modules/@proof-of-training/halo2-wasm');
    for (const { name, copy, file } of copiesOf(installed))
      if (!copy.equals(file)) throw new Error(`embedded/${name} is another content`);
  });
  for (const name of ['verify.mjs', 'verify.cjs', 'node.mjs']) {
    await show(`verifier: ${name}`, () => {
      give(name, join(verifier, name));
      run(verifier, name);
    });
  }
}

/** What verified in WebAssembly, verified natively; and left out again. */
async function showNative() {
  const engineIs = (engine) => checkEngine(verifier, USER.verifier, engine);
  await show('native: without the optional package the engine is wasm', () => engineIs('wasm'));
  await show(`native: with it, it is ${NATIVE}, and verifies the run`, () => {
    add('The native engine', tarballs, verifier);
    engineIs(NATIVE);
    command(process.execPath, ['verify.mjs'], verifier, { ZK_ENGINE: NATIVE });
  });
}

/** Last, since pages are shown beside the package. */
async function showLeftOut() {
  await show('native: left out by --omit=optional, the engine is wasm', () => {
    command('npm', ['install', '--ignore-scripts', '--omit=optional'], verifier);
    checkEngine(verifier, USER.verifier, 'wasm');
  });
}

async function showTypes() {
  give('types.ts', join(page, 'types.mts'));
  const strict = { noEmit: true, strict: true, target: 'ES2022', types: [] };
  for (const [module, moduleResolution] of [
    ['NodeNext', 'NodeNext'],
    ['ESNext', 'bundler'],
  ]) {
    await show(`types: moduleResolution ${moduleResolution}`, () => {
      const compilerOptions = { ...strict, module, moduleResolution };
      writeFileSync(join(page, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['types.mts'] }));
      run(page, 'node_modules/typescript/bin/tsc', '-p', '.');
    });
  }
}

/** Shows a page whose title is what it should be. */
function showPage(what, open) {
  return show(`page: ${what}`, async () => {
    const title = await open();
    if (title !== VERIFIED) throw new Error(title);
  });
}

/** What the page verifies. */
function givePage(dir) {
  mkdirSync(dir, { recursive: true });
  giveRuns(trainer, dir);
  giveAnchored(dir);
}

async function showPages() {
  await showPage('built by Vite', () => {
    run(page, 'node_modules/vite/bin/vite.js', 'build');
    checkBundle(join(page, 'dist'));
    return titleOfBuilt(join(page, 'dist'));
  });
  await showPage("from Vite's development server", () => titleInDevelopment(page));
  await showPage('built by webpack', () => {
    rmSync(join(page, 'dist'), { recursive: true });
    run(page, 'node_modules/webpack-cli/bin/cli.js', 'build');
    checkBundle(join(page, 'dist'));
    give('page/webpack.html', join(page, 'dist/index.html'));
    givePage(join(page, 'dist'));
    return titleOfBuilt(join(page, 'dist'));
  });
}

try {
  pack(tarballs);
  await show('tarballs: licences, and for which system the native engine is', () => checkTarballs(tarballs));
  await showTrainer();
  await showVerifier();
  await showNative();
  await show('page: Vite, webpack and TypeScript beside the verifier', () => {
    cpSync(verifier, page, { recursive: true, verbatimSymlinks: true });
    command('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...TOOLS], page);
    cpSync(given('page'), page, { recursive: true });
    givePage(join(page, 'public'));
  });
  await showTypes();
  await showPages();
  await showLeftOut();
} finally {
  await closeBrowser();
  rmSync(root, { recursive: true, force: true });
}
console.log(`test result: ${failed === 0 ? 'ok' : 'FAILED'}. ${passed} passed; ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
