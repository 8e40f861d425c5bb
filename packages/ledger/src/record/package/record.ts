import { join } from 'node:path';
import { makeFolder, writeFileAtomic } from '@proof-of-training/halo2-wasm/node';
import { checkOptions, type ShapeFor } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import { digestOfBytes, nameSchema } from '../../events/digest.js';
import type { Appended, EventLog } from '../../log/eventLog.js';
import { requireFree } from '../../taint/state.js';
import { refusedPackage } from './errors.js';
import { npmPackage } from './npm.js';
import { pypiPackage } from './pypi.js';
import type { PackageTrust } from './trust.js';

/** What `recordPackage` takes. */
export interface PackageOptions {
  /** Default: `npm`. */
  ecosystem?: 'npm' | 'pypi';
  name: string;
  /** One version, no range. */
  version: string;
  /** What the file must be: `sha512-` and base64 for npm, `sha256:` and hex for PyPI. Default: what the registry says. */
  integrity?: string;
  /** Folder that the file is written into, under its own name. */
  to: string;
  /** Of PyPI: which file of the release, where it has several. */
  file?: string;
  /** Default: the public one. */
  registry?: string;
  /** Refuses a package without it. */
  require?: readonly ('signature' | 'provenance')[];
  /** What signatures and attestations are believed by; default: Sigstore's public instance and npm's keys. */
  trust?: PackageTrust;
  /** Default: `globalThis.fetch`. */
  fetch?: typeof fetch;
}

const NPM_NAME = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/i;
const schema = z.object({
  ecosystem: z.enum(['npm', 'pypi']).optional(),
  name: nameSchema.regex(NPM_NAME),
  version: nameSchema.regex(/^[0-9][\w.+!-]*$/),
  integrity: z.string().optional(),
  to: z.string().min(1),
  file: z.string().min(1).optional(),
  registry: z.url({ protocol: /^https?$/ }).optional(),
  require: z.array(z.enum(['signature', 'provenance'])).optional(),
  trust: z.object({ root: z.looseObject({}).optional(), keys: z.array(z.unknown()).optional() }).optional(),
  fetch: z.function().optional(),
} satisfies ShapeFor<PackageOptions>);

const REGISTRIES = { npm: 'https://registry.npmjs.org/', pypi: 'https://pypi.org/' };

/**
 * Downloads a package and records it: the file against its integrity, the registry's signature and Sigstore's attestations where there are any.
 * What does not hold is refused, and neither kept nor recorded.
 *
 * Errors: `OPTION_*`, `LEDGER_PACKAGE`, `LEDGER_SOURCE`, `LEDGER_QUARANTINED`; those of `EventLog.append` and of the file system.
 *
 * @example
 * const { digest, path } = await recordPackage(log, { name: 'canonicalize', version: '3.0.0', to: 'packages' });
 */
export async function recordPackage(
  log: EventLog,
  options: PackageOptions,
): Promise<Appended & { digest: string; path: string; provenance: 'verified' | 'none' }> {
  checkOptions(schema, options, 'recordPackage');
  const { ecosystem = 'npm', name, version, integrity, to, trust = {}, require = [] } = options;
  const base = options.registry ?? REGISTRIES[ecosystem];
  const registry = new URL(base.endsWith('/') ? base : `${base}/`);
  const { fetch: send = globalThis.fetch, file } = options;
  const wanted = {
    name,
    version,
    registry,
    trust,
    fetch: send,
    ...(integrity !== undefined && { integrity }),
  };
  const found =
    ecosystem === 'npm'
      ? await npmPackage(wanted)
      : await pypiPackage({ ...wanted, ...(file !== undefined && { file }) });
  const { attested, bytes } = found;
  const provenance = attested.length > 0 ? 'verified' : 'none';
  const lacks = require.find((one) => (one === 'signature' ? found.signature : provenance) === 'none');
  if (lacks) throw refusedPackage(`it has no ${lacks}`);
  if (!/^[\w@.+-]{1,255}$/.test(found.file) || /^\.+$/.test(found.file))
    throw refusedPackage('its file has a name that is none');
  const digest = digestOfBytes(bytes);
  await requireFree(log, digest);
  makeFolder(to);
  const path = join(to, found.file);
  await writeFileAtomic(path, bytes);
  const { index, id, time } = await log.append({
    type: 'package',
    fields: {
      ...{ ecosystem, name, version, registry: registry.host, file: found.file, digest },
      ...{ size: bytes.length, integrity: found.integrity, pinned: integrity !== undefined },
      ...{ signature: found.signature, provenance },
      identities: distinct(attested.map(({ identity }) => identity)),
      issuers: distinct(attested.map(({ issuer }) => issuer)),
      predicates: distinct(attested.map(({ predicate }) => predicate)),
    },
  });
  return { index, id, time, digest, path, provenance };
}

function distinct(all: readonly (string | undefined)[]): string[] {
  return [...new Set(all.filter((one) => one !== undefined))].map((one) => one.slice(0, 256));
}
