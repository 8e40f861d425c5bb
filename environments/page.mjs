/** Opens pages in headless Chromium. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { serveFolder } from '../scripts/browser/serve.mjs';

/** The title that the page at this address gives itself once it has verified. */
export async function titleOf(url) {
  // The browser tests' own.
  const { chromium } = createRequire(new URL('../packages/core/package.json', import.meta.url))(
    'playwright-core',
  );
  const executablePath = process.env.POT_CHROMIUM ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    const errors = [];
    page.on('pageerror', (e) => errors.push(String(e)));
    await page.goto(url);
    await page
      .waitForFunction(() => document.title.startsWith('page:'), undefined, { timeout: 120_000 })
      .catch((e) => errors.push(String(e)));
    return errors[0] ?? (await page.title());
  } finally {
    await browser.close();
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
