import { PotError } from '@proof-of-training/errors';
import { Redis } from 'ioredis';
import { VERSION } from '../message/messages.js';
import { keys } from './names.js';

const CONNECT_MS = 5000;

/**
 * Connects to Redis or Valkey, and refuses one that could lose jobs or speaks another version of this package. Once it is connected,
 * it is connected again after every failure, and what is asked meanwhile waits.
 *
 * Errors: `CLUSTER_QUEUE`, with nothing of the address but its host: it may have a password.
 */
export async function connectRedis(url: string, onWarning: (message: string) => void): Promise<Redis> {
  const { redis, lastError } = openRedis(url, onWarning);
  try {
    await redis.connect();
    await requireSafe(redis);
    await redis.set(keys.version, VERSION, 'NX');
    const version = await redis.get(keys.version);
    if (version !== String(VERSION))
      throw queueError(url, `has a queue of version ${version}, this is version ${VERSION}`);
    return redis;
  } catch (e) {
    redis.disconnect();
    if (e instanceof PotError) throw e;
    // A refused password ends the connection: why, its event has said.
    const said = lastError() ?? (e instanceof Error ? e.message : String(e));
    throw queueError(url, `refuses or cannot be reached: ${said}`);
  }
}

function openRedis(
  url: string,
  onWarning: (message: string) => void,
): { redis: Redis; lastError(): string | undefined } {
  let [connected, said] = [false, false];
  let last: string | undefined;
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    maxRetriesPerRequest: null,
    // The first connection is refused at once; a lost one is not given up.
    retryStrategy: (times) => (connected ? Math.min(100 * times, 2000) : null),
  });
  redis.on('ready', () => {
    connected = true;
    said = false;
  });
  redis.on('error', (e: Error) => {
    last = e.message;
    if (!connected || said) return;
    said = true;
    onWarning(`the queue cannot be reached (${e.message}); trying again`);
  });
  return { redis, lastError: () => last };
}

/** Whether what was put in stays in. */
async function requireSafe(redis: Redis): Promise<void> {
  const info = `${await redis.info('memory')}\n${await redis.info('server')}`;
  const value = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const policy = value('maxmemory_policy');
  if (policy !== 'noeviction') {
    throw new PotError(
      'CLUSTER_QUEUE',
      `Redis drops jobs when its memory is full (maxmemory-policy ${policy})`,
      {
        hint: 'Start it with --maxmemory-policy noeviction.',
      },
    );
  }
  const version = value('redis_version') ?? '';
  if (Number.parseInt(version, 10) < 6) {
    throw new PotError('CLUSTER_QUEUE', `Redis ${version} is too old`, {
      hint: 'Use Redis 6.2 or newer, or Valkey.',
    });
  }
}

/** ioredis' own errors have the commands' arguments, with them a password: they are no cause. */
function queueError(url: string, what: string): PotError {
  return new PotError('CLUSTER_QUEUE', `the queue at ${hostOf(url)} ${what}`, {
    hint: 'Check prover.queue (ZK_QUEUE), its password and certificate, and that Redis or Valkey runs there.',
  });
}

function hostOf(url: string): string {
  try {
    return new URL(url).host || 'an address that is none';
  } catch {
    return 'an address that is none';
  }
}
