/** Opens pages in headless Chromium. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { openChromium } from '../scripts/browser/chromium.mjs';
import { serveFolder } from '../scripts/browser/serve.mjs';

/** One for all pages, each of which has storage of its own. */
let browser;

/** After the last page. */
export async function closeBrowser() {
  await browser?.close();
}

/** The title that the page at this address gives itself once it has verified. */
export async function titleOf(url) {
  browser ??= await openChromium();
  const page = await browser.newPage();
  try {
    const errors = [];
    page.on('pageerror', (e) => errors.push(String(e)));
    await page.goto(url);
    await page
      .waitForFunction(() => document.title.startsWith('page:'), undefined, { timeout: 120_000 })
      .catch((e) => errors.push(String(e)));
    return errors[0] ?? (await page.title());
  } finally {
    await page.close();
  }
}

/** The title of a built page. */
export async function titleOfBuilt(folder) {
  const { server, url } = await serveFolder(folder);
  try {
    return await titleOf(url);
  } finally {
    server.close();
  }
}

/** The title of the page that Vite's development server gives for a folder. */
export async function titleInDevelopment(folder) {
  const program = join(folder, 'node_modules/vite/bin/vite.js');
  const vite = spawn(process.execPath, [program], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    return await titleOf(await addressSaid(vite));
  } finally {
    vite.kill();
  }
}

/** The address that Vite prints when it is ready. */
function addressSaid(vite) {
  let said = '';
  return new Promise((resolve, reject) => {
    vite.stdout.on('data', (chunk) => {
      said += stripVTControlCharacters(String(chunk));
      const [, url] = /Local:\s+(http:\S+)/.exec(said) ?? [];
      if (url) resolve(url);
    });
    vite.on('exit', (code) => reject(new Error(`Vite ended with ${code}: ${said}`)));
  });
}
