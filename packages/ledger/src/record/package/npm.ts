import { createHash, verify } from 'node:crypto';
import { z } from 'zod';
import { type Attested, verifyBundles } from './attestations.js';
import { noAnswer, refusedPackage } from './errors.js';
import { bytesAt, type Fetch, jsonAt } from './http.js';
import { isValidAt, keyObject, type PackageTrust, registryKeys, trustMaterial } from './trust.js';

/** What a registry gave, verified as far as there was something to verify. */
export interface Downloaded {
  file: string;
  bytes: Buffer;
  integrity: string;
  signature: 'verified' | 'none';
  attested: Attested[];
}

/** What is downloaded. */
export interface Wanted {
  name: string;
  version: string;
  registry: URL;
  /** What the file must be. */
  integrity?: string;
  trust: PackageTrust;
  fetch: Fetch;
}

const version = z.object({
  name: z.string(),
  version: z.string(),
  dist: z.object({
    tarball: z.url(),
    integrity: z.string().optional(),
    signatures: z.array(z.object({ keyid: z.string(), sig: z.string() })).optional(),
    attestations: z.object({ url: z.url() }).optional(),
  }),
});
const attestations = z.object({ attestations: z.array(z.object({ bundle: z.unknown() })).max(32) });
const times = z.object({ time: z.record(z.string(), z.string()) });
const SHA512 = /(?:^|\s)(sha512-[A-Za-z0-9+/]{86}==)(?:$|\s)/;

/** A package of npm's registry, or of one like it. Errors: `LEDGER_PACKAGE`, `LEDGER_SOURCE`. */
export async function npmPackage(wanted: Wanted): Promise<Downloaded> {
  const { name, registry, fetch, trust } = wanted;
  const path = name.replace('/', '%2f');
  const at = (rest: string) => new URL(rest, registry);
  const read = version.safeParse(await jsonAt(fetch, at(`${path}/${encodeURIComponent(wanted.version)}`)));
  if (!read.success) throw noAnswer(registry.host, `${name}@${wanted.version}`);
  const { dist } = read.data;
  if (read.data.name !== name || read.data.version !== wanted.version)
    throw refusedPackage('the registry answers with another one');
  const served = SHA512.exec(dist.integrity ?? '')?.[1];
  const integrity = wanted.integrity ?? served;
  if (integrity === undefined || !SHA512.test(integrity))
    throw refusedPackage('there is no sha512 that it could be compared with');
  const bytes = await bytesAt(fetch, new URL(dist.tarball));
  if (!bytes) throw noAnswer(registry.host, 'the tarball');
  const sha512 = createHash('sha512').update(bytes).digest();
  if (`sha512-${sha512.toString('base64')}` !== integrity) throw refusedPackage('it has another integrity');
  const signature = await signatureOf(wanted, { ...dist, integrity }, () => jsonAt(fetch, at(path)));
  const attested = dist.attestations
    ? verifyBundles(
        await bundlesAt(fetch, new URL(dist.attestations.url)),
        { sha512: sha512.toString('hex') },
        trustMaterial(trust),
      )
    : [];
  const file = decodeURIComponent(new URL(dist.tarball).pathname.split('/').at(-1)!);
  return { file, bytes, integrity, signature, attested };
}

async function bundlesAt(fetch: Fetch, url: URL): Promise<unknown[]> {
  const read = attestations.safeParse(await jsonAt(fetch, url));
  // Whoever can leave them away could hide that they do not hold.
  if (!read.success || read.data.attestations.length === 0)
    throw refusedPackage('the registry names attestations and does not give them');
  return read.data.attestations.map(({ bundle }) => bundle);
}

/** The registry's signature over name, version and integrity, by a key that was in force when the version was published. */
async function signatureOf(
  { name, version, trust }: Wanted,
  {
    signatures = [],
    integrity,
  }: { signatures?: { keyid: string; sig: string }[] | undefined; integrity: string },
  packument: () => Promise<unknown>,
): Promise<'verified' | 'none'> {
  if (signatures.length === 0) return 'none';
  const keys = registryKeys(trust, 'npm:signatures');
  const read = times.safeParse(await packument());
  const published = new Date(read.success ? (read.data.time[version] ?? Number.NaN) : Number.NaN);
  for (const { keyid, sig } of signatures) {
    const key = keys.find(({ keyId }) => keyId === keyid);
    if (!key) throw refusedPackage('it is signed by a key of the registry that is not known');
    if (!isValidAt(key, published))
      throw refusedPackage("the registry's key was not in force when it was published");
    const message = Buffer.from(`${name}@${version}:${integrity}`);
    if (!verify('sha256', message, keyObject(key), Buffer.from(sig, 'base64')))
      throw refusedPackage("the registry's signature does not hold");
  }
  return 'verified';
}
