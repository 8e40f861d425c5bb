import { createPublicKey, type KeyObject } from 'node:crypto';
import { createRequire } from 'node:module';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { type TrustMaterial, toTrustMaterial } from '@sigstore/verify';

/** A key of a registry, as npm's list of keys has it. */
export interface RegistryKey {
  keyId: string;
  keyUsage: string;
  publicKey: { rawBytes: string; validFor?: { start?: string; end?: string } };
}

/** What attestations and signatures of registries are believed by. */
export interface PackageTrust {
  /** A trusted root of Sigstore, as JSON. Default: that of the public instance, as the package @sigstore/tuf brings it. */
  root?: object;
  /** Keys of the npm registry. Default: those of registry.npmjs.org, from the same package. */
  keys?: readonly RegistryKey[];
}

const require = createRequire(import.meta.url);

/** What @sigstore/tuf was published with: it needs no network, and is as old as that package. */
function seed<T>(name: string): T {
  const seeds = require('@sigstore/tuf/seeds.json') as Record<string, { targets: Record<string, string> }>;
  const { targets } = seeds['https://tuf-repo-cdn.sigstore.dev']!;
  return JSON.parse(Buffer.from(targets[name]!, 'base64').toString()) as T;
}

/** Keys of the registry for one use. */
export function registryKeys({ keys }: PackageTrust, usage: string): readonly RegistryKey[] {
  const all = keys ?? seed<{ keys: RegistryKey[] }>('registry.npmjs.org%2Fkeys.json').keys;
  return all.filter(({ keyUsage }) => keyUsage === usage);
}

/** A registry's key for Node. */
export function keyObject({ publicKey }: RegistryKey): KeyObject {
  return createPublicKey({ key: Buffer.from(publicKey.rawBytes, 'base64'), format: 'der', type: 'spki' });
}

/** Whether a key was in force. */
export function isValidAt({ publicKey }: RegistryKey, date: Date): boolean {
  const { start, end } = publicKey.validFor ?? {};
  return (!start || date >= new Date(start)) && (!end || date <= new Date(end));
}

/** What bundles of Sigstore are verified with. */
export function trustMaterial(trust: PackageTrust): TrustMaterial {
  const root = TrustedRoot.fromJSON(trust.root ?? seed<object>('trusted_root.json'));
  const keys = registryKeys(trust, 'npm:attestations');
  return toTrustMaterial(root, (hint) => {
    const key = keys.find(({ keyId }) => keyId === hint);
    if (!key) throw new Error('the attestation names a key that is not known');
    return { publicKey: keyObject(key), validFor: (date) => isValidAt(key, date) };
  });
}
