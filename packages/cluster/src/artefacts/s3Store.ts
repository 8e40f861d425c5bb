import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { PotError } from '@proof-of-training/errors';
import { parseS3Url, type S3Place } from './s3Url.js';
import { type Artefact, type ArtefactStore, artefactError, MAX_ARTEFACT, requireHash } from './store.js';

type Sdk = typeof import('@aws-sdk/client-s3');

/**
 * Artefacts as objects of a bucket, of S3 or what speaks as it does. Its package is `@aws-sdk/client-s3`, which a user installs who
 * needs it; credentials come from where that looks for them (`AWS_ACCESS_KEY_ID`, a role of the machine).
 *
 * @example
 * const store = await S3Store.open('s3://my-bucket/proofs?region=eu-central-1');
 */
export class S3Store implements ArtefactStore {
  private constructor(
    private readonly sdk: Sdk,
    private readonly client: S3Client,
    private readonly place: S3Place,
    readonly id: string,
  ) {}

  /** Errors: `S3_MISSING` without the package; `CLUSTER_ARTEFACT` where the address is none, or the bucket cannot be used. */
  static async open(url: string): Promise<S3Store> {
    const place = parseS3Url(url);
    const sdk = await import('@aws-sdk/client-s3').catch((cause) => {
      throw new PotError(
        'S3_MISSING',
        'artefacts are to lie in S3, and the package for it is not installed',
        {
          cause,
          hint: 'Install @aws-sdk/client-s3 beside @proof-of-training/cluster, or name a shared folder.',
        },
      );
    });
    const client = new sdk.S3Client({
      ...(place.region !== undefined && { region: place.region }),
      ...(place.endpoint !== undefined && { endpoint: place.endpoint }),
      forcePathStyle: place.pathStyle,
      // Contents are checked here, by SHA-256; what is only compatible does not know the newer checksums.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    try {
      return new S3Store(sdk, client, place, await idOf(sdk, client, place));
    } catch (cause) {
      client.destroy();
      throw new PotError('CLUSTER_ARTEFACT', `the bucket ${place.bucket} cannot be used`, {
        cause: said(cause),
        hint: 'Check its name, region and endpoint, and that these credentials may read, write and delete there.',
      });
    }
  }

  /** By way of a file of this process alone: an object's name is its content's hash, and its length has to be known. */
  async put(content: AsyncIterable<Uint8Array>): Promise<Artefact> {
    const folder = await mkdtemp(join(tmpdir(), 'pot-artefact-'));
    const path = join(folder, 'content');
    try {
      const artefact = await spool(path, content);
      await this.client
        .send(
          new this.sdk.PutObjectCommand({
            ...this.named(artefact.hash),
            Body: createReadStream(path),
            ContentLength: artefact.bytes,
          }),
        )
        .catch((e) => {
          throw artefactError(artefact.hash, 'cannot be written', said(e));
        });
      return artefact;
    } catch (e) {
      throw e instanceof PotError ? e : artefactError('', 'cannot be written', e);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async *get(name: string, { maxBytes }: { maxBytes: number }): AsyncIterable<Uint8Array> {
    const found = await this.client.send(new this.sdk.GetObjectCommand(this.named(name))).catch((e) => {
      throw artefactError(name, 'is not there', said(e));
    });
    const body = found.Body as Readable;
    const hash = createHash('sha256');
    let bytes = 0;
    try {
      for await (const chunk of body) {
        bytes += (chunk as Uint8Array).length;
        if (bytes > maxBytes) throw artefactError(name, `has more than ${maxBytes} bytes`);
        hash.update(chunk as Uint8Array);
        yield chunk as Uint8Array;
      }
    } catch (e) {
      throw e instanceof PotError ? e : artefactError(name, 'cannot be read', said(e));
    } finally {
      body.destroy();
    }
    if (hash.digest('hex') !== name) throw artefactError(name, 'has another content than its name says');
  }

  async remove(name: string): Promise<void> {
    await this.client.send(new this.sdk.DeleteObjectCommand(this.named(name))).catch((e) => {
      throw artefactError(name, 'cannot be removed', said(e));
    });
  }

  private named(name: string): { Bucket: string; Key: string } {
    requireHash(name);
    return { Bucket: this.place.bucket, Key: `${this.place.prefix}objects/${name}` };
  }
}

/** The name of the store, which the first one gives it. */
async function idOf(sdk: Sdk, client: S3Client, { bucket, prefix }: S3Place): Promise<string> {
  const key = { Bucket: bucket, Key: `${prefix}store` };
  const read = () =>
    client.send(new sdk.GetObjectCommand(key)).then(
      async ({ Body }) => (await Body!.transformToString()).slice(0, 32),
      (e: { name?: string }) => {
        if (e.name === 'NoSuchKey') return undefined;
        throw e;
      },
    );
  const there = await read();
  if (there !== undefined) return there;
  const own = randomBytes(16).toString('hex');
  await client.send(new sdk.PutObjectCommand({ ...key, Body: own, IfNoneMatch: '*' })).catch((e) => {
    // Another one was first.
    if (e?.$metadata?.httpStatusCode !== 412) throw e;
  });
  return (await read()) ?? own;
}

async function spool(path: string, content: AsyncIterable<Uint8Array>): Promise<Artefact> {
  const hash = createHash('sha256');
  let bytes = 0;
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of content) {
      bytes += chunk.length;
      if (bytes > MAX_ARTEFACT) throw artefactError('', `has more than ${MAX_ARTEFACT} bytes`);
      hash.update(chunk);
      await file.writeFile(chunk);
    }
  } finally {
    await file.close();
  }
  return { hash: hash.digest('hex'), bytes };
}

/** What the service says. Its errors hold the whole request, which has signatures. */
function said(e: unknown): Error {
  const { name, message } = e as Partial<Error>;
  return new Error(`${name ?? 'Error'}: ${message ?? e}`.slice(0, 500));
}
