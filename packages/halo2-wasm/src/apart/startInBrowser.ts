import type { DigestReply } from './request.js';
import type { DigestThread, Listener } from './thread.js';

/** Starts a thread that derives a digest; throws where there are no workers, or the page may start none. */
export function startDigestThread({ message, stopped }: Listener): DigestThread {
  const worker = new Worker(new URL('../../dist/apart/browserWorker.js', import.meta.url), {
    type: 'module',
  });
  worker.onmessage = ({ data }: MessageEvent<DigestReply>) => message(data);
  worker.onmessageerror = () => stopped(new Error("the thread's message cannot be read"));
  worker.onerror = (e) => {
    e.preventDefault();
    stopped(new Error(e.message || 'the thread could not be loaded'));
  };
  return { send: (task) => worker.postMessage(task), end: () => worker.terminate() };
}
