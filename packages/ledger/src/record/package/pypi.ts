import { createHash } from 'node:crypto';
import { z } from 'zod';
import { verifyBundles } from './attestations.js';
import { noAnswer, refusedPackage } from './errors.js';
import { bytesAt, jsonAt } from './http.js';
import type { Downloaded, Wanted } from './npm.js';
import { trustMaterial } from './trust.js';

const release = z.object({
  urls: z.array(
    z.object({
      filename: z.string().regex(/^[\w.+-]{1,255}$/),
      url: z.url(),
      digests: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
    }),
  ),
});
/** PEP 740: attestations of a file, by who published it. */
const provenance = z.object({
  attestation_bundles: z
    .array(
      z.object({
        attestations: z
          .array(
            z.object({
              verification_material: z.object({
                certificate: z.string(),
                transparency_entries: z.array(z.unknown()),
              }),
              envelope: z.object({ statement: z.string(), signature: z.string() }),
            }),
          )
          .max(32),
      }),
    )
    .max(32),
});
const PROVENANCE = 'application/vnd.pypi.integrity.v1+json';

/** A file of a release of PyPI, or of an index like it. Errors: `LEDGER_PACKAGE`, `LEDGER_SOURCE`. */
export async function pypiPackage(wanted: Wanted & { file?: string }): Promise<Downloaded> {
  const { name, version, registry, fetch, trust } = wanted;
  const [project, number] = [encodeURIComponent(name), encodeURIComponent(version)];
  const read = release.safeParse(await jsonAt(fetch, new URL(`pypi/${project}/${number}/json`, registry)));
  if (!read.success) throw noAnswer(registry.host, `${name} ${version}`);
  const files = read.data.urls.filter(({ filename }) => filename === (wanted.file ?? filename));
  const [found] = files;
  if (!found) throw noAnswer(registry.host, `${wanted.file ?? 'a file'} of ${name} ${version}`);
  if (files.length > 1)
    throw refusedPackage(`the release has ${files.length} files, and none of them is named`);
  const integrity = wanted.integrity ?? `sha256:${found.digests.sha256}`;
  const bytes = await bytesAt(fetch, new URL(found.url));
  if (!bytes) throw noAnswer(registry.host, found.filename);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (`sha256:${sha256}` !== integrity) throw refusedPackage('it has another hash');
  const at = new URL(`integrity/${project}/${number}/${found.filename}/provenance`, registry);
  const bundles = pep740Bundles(await jsonAt(fetch, at, PROVENANCE));
  const attested = verifyBundles(bundles, { sha256 }, trustMaterial(trust));
  return { file: found.filename, bytes, integrity, signature: 'none', attested };
}

/** Attestations of PEP 740 as bundles of Sigstore; none where there is no provenance. Errors: `LEDGER_PACKAGE`. */
export function pep740Bundles(json: unknown): unknown[] {
  if (json === undefined) return [];
  const read = provenance.safeParse(json);
  if (!read.success) throw refusedPackage('its provenance is not as PEP 740 has it');
  return read.data.attestation_bundles.flatMap(({ attestations }) =>
    attestations.map(({ verification_material: { certificate, transparency_entries }, envelope }) => ({
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: { certificate: { rawBytes: certificate }, tlogEntries: transparency_entries },
      dsseEnvelope: {
        payload: envelope.statement,
        payloadType: 'application/vnd.in-toto+json',
        signatures: [{ sig: envelope.signature, keyid: '' }],
      },
    })),
  );
}
