/** Headless Chromium, as every test opens it: `POT_CHROMIUM`, or Debian's. */
import { createRequire } from 'node:module';

const core = createRequire(new URL('../../packages/core/package.json', import.meta.url));
const { chromium } = core('playwright-core');
const how = { executablePath: process.env.POT_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] };

/** One for this process. */
export function openChromium() {
  return chromium.launch(how);
}

/**
 * Vitest's global setup of the browser tier: one Chromium for all files, whose address they are given (`chromium`).
 *
 * @param {{ provide: (name: 'chromium', address: string) => void }} project
 */
export default async function setup(project) {
  const server = await chromium.launchServer(how);
  project.provide('chromium', server.wsEndpoint());
  return () => server.close();
}
