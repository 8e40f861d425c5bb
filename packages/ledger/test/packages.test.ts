/** Downloads of packages: a registry of this machine, and attestations that the public registries gave out. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EventLog, type RegistryKey, recordPackage, requirePolicy } from '../src/node.js';
import { verifyBundles } from '../src/record/package/attestations.js';
import { pep740Bundles } from '../src/record/package/pypi.js';
import { trustMaterial } from '../src/record/package/trust.js';
import { emptyFolder } from './helpers/folder.js';
import { newLog } from './helpers/newLog.js';

const code = (c: string) => expect.objectContaining({ code: c });
const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8'));
const npmBundles: { bundle: { dsseEnvelope: { payload: string } } }[] =
  fixture('npmAttestations').attestations;
const bundles = npmBundles.map(({ bundle }) => bundle);

const tarball = Buffer.from('a package');
const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
const sha256 = createHash('sha256').update(tarball).digest('hex');
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key: RegistryKey = {
  keyId: 'SHA256:mine',
  keyUsage: 'npm:signatures',
  publicKey: {
    rawBytes: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
    validFor: { start: '2020-01-01T00:00:00.000Z', end: '2025-01-01T00:00:00.000Z' },
  },
};
const signed = (text: string) => [
  { keyid: key.keyId, sig: sign('sha256', Buffer.from(text), privateKey).toString('base64') },
];

let registry: string;
/** What the registry says of the package, besides its tarball and integrity. */
let dist: Record<string, unknown>;
let published: string;
let served: Buffer;
let provenance: unknown;
const server = createServer(({ url }, response) => {
  const json = (value: unknown) =>
    value === undefined ? response.writeHead(404).end() : response.end(JSON.stringify(value));
  const path = url!.slice('/registry'.length);
  if (path === '/one/1.0.0' || path === '/@scope%2fone/1.0.0') {
    const name = path.startsWith('/@') ? '@scope/one' : 'one';
    return json({
      name,
      version: '1.0.0',
      dist: { tarball: `${registry}one/-/one-1.0.0.tgz`, integrity, ...dist },
    });
  }
  if (path === '/one') return json({ time: { '1.0.0': published } });
  if (path === '/one/-/one-1.0.0.tgz' || path === '/files/one.whl') return response.end(served);
  if (path === '/attestations') return json({ attestations: npmBundles });
  if (path === '/pypi/one/1.0.0/json') {
    const files = ['one.whl', 'one.tar.gz'].map((filename) => ({
      filename,
      url: `${registry}files/one.whl`,
      digests: { sha256 },
    }));
    return json({ urls: files });
  }
  if (path === '/integrity/one/1.0.0/one.whl/provenance') return json(provenance);
  return json(undefined);
});
let log: EventLog;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/registry/`;
  ({ log } = await newLog());
});
afterAll(async () => {
  server.close();
  await log.close();
});

const honest = () => {
  [dist, published, served, provenance] = [{}, '2024-05-05T00:00:00.000Z', tarball, undefined];
};
const npm = (more: object = {}) =>
  recordPackage(log, {
    name: 'one',
    version: '1.0.0',
    registry,
    to: emptyFolder(),
    trust: { keys: [key] },
    ...more,
  });
const pypi = (more: object = {}) =>
  recordPackage(log, {
    ecosystem: 'pypi',
    name: 'one',
    version: '1.0.0',
    file: 'one.whl',
    registry,
    to: emptyFolder(),
    ...more,
  });

describe('a package of npm', () => {
  it('is kept and recorded with what was found, pinned or not', async () => {
    honest();
    const { index, path, digest } = await npm();
    expect(readFileSync(path)).toEqual(tarball);
    expect(digest).toBe(`sha256:${sha256}`);
    expect((await log.get(index)).fields).toMatchObject({
      pinned: false,
      signature: 'none',
      provenance: 'none',
      integrity,
    });
    const pinned = await npm({ integrity, name: '@scope/one' });
    expect((await log.get(pinned.index)).fields).toMatchObject({ name: '@scope/one', pinned: true, digest });
  });

  it('has the signature of its registry, by a key that was in force', async () => {
    honest();
    dist = { signatures: signed(`one@1.0.0:${integrity}`) };
    const { index } = await npm({ require: ['signature'] });
    expect((await log.get(index)).fields.signature).toBe('verified');
  });

  it.each<[string, () => void, object]>([
    [
      'other bytes',
      () => {
        served = Buffer.from('b package');
      },
      {},
    ],
    ['another integrity than is pinned', () => {}, { integrity: `sha512-${'A'.repeat(86)}==` }],
    ['a pin that is no sha512', () => {}, { integrity: 'sha1-AAAA' }],
    [
      'no integrity',
      () => {
        dist = { integrity: undefined };
      },
      {},
    ],
    [
      'a weak one',
      () => {
        dist = { integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' };
      },
      {},
    ],
    [
      'a signature of another version',
      () => {
        dist = { signatures: signed(`one@1.0.1:${integrity}`) };
      },
      {},
    ],
    [
      'a key that is not known',
      () => {
        dist = { signatures: signed(`one@1.0.0:${integrity}`) };
      },
      { trust: { keys: [] } },
    ],
    [
      'a key after its time',
      () => {
        dist = { signatures: signed(`one@1.0.0:${integrity}`) };
        published = '2026-01-01T00:00:00.000Z';
      },
      {},
    ],
    ['no signature where one is required', () => {}, { require: ['signature'] }],
    ['no attestation where one is required', () => {}, { require: ['provenance'] }],
    [
      'attestations of another package',
      () => {
        dist = { attestations: { url: `${registry}attestations` } };
      },
      { trust: {} },
    ],
    [
      'attestations that are named and not given',
      () => {
        dist = { attestations: { url: `${registry}gone` } };
      },
      {},
    ],
  ])('is refused, kept nowhere and not recorded: %s', async (_, change, more) => {
    honest();
    change();
    const [to, before] = [emptyFolder(), log.size];
    await expect(npm({ to, ...more })).rejects.toThrow(code('LEDGER_PACKAGE'));
    expect([readdirSync(to), log.size]).toEqual([[], before]);
  });

  it('that is not there, or an option that is none, is said', async () => {
    honest();
    await expect(npm({ name: 'two' })).rejects.toThrow(code('LEDGER_SOURCE'));
    for (const more of [
      { version: '^1.0.0' },
      { version: 'latest' },
      { name: '../one' },
      { registry: 'file:///x' },
    ])
      await expect(npm(more)).rejects.toThrow(code('OPTION_INVALID'));
    await expect(npm({ pin: 'x' })).rejects.toThrow(code('OPTION_UNKNOWN'));
  });
});

it('a policy refuses what was made from a package without provenance', async () => {
  honest();
  const { path } = await npm();
  const policy = { name: 'attested', rules: [{ rule: 'provenance' as const }] };
  await expect(requirePolicy(log, policy, [{ path }])).rejects.toThrow(code('LEDGER_POLICY'));
  await requirePolicy(log, policy, [{ text: 'of no package' }]);
});

describe('attestations that the public registries gave out', () => {
  const hex = (bundle: { dsseEnvelope: { payload: string } }) =>
    JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString()).subject[0].digest;
  const pypiBundles = pep740Bundles(fixture('pypiProvenance')) as (typeof bundles)[number][];
  const material = trustMaterial({});

  it('of npm and of PyPI hold, and name the workflow that published', () => {
    expect(verifyBundles(bundles, hex(bundles[0]!), material)).toEqual([
      {
        predicate: 'https://slsa.dev/provenance/v0.2',
        identity: 'https://github.com/sigstore/sigstore-js/.github/workflows/publish.yml@refs/tags/v0.4.0',
        issuer: 'https://token.actions.githubusercontent.com',
      },
      { predicate: 'https://github.com/npm/attestation/tree/main/specs/publish/v0.1' },
    ]);
    expect(verifyBundles(pypiBundles, hex(pypiBundles[0]!), material)).toMatchObject([
      { identity: expect.stringMatching(/^https:\/\/github.com\/trailofbits\/pypi-attestations\//) },
    ]);
  });

  it('hold for no other file, and not where a byte of them was changed', () => {
    for (const bundle of [...bundles, ...pypiBundles]) {
      expect(() => verifyBundles([bundle], { sha256, sha512: 'ab' }, material)).toThrow(
        code('LEDGER_PACKAGE'),
      );
      const { payload } = (bundle as { dsseEnvelope: { payload: string } }).dsseEnvelope;
      const statement = JSON.parse(Buffer.from(payload, 'base64').toString());
      statement.subject[0].digest = { sha256 };
      const forged = structuredClone(bundle) as { dsseEnvelope: { payload: string } };
      forged.dsseEnvelope.payload = Buffer.from(JSON.stringify(statement)).toString('base64');
      expect(() => verifyBundles([forged], { sha256 }, material)).toThrow(code('LEDGER_PACKAGE'));
    }
    for (const json of [undefined, {}, { dsseEnvelope: { payload: 'bm8=' } }])
      expect(() => verifyBundles([json], {}, material)).toThrow(code('LEDGER_PACKAGE'));
  });

  it('by keys and roots that are not known hold for nobody', () => {
    const own = trustMaterial({ keys: [] });
    expect(() => verifyBundles([bundles[1]], hex(bundles[1]!), own)).toThrow(code('LEDGER_PACKAGE'));
    const none = trustMaterial({
      root: { mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1' },
    });
    expect(() => verifyBundles([bundles[0]], hex(bundles[0]!), none)).toThrow(code('LEDGER_PACKAGE'));
  });
});

describe('a file of PyPI', () => {
  it('is recorded with its hash; which one must be said', async () => {
    honest();
    const { index, path } = await pypi({ integrity: `sha256:${sha256}` });
    expect(path.endsWith(join('one.whl'))).toBe(true);
    expect((await log.get(index)).fields).toMatchObject({
      ecosystem: 'pypi',
      pinned: true,
      provenance: 'none',
    });
    await expect(pypi({ file: undefined })).rejects.toThrow(code('LEDGER_PACKAGE'));
    await expect(pypi({ file: 'two.whl' })).rejects.toThrow(code('LEDGER_SOURCE'));
  });

  it('is refused with other bytes, or with attestations of another file or of no known form', async () => {
    honest();
    served = Buffer.from('b package');
    await expect(pypi()).rejects.toThrow(code('LEDGER_PACKAGE'));
    honest();
    for (const one of [fixture('pypiProvenance'), { attestation_bundles: 1 }]) {
      provenance = one;
      await expect(pypi()).rejects.toThrow(code('LEDGER_PACKAGE'));
    }
  });
});
