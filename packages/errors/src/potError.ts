import type { PotErrorCode } from './codes/index.js';
import { printable } from './printable.js';

/** What a {@link PotError} is made of, besides its code and message. */
export interface PotErrorOptions {
  /** Facts about this failure: names, sizes, limits. Never weights, data or salts. */
  details?: Record<string, unknown>;
  /** What the caller can do about it. */
  hint?: string;
  cause?: unknown;
}

/**
 * The one error type of Proof of Training.
 *
 * `code` is stable and meant for programs; `shortMessage` says what happened; `hint` what to do about it.
 * The message that a person sees has all three. All codes: docs/reference/errors.md.
 *
 * @example
 * throw new PotError('FILE_READ', `${path} cannot be read`, { cause, hint: 'Check its permissions.' });
 */
export class PotError extends Error {
  override readonly name: string = 'PotError';
  readonly code: string;
  readonly shortMessage: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly hint: string | undefined;

  /**
   * @param code one of the list, checked where TypeScript compiles; what another version says comes in by {@link PotError.fromJSON}
   */
  constructor(code: PotErrorCode, shortMessage: string, options: PotErrorOptions = {}) {
    // It may quote a file: it stays one line, which controls no terminal.
    const said = printable(shortMessage);
    const lines = [said];
    if (options.hint) lines.push(`What to do: ${options.hint}`);
    lines.push(`Code: ${code}`);
    super(lines.join('\n'), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.shortMessage = said;
    this.details = Object.freeze({ ...options.details });
    this.hint = options.hint;
  }

  /** A plain object for JSON output and for crossing a thread boundary. */
  toJSON(): PotErrorJson {
    return {
      code: this.code,
      message: this.shortMessage,
      ...(Object.keys(this.details).length > 0 && { details: this.details }),
      ...(this.hint !== undefined && { hint: this.hint }),
    };
  }

  /** The inverse of {@link PotError.toJSON}. Its code may be any: also one of another version of the prover. */
  static fromJSON(json: PotErrorJson, cause?: unknown): PotError {
    return new PotError(json.code as PotErrorCode, json.message, {
      ...(cause !== undefined && { cause }),
      ...(json.details && { details: { ...json.details } }),
      ...(json.hint !== undefined && { hint: json.hint }),
    });
  }
}

/** JSON form of a {@link PotError}. */
export interface PotErrorJson {
  code: string;
  message: string;
  details?: Readonly<Record<string, unknown>>;
  hint?: string;
}

/**
 * Whether `e` is a {@link PotError}, also one of another copy of this module; with `code`, of that code.
 *
 * @example
 * try {
 *   await session.fit({ epochs: 1 });
 * } catch (e) {
 *   if (!isPotError(e, 'PROVER_ABORTED')) throw e;
 * }
 */
export function isPotError(e: unknown, code?: string): e is PotError {
  if (!(e instanceof Error) || e.name !== 'PotError') return false;
  return code === undefined || (e as PotError).code === code;
}

/**
 * A failure of any kind as the one error type.
 *
 * @example
 * try {
 *   await session.close();
 * } catch (e) {
 *   console.error(asPotError(e).code);
 * }
 */
export function asPotError(e: unknown): PotError {
  if (isPotError(e)) return e;
  return new PotError('PROVER_FAILED', e instanceof Error ? e.message : String(e), { cause: e });
}
