/** The thread that derives a key's digest, in a browser: started by startInBrowser.ts. */
import { derive, unreadable } from './derive.js';
import type { DigestReply, DigestTask } from './request.js';

const reply = (message: DigestReply) => postMessage(message);

addEventListener('message', ({ data }: MessageEvent<DigestTask>) => reply(derive(data)), { once: true });
addEventListener('messageerror', () => reply(unreadable()), { once: true });
reply({ kind: 'ready' });
