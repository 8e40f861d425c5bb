import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { open } from 'node:fs/promises';
import { PotError } from '@proof-of-training/errors';
import { createFileAtomic } from '@proof-of-training/halo2-wasm/node';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { z } from 'zod';

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;
/** DER of an Ed25519 public key before its 32 bytes. */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** Who a worker is to others: witnesses are encrypted to the first key, results are signed by the second. */
export interface WorkerPublic {
  /** Of the signing key: 16 hex digits. */
  id: string;
  name: string;
  /** `age1...`. */
  recipient: string;
  /** Ed25519, 32 bytes. */
  signer: Uint8Array;
}

/** Who a worker is, with its secret keys. */
export interface WorkerIdentity extends WorkerPublic {
  decrypt: string;
  sign(message: string): string;
}

const fileSchema = z.strictObject({
  format: z.literal('proof-of-training/worker-identity'),
  version: z.literal(1),
  name: z.string().regex(NAME),
  age: z.string().regex(/^AGE-SECRET-KEY-1[0-9A-Z]+$/),
  /** PKCS #8, base64. */
  ed25519: z.string().max(200),
});

/**
 * Makes the keys of a new worker in a file, which is secret, and gives the line that trainers put into their lists.
 *
 * Errors: `CLUSTER_IDENTITY` where the name is none or the file cannot be written or is there already.
 *
 * @example
 * const line = await makeIdentity('machine-2', 'machine-2.identity');
 */
export async function makeIdentity(name: string, path: string): Promise<string> {
  if (!NAME.test(name)) throw identityError('a name has letters, digits, dots, - and _, at most 63');
  const age = await generateX25519Identity();
  const { privateKey } = generateKeyPairSync('ed25519');
  const ed25519 = privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
  const content = { format: 'proof-of-training/worker-identity', version: 1, name, age, ed25519 };
  try {
    await createFileAtomic(path, `${JSON.stringify(content)}\n`, 0o600);
  } catch (cause) {
    throw identityError(`${path} cannot be written, or is there already`, cause);
  }
  return lineOf(await readIdentity(path));
}

/**
 * Reads a worker's keys. Errors: `CLUSTER_IDENTITY`, also where others may read the file.
 *
 * @example
 * const identity = await readIdentity('machine-2.identity');
 */
export async function readIdentity(path: string): Promise<WorkerIdentity> {
  try {
    const file = await open(path);
    try {
      if (process.platform !== 'win32' && (await file.stat()).mode & 0o077)
        throw identityError(`others may read ${path}: chmod 600`);
      const { name, age, ed25519 } = fileSchema.parse(JSON.parse(await file.readFile('utf8')));
      const key = createPrivateKey({ key: Buffer.from(ed25519, 'base64'), format: 'der', type: 'pkcs8' });
      const signer = rawOf(createPublicKey(key));
      const recipient = await identityToRecipient(age);
      const signed = (message: string) => sign(null, Buffer.from(message), key).toString('base64url');
      return { id: idOf(signer), name, recipient, signer, decrypt: age, sign: signed };
    } finally {
      await file.close();
    }
  } catch (e) {
    if (e instanceof PotError) throw e;
    // What cannot be parsed may be a key: it is in no message.
    throw identityError(`${path} is no worker's identity`);
  }
}

/** A worker in a list: `NAME age1... ed25519:...`. */
export function lineOf({ name, recipient, signer }: WorkerPublic): string {
  return `${name} ${recipient} ed25519:${Buffer.from(signer).toString('base64url')}`;
}

/** The inverse. Errors: `CLUSTER_IDENTITY`. */
export function parseLine(line: string, where: string): WorkerPublic {
  const [name = '', recipient = '', key = '', ...more] = line.split(/\s+/);
  const signer = Buffer.from(key.replace(/^ed25519:/, ''), 'base64url');
  const fits = NAME.test(name) && /^age1[0-9a-z]{58}$/.test(recipient) && key.startsWith('ed25519:');
  if (!fits || signer.length !== 32 || more.length > 0)
    throw identityError(`${where} is not NAME age1... ed25519:...`);
  return { id: idOf(signer), name, recipient, signer: new Uint8Array(signer) };
}

/** Whether a worker has signed a message. */
export function isSignedBy({ signer }: WorkerPublic, message: string, signature: string): boolean {
  try {
    const key = createPublicKey({ key: Buffer.concat([SPKI, signer]), format: 'der', type: 'spki' });
    return verify(null, Buffer.from(message), key, Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}

function rawOf(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: 'der', type: 'spki' }).subarray(SPKI.length));
}

function idOf(signer: Uint8Array): string {
  return createHash('sha256').update(signer).digest('hex').slice(0, 16);
}

export function identityError(what: string, cause?: unknown): PotError {
  return new PotError('CLUSTER_IDENTITY', what, { cause });
}
