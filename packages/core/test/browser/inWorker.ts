import type { Page } from 'playwright-core';

/** What a new module worker of the page answers to a task; the worker ends with it. `script`: its path in the repository. */
export function inWorker(page: Page, script: string, task: unknown): Promise<Record<string, unknown>> {
  return page.evaluate(
    ({ script, task }) =>
      new Promise<Record<string, unknown>>((resolve, reject) => {
        const worker = new Worker(script, { type: 'module' });
        worker.onmessage = ({ data }) => {
          worker.terminate();
          resolve(data as Record<string, unknown>);
        };
        worker.onerror = (e) => reject(new Error(e.message));
        worker.postMessage(task);
      }),
    { script, task },
  );
}
