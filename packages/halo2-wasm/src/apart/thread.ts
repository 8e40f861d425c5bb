import type { DigestReply, DigestTask } from './request.js';

/** A thread that derives one digest. */
export interface DigestThread {
  /** Throws where the task cannot be sent. */
  send(task: DigestTask): void;
  end(): void;
}

/** What hears of a thread. */
export interface Listener {
  message(reply: DigestReply): void;
  /** It ended, or what it sent cannot be read. */
  stopped(cause: unknown): void;
}
