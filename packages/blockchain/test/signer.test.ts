import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encryptKeystoreJson, JsonRpcProvider, Wallet } from 'ethers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signerFromEnvironment } from '../src/keys/signer.js';
import { refusal } from './helpers/errors.js';

const provider = new JsonRpcProvider('http://127.0.0.1:1', 31337, { staticNetwork: true });
const wallet = Wallet.createRandom();
let dir: string;
let keystore: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pot-keys-'));
  keystore = join(dir, 'key.json');
  // Few rounds: what is tested is not scrypt.
  await writeFile(
    keystore,
    await encryptKeystoreJson({ address: wallet.address, privateKey: wallet.privateKey }, 'secret-word', {
      scrypt: { N: 1024 },
    }),
  );
});
afterAll(() => rm(dir, { recursive: true }));

describe('a signer from the environment', () => {
  it('is made from a key or a keystore', async () => {
    const byKey = await signerFromEnvironment(provider, { POT_PRIVATE_KEY: wallet.privateKey });
    expect(byKey.address).toBe(wallet.address);
    expect(byKey.provider).toBe(provider);
    const env = { POT_KEYSTORE: keystore, POT_KEYSTORE_PASSWORD: 'secret-word' };
    expect((await signerFromEnvironment(provider, env)).address).toBe(wallet.address);
  });

  it('is refused with a typed error that has no secret in it', async () => {
    const almost = wallet.privateKey.slice(0, -1);
    const cases: [NodeJS.ProcessEnv, string][] = [
      [{}, 'KEY_MISSING'],
      [{ POT_PRIVATE_KEY: almost }, 'KEY_INVALID'],
      [{ POT_PRIVATE_KEY: wallet.privateKey, POT_KEYSTORE: keystore }, 'KEY_AMBIGUOUS'],
      [{ POT_KEYSTORE: join(dir, 'none.json') }, 'KEYSTORE_READ'],
      [{ POT_KEYSTORE: keystore, POT_KEYSTORE_PASSWORD: 'wrong-word' }, 'KEYSTORE_INVALID'],
    ];
    for (const [env, code] of cases) {
      const error = await refusal(signerFromEnvironment(provider, env));
      expect(error.code).toBe(code);
      const text = `${JSON.stringify(error.toJSON())} ${error.stack} ${String(error.cause)}`;
      for (const secret of [almost.slice(2), 'secret-word', 'wrong-word']) expect(text).not.toContain(secret);
    }
  });
});
