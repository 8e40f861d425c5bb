/** This package's own files, where one is damaged, missing, or looked for by the part of the package that pages have. */
import { execFile } from 'node:child_process';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { copyPackage } from './helpers/copyPackage.js';

let remove: (() => void) | undefined;
afterEach(() => remove?.());

function copy(): string {
  const made = copyPackage();
  remove = made.remove;
  return made.folder;
}

/** The error that a call of the copy's function gives, and its cause's message. */
function failureOf(file: string, call: string, flags: string[] = []): Promise<Record<string, unknown>> {
  const script = `
    const all = await import(${JSON.stringify(pathToFileURL(file).href)});
    const e = await all.${call}.then(() => new Error('none'), (e) => e);
    const { code, hint, message } = e;
    console.log(JSON.stringify({ code, hint, message, cause: e.cause?.message }));`;
  return new Promise((resolve, reject) =>
    execFile(process.execPath, [...flags, '--input-type=module', '-e', script], (e, out) =>
      e ? reject(e) : resolve(JSON.parse(out)),
    ),
  );
}

it.runIf(availableParallelism() > 1)(
  'threads: 0 does not hide that the file for several is damaged',
  async () => {
    const folder = copy();
    truncateSync(join(folder, 'wasm-threads/pot_wasm_bg.wasm'), 1000);
    const call = "loadWithThreads({ engine: 'wasm', threads: 0 })";
    expect(await failureOf(join(folder, 'dist/index.js'), call)).toMatchObject({
      code: 'WASM_LOAD',
      hint: expect.stringContaining('wasm-threads/pot_wasm_bg.wasm'),
    });
  },
);

it('the part for pages says under which condition Node has its own', async () => {
  const folder = copy();
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  // As a bundler does that knows nothing of Node.
  manifest.imports['#platform'] = manifest.imports['#platform'].default;
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  expect(await failureOf(join(folder, 'dist/index.js'), "loadProver({ engine: 'wasm' })")).toMatchObject({
    code: 'WASM_LOAD',
    message: expect.stringContaining('wasm/pot_wasm_bg.wasm'),
    hint: expect.stringContaining('under the condition node'),
  });
});

it.each([[[]], [['--conditions=development']]])(
  'a file that is missing is what is told, with copies or without: %j',
  async (flags) => {
    // It was not packed, so that it has no copies.
    const browser = join(copy(), 'dist/platform/browser.js');
    const call = "contentOf(new URL('data:text/html,none'), 'plain')";
    const { message } = await failureOf(browser, call, flags);
    expect(message).toMatch(/^text\/html,none: 200 .*text\/html/);
  },
);
