import { bundleFromJSON } from '@sigstore/bundle';
import { type TrustMaterial, toSignedEntity, Verifier } from '@sigstore/verify';
import { z } from 'zod';
import { refusedPackage } from './errors.js';

/** An attestation that holds. */
export interface Attested {
  predicate: string;
  /** Who: a workflow, by its certificate; absent where the registry itself signed. */
  identity?: string;
  issuer?: string;
}

const statement = z.object({
  subject: z
    .array(z.object({ name: z.string().optional(), digest: z.record(z.string(), z.string()) }))
    .min(1),
  predicateType: z.string().max(256),
});

const envelope = z.object({ dsseEnvelope: z.object({ payload: z.string() }) });
const hasKey = z.object({ verificationMaterial: z.object({ publicKey: z.object({ hint: z.string() }) }) });

/**
 * Verifies bundles of Sigstore about a file: signatures, certificates, their place in the transparency log, and that they name this file's hash.
 *
 * Errors: `LEDGER_PACKAGE` for the first that does not hold.
 *
 * @param hashes of the file, hex, by algorithm
 */
export function verifyBundles(
  bundles: readonly unknown[],
  hashes: Readonly<Record<string, string>>,
  material: TrustMaterial,
): Attested[] {
  return bundles.map((json) => {
    const said = statementOf(json);
    const byKey = hasKey.safeParse(json).success;
    const verifier = new Verifier(material, { tlogThreshold: 1, ctlogThreshold: byKey ? 0 : 1 });
    let signer: ReturnType<Verifier['verify']>;
    try {
      signer = verifier.verify(toSignedEntity(bundleFromJSON(json)));
    } catch (cause) {
      throw refusedPackage('an attestation does not hold', cause);
    }
    const names = said.subject.some(({ digest }) =>
      Object.entries(digest).some(([algorithm, hex]) => hashes[algorithm] === hex),
    );
    if (!names) throw refusedPackage('an attestation is about another file');
    const { subjectAlternativeName: identity, extensions } = signer.identity ?? {};
    const issuer = extensions?.issuer;
    return { predicate: said.predicateType, ...(identity && { identity }), ...(issuer && { issuer }) };
  });
}

function statementOf(json: unknown): z.output<typeof statement> {
  const read = envelope.safeParse(json);
  if (!read.success) throw refusedPackage('an attestation is no bundle of Sigstore');
  try {
    const payload = Buffer.from(read.data.dsseEnvelope.payload, 'base64').toString();
    return statement.parse(JSON.parse(payload));
  } catch (cause) {
    throw refusedPackage('an attestation states nothing that is understood', cause);
  }
}
