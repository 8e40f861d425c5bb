import { randomInt } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

// The thread that shows that a session's process lives. A thread of its own: steps and commitments block the session's for
// seconds, and a caller's own code for as long as it likes.

const { path, beatMs } = workerData as { path: string; beatMs: number };
let beat = 0;

/** Writes into the file that the session made, and makes none: once a later owner has taken the claim away, this ends. */
function show(): boolean {
  let file: number | undefined;
  try {
    file = openSync(path, 'r+');
    const text = `${++beat} ${randomInt(2 ** 40)}\n`;
    writeSync(file, text, 0);
    ftruncateSync(file, text.length);
    return true;
  } catch (e) {
    // A full disk, or a server of files that does not answer, may be better at the next beat.
    return (e as NodeJS.ErrnoException).code !== 'ENOENT';
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

const timer = setInterval(() => {
  if (!show()) clearInterval(timer);
}, beatMs);
show();
