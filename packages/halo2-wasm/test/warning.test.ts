/** The warning about the development SRS comes once a process. */
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { warnOfDevelopment } from '../src/node.js';

const NODE = new URL('../dist/node.js', import.meta.url).href;

/** Whether a new thread warns. */
function inThread(): Promise<string[]> {
  const code = `
    const { parentPort } = require('node:worker_threads');
    import(${JSON.stringify(NODE)}).then(({ warnOfDevelopment }) => {
      const given = [];
      warnOfDevelopment((m) => given.push(m));
      warnOfDevelopment((m) => given.push(m));
      parentPort.postMessage(given);
    });`;
  return new Promise((resolve, reject) => {
    const worker = new Worker(code, { eval: true });
    worker.on('message', resolve).on('error', reject);
  });
}

it('once in a thread, and not again in those that it starts', async () => {
  // As in a process that has just begun.
  delete process.env.POT_DEVELOPMENT_WARNED;
  expect(await inThread()).toHaveLength(1);
  const given: string[] = [];
  for (let n = 0; n < 3; n++) warnOfDevelopment((m) => given.push(m));
  expect(given).toEqual([expect.stringMatching(/^INSECURE development SRS.*anyone can forge/)]);
  expect(await inThread()).toEqual([]);
});

it('again in another process, whose environment is a copy', () => {
  process.env.POT_DEVELOPMENT_WARNED = String(process.pid + 1);
  const given: string[] = [];
  warnOfDevelopment((m) => given.push(m));
  expect(given).toHaveLength(1);
});
