import { PotError } from '@proof-of-training/errors';

/** Where a store's objects are. */
export interface S3Place {
  bucket: string;
  /** Empty, or ends with a slash. */
  prefix: string;
  region?: string;
  endpoint?: string;
  pathStyle: boolean;
}

const KNOWN = ['region', 'endpoint', 'pathStyle'];

/**
 * Reads `s3://BUCKET/PREFIX?region=...&endpoint=https://...&pathStyle=true`; what is left out, the SDK looks for (`AWS_REGION`,
 * `AWS_ENDPOINT_URL_S3`). Credentials do not belong there.
 *
 * Errors: `CLUSTER_ARTEFACT`.
 */
export function parseS3Url(text: string): S3Place {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 's3:' || !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(url.hostname))
    throw wrong('needs s3://BUCKET/PREFIX');
  if (url.username || url.password)
    throw wrong('has credentials: give them in the environment (AWS_ACCESS_KEY_ID)');
  const unknown = [...url.searchParams.keys()].find((key) => !KNOWN.includes(key));
  if (unknown !== undefined) throw wrong(`has an unknown setting; there are ${KNOWN.join(', ')}`);
  const [region, endpoint, style] = KNOWN.map((key) => url.searchParams.get(key) ?? undefined);
  if (endpoint !== undefined && !/^https?:$/.test(URL.canParse(endpoint) ? new URL(endpoint).protocol : ''))
    throw wrong('has an endpoint that is none');
  if (style !== undefined && style !== 'true' && style !== 'false')
    throw wrong('has a pathStyle that is neither true nor false');
  const prefix = decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, '');
  return {
    bucket: url.hostname,
    prefix: prefix === '' ? '' : `${prefix}/`,
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    pathStyle: style === 'true',
  };
}

function wrong(what: string): PotError {
  return new PotError('CLUSTER_ARTEFACT', `the address of the bucket for artefacts ${what}`, {
    hint: 'For instance s3://my-bucket/proofs?region=eu-central-1 (docs/operate/cluster.md).',
  });
}
