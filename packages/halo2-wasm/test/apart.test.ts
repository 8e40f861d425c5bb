/** The thread that derives a digest, where it does not begin or what it says cannot be read. */
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, it, vi } from 'vitest';
import { startDigestThread } from '../src/apart/startInBrowser.js';
import type { Listener } from '../src/apart/thread.js';
import { copyPackage } from './helpers/copyPackage.js';

afterEach(() => vi.unstubAllGlobals());

it('is reported where its file is missing: no other derivation takes its place', async () => {
  const { folder, remove } = copyPackage();
  try {
    rmSync(join(folder, 'dist/apart/nodeWorker.js'));
    const script = `
      const { aggregationDigest } = await import(${JSON.stringify(pathToFileURL(join(folder, 'dist/index.js')).href)});
      const request = { srs: new Uint8Array(9), specJson: '{}', places: 2 };
      const { code, details, cause } = await aggregationDigest(request).catch((e) => e);
      console.log(code, details.reason, cause.code ?? cause.message);`;
    const said = await new Promise<string>((resolve, reject) =>
      execFile(process.execPath, ['--input-type=module', '-e', script], (e, out) =>
        e ? reject(e) : resolve(out),
      ),
    );
    expect(said).toMatch(/^THREADS_UNAVAILABLE failed .*(MODULE_NOT_FOUND|Cannot find module)/);
  } finally {
    remove();
  }
});

/** What a page's Worker can do, without a page. */
class StandIn {
  static made: StandIn[] = [];
  onmessage?: (event: object) => void;
  onmessageerror?: (event: object) => void;
  onerror?: (event: object) => void;
  ended = false;
  constructor(readonly url: URL) {
    StandIn.made.push(this);
  }
  postMessage(): void {
    throw new DOMException('it cannot be cloned', 'DataCloneError');
  }
  terminate(): void {
    this.ended = true;
  }
}

it('in a page has an end, whatever becomes of it or of what it says', () => {
  vi.stubGlobal('Worker', StandIn);
  const told: unknown[] = [];
  const listener: Listener = {
    message: (reply) => told.push(reply.kind),
    stopped: (cause) => told.push((cause as Error).message),
  };
  const thread = startDigestThread(listener);
  const [worker] = StandIn.made;
  expect(worker!.url.pathname).toMatch(/\/dist\/apart\/browserWorker\.js$/);
  worker!.onmessage!({ data: { kind: 'ready' } });
  worker!.onmessageerror!({});
  worker!.onerror!({ preventDefault: () => {}, message: '' });
  expect(told).toEqual(['ready', "the thread's message cannot be read", 'the thread could not be loaded']);
  expect(() => thread.send({} as never)).toThrow('cannot be cloned');
  thread.end();
  expect(worker!.ended).toBe(true);
});
