import { readFile } from 'node:fs/promises';
import { PotError } from '@proof-of-training/halo2-wasm';
import { type Provider, Wallet } from 'ethers';

/**
 * A signer from the environment: `POT_PRIVATE_KEY`, or `POT_KEYSTORE` (path of a JSON keystore) with
 * `POT_KEYSTORE_PASSWORD`. A key is never taken from an argument, which other users of the machine can see, and is in no
 * message: errors name the variable alone, without a cause.
 *
 * Errors: `KEY_MISSING`, `KEY_AMBIGUOUS`, `KEY_INVALID`, `KEYSTORE_READ`, `KEYSTORE_INVALID`.
 *
 * @example
 * const signer = await signerFromEnvironment(connection.provider);
 */
export async function signerFromEnvironment(
  provider: Provider,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Wallet> {
  const { POT_PRIVATE_KEY: key, POT_KEYSTORE: keystore, POT_KEYSTORE_PASSWORD: password } = env;
  if (key && keystore) {
    throw new PotError(
      'KEY_AMBIGUOUS',
      'POT_PRIVATE_KEY and POT_KEYSTORE are both set: which account is meant?',
    );
  }
  if (key) {
    try {
      return new Wallet(key.trim(), provider);
    } catch {
      throw new PotError('KEY_INVALID', 'POT_PRIVATE_KEY is no private key: 0x and 64 hexadecimal digits');
    }
  }
  if (!keystore) {
    throw new PotError('KEY_MISSING', 'no account to sign with', {
      hint: 'Set POT_PRIVATE_KEY, or POT_KEYSTORE and POT_KEYSTORE_PASSWORD.',
    });
  }
  const json = await readFile(keystore, 'utf8').catch(() => {
    throw new PotError('KEYSTORE_READ', `the keystore ${keystore} cannot be read`);
  });
  try {
    const wallet = await Wallet.fromEncryptedJson(json, password ?? '');
    return new Wallet(wallet.privateKey, provider);
  } catch {
    throw new PotError('KEYSTORE_INVALID', `the keystore ${keystore} does not open`, {
      hint: 'It is no keystore, or POT_KEYSTORE_PASSWORD is not its password.',
    });
  }
}
