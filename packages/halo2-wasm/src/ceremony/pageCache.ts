/** Bases in a browser: the page's Cache Storage, where there is one (secure contexts), by id and SHA-256. */

const NAME = 'proof-of-training';
const HASH = 'x-sha-256';

/** Made, or being made, in this thread. */
const memory = new Map<string, Promise<Uint8Array>>();

/**
 * Keeps what was made in this thread's memory and, in a browser, in Cache Storage, from where it is believed only with the hash that was
 * stored beside it and if `accept` finds it right; otherwise it is made again.
 */
export const pageCache = {
  getOrMake(
    id: string,
    make: () => Uint8Array | Promise<Uint8Array>,
    accept: (bytes: Uint8Array) => boolean,
  ): Promise<Uint8Array> {
    let entry = memory.get(id);
    if (!entry) {
      entry = findOrMake(id, make, accept);
      entry.catch(() => memory.delete(id));
      memory.set(id, entry);
    }
    return entry;
  },
};

async function findOrMake(
  id: string,
  make: () => Uint8Array | Promise<Uint8Array>,
  accept: (bytes: Uint8Array) => boolean,
): Promise<Uint8Array> {
  // A cache that cannot be read or written costs time, nothing else.
  const store = await open().catch(() => undefined);
  const stored = await store?.read(id).catch(() => undefined);
  if (stored && accept(stored)) return stored;
  const made = await make();
  await store?.write(id, made).catch(() => {});
  return made;
}

async function open() {
  if (typeof caches === 'undefined' || globalThis.crypto?.subtle === undefined) return undefined;
  const cache = await caches.open(NAME);
  // An address of its own: nothing is fetched from it.
  const keyOf = (id: string) => `https://cache.invalid/${NAME}/${id}`;
  return {
    async read(id: string): Promise<Uint8Array | undefined> {
      const response = await cache.match(keyOf(id));
      if (!response) return undefined;
      const bytes = new Uint8Array(await response.arrayBuffer());
      return response.headers.get(HASH) === (await sha256(bytes)) ? bytes : undefined;
    },
    async write(id: string, bytes: Uint8Array): Promise<void> {
      const headers = { [HASH]: await sha256(bytes), 'content-type': 'application/octet-stream' };
      await cache.put(keyOf(id), new Response(bytes.slice(), { headers }));
    },
  };
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes.slice()));
  return Array.from(digest, (b) => b.toString(16).padStart(2, '0')).join('');
}
