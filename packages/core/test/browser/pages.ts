import type { Server } from 'node:http';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, inject } from 'vitest';
import { serveRepository } from './serve.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the tier's Chromium: scripts/browser/chromium.mjs. */
    chromium: string;
  }
}

/**
 * How a file opens pages in the tier's Chromium, each with storage of its own on a server of its own. They end with the
 * file.
 */
export function pages(): (how?: { isolated?: boolean }) => Promise<Page> {
  let browser: Browser | undefined;
  const servers: Server[] = [];
  beforeAll(async () => {
    browser = await chromium.connect(inject('chromium'));
  });
  // What was connected to goes on: this ends the file's own pages.
  afterAll(async () => {
    await browser?.close();
    for (const server of servers) server.close();
  });
  return async (how) => {
    const { server, url } = await serveRepository(how);
    servers.push(server);
    const page = await browser!.newPage();
    await page.goto(url);
    return page;
  };
}
