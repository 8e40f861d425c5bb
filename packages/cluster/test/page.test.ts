/** The page of a queue's state, from a state that somebody has put nonsense into. */
import { request } from 'node:http';
import { expect, it } from 'vitest';
import { lineOf } from '../src/cli/status.js';
import { servePage } from '../src/page/servePage.js';
import { statePage } from '../src/page/statePage.js';
import type { QueueState } from '../src/queue/state.js';

const EVIL = '<script>alert("1")</script>';
const id = 'a'.repeat(16);
const state: QueueState = {
  jobs: { waiting: 0, prioritized: 3, delayed: 1, active: 2, completed: 5, failed: 0 },
  active: [
    { statement: 'b'.repeat(64), kind: 'window', worker: id, since: 0 },
    { statement: EVIL, kind: EVIL, worker: EVIL },
  ],
  workers: [{ id, name: 'machine-2', threads: 4, memoryBytes: 2 ** 32, store: 's' }],
  reports: [{ at: EVIL, what: 'wrong proof', statement: EVIL, worker: EVIL, cause: EVIL }],
  prometheus: 'bullmq_job_count 1\n',
};

/** Fetches a path with a Host of our choice, which fetch forbids. */
function get(
  url: string,
  host: string,
  method = 'GET',
): Promise<{ status: number; type: string; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers: { host } }, (response) => {
      let body = '';
      response.on('data', (data) => {
        body += data;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode!, type: String(response.headers['content-type']), body }),
      );
    });
    asked.on('error', reject).end();
  });
}

it('shows names and numbers, and nothing of what others write as HTML', () => {
  const page = statePage(state);
  expect(page).not.toContain('<script');
  expect(page).toContain('machine-2');
  expect(page).toMatch(/<td>prioritized<\/td><td>3<\/td>/);
  // The store's id says where artefacts are: nobody needs it here.
  expect(page).not.toContain('<td>s</td>');
  expect(statePage({ ...state, active: [], reports: [] })).toContain('<td>none</td>');
});

it('says it in one line', () => {
  expect(lineOf(state)).toBe(
    `1 workers (4 at once), 4 waiting, 2 under way (window, ${EVIL}), 5 done, 0 failed, last report: wrong proof`,
  );
});

it('is served to this machine alone, for reading, and goes on where the queue cannot be read', async () => {
  let broken = false;
  const read = async () => {
    if (broken) throw new Error('secret');
    return state;
  };
  const page = await servePage({ read }, 0);
  try {
    const { host } = new URL(page.url);
    expect(await get(page.url, host)).toMatchObject({ status: 200, type: 'text/html; charset=utf-8' });
    expect((await get(`${page.url}metrics`, host)).body).toBe(state.prometheus);
    const json = JSON.parse((await get(`${page.url}state.json`, 'localhost')).body);
    expect(json).toMatchObject({ jobs: state.jobs });
    expect(json).not.toHaveProperty('prometheus');
    expect((await get(page.url, 'evil.example')).status).toBe(403);
    expect((await get(page.url, '127.0.0.1.evil.example')).status).toBe(403);
    expect((await get(page.url, host, 'POST')).status).toBe(405);
    expect((await get(`${page.url}other`, host)).status).toBe(404);
    broken = true;
    const failed = await get(page.url, host);
    expect(failed.status).toBe(503);
    expect(failed.body).not.toContain('secret');
    await expect(servePage({ read }, Number(new URL(page.url).port))).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    });
  } finally {
    await page.close();
  }
});
