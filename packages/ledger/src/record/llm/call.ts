import { createHash, type Hash, randomBytes } from 'node:crypto';
import { PotError } from '@proof-of-training/errors';
import { digestFrom, nameSchema } from '../../events/digest.js';
import { SALTED } from '../../events/salted.js';
import type { EventLog } from '../../log/eventLog.js';
import { type FrozenRequest, requestFacts, secretsOf } from './request.js';
import { ResponseReader } from './response.js';

/** Largest body that is recorded as it is; an event has 256 KiB. */
const MAX_CONTENT = 100 << 10;

/** A content's digest behind a salt of its own, while it comes. */
class Salted {
  private readonly salt = randomBytes(32);
  private readonly hash: Hash = createHash('sha256').update(SALTED).update(this.salt);

  update(part: Uint8Array | string): this {
    this.hash.update(part);
    return this;
  }

  fields(name: string): Record<string, string> {
    return { [name]: digestFrom(this.hash.digest()), [`${name}Salt`]: this.salt.toString('base64') };
  }
}

/** One call, from its request to the end of its answer. */
export class LlmCall {
  private readonly started = new Date();
  private readonly answer = new Salted();
  private readonly parts: Uint8Array[] = [];
  private length = 0;
  private reader: ResponseReader | undefined;
  private status: number | undefined;
  private ended: Promise<void> | undefined;

  constructor(
    private readonly log: EventLog,
    private readonly request: FrozenRequest,
    private readonly keepText: boolean,
    private readonly onEnd: (call: LlmCall) => void,
  ) {}

  /** An answer has begun. */
  answered(response: Response): void {
    this.status = response.status;
    this.reader = new ResponseReader(response.headers.get('content-type'));
  }

  /** Errors: `LEDGER_CLOSED` where the call is recorded already: nothing is read unseen. */
  take(part: Uint8Array): void {
    if (this.ended) {
      throw new PotError('LEDGER_CLOSED', 'the call was recorded before its answer was read to the end', {
        hint: 'Read answers before settle() is called.',
      });
    }
    this.answer.update(part);
    this.length += part.length;
    if (this.keepText && this.length <= MAX_CONTENT) this.parts.push(part.slice());
    this.reader?.take(part);
  }

  /** Records the call, once. Errors: those of `EventLog.append`. */
  end(how: { complete: boolean; error?: unknown }): Promise<void> {
    this.ended ??= this.record(how).finally(() => this.onEnd(this));
    return this.ended;
  }

  private async record({ complete, error }: { complete: boolean; error?: unknown }): Promise<void> {
    const { facts = {}, text } = this.reader?.end() ?? {};
    const fields: Record<string, unknown> = {
      ...this.withoutSecrets({ ...requestFacts(this.request), ...facts }),
      ...(this.status !== undefined && { 'http.response.status_code': this.status }),
      ...(error !== undefined && { 'error.type': errorType(error) }),
      stream: this.reader?.stream ?? false,
      complete,
      ...new Salted().update(this.request.body).fields('prompt'),
      ...(this.reader && this.answer.fields('answer')),
      ...(text !== undefined && new Salted().update(text).fields('answerText')),
      ...this.contents(),
      started: this.started.toISOString(),
      ended: new Date(Math.max(Date.now(), this.started.getTime())).toISOString(),
    };
    await this.log.append({ type: 'llm.call', fields });
  }

  /** The bodies as texts, where they were asked for, are texts, and have no key in them. */
  private contents(): Record<string, string> {
    if (!this.keepText) return {};
    const bodies = [
      ['promptContent', this.request.body],
      ['answerContent', Buffer.concat(this.parts)],
    ] as const;
    const whole = bodies.filter(
      ([, { length }], i) => length <= MAX_CONTENT && (i === 0 || length === this.length),
    );
    const texts = whole.flatMap(([name, bytes]) => {
      const text = utf8(bytes);
      return text === undefined ? [] : [[name, text] as const];
    });
    return this.withoutSecrets(Object.fromEntries(texts)) as Record<string, string>;
  }

  /** Facts come from the caller and the server, who may have put a key into one. */
  private withoutSecrets(facts: Record<string, unknown>): Record<string, unknown> {
    const secrets = secretsOf(this.request);
    const isClean = (value: unknown): boolean =>
      !secrets.some((secret) => JSON.stringify(value).includes(JSON.stringify(secret).slice(1, -1)));
    return Object.fromEntries(
      Object.entries(facts)
        .map(([name, value]) => [name, isClean(value) ? value : undefined])
        .filter(([, v]) => v !== undefined),
    );
  }
}

/** Class of an error, never its message, which may quote an address or a body. */
function errorType(error: unknown): string {
  const { name, code, cause } = (error ?? {}) as {
    name?: unknown;
    code?: unknown;
    cause?: { code?: unknown };
  };
  const said = [cause?.code, code, name].find((word) => typeof word === 'string' && /^\w{1,64}$/.test(word));
  return nameSchema.safeParse(said).success ? (said as string) : 'Error';
}

/** Text that an event may have. */
function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
