import { PotError } from '@proof-of-training/halo2-wasm';
import type { Registry } from '../client/registry.js';
import type { Anchor, RegisteredRun } from '../client/types.js';

/** What is believed of a registry, in words. */
export function registryText({ address, chainId, origin }: Registry): string {
  const why = {
    address: 'at the address that follows from its creation code',
    creation: 'created from its code by the transaction that you named',
    believed:
      'its storage is BELIEVED: whoever created it may have written these anchors, with nothing proven',
  };
  return `${address} on chain ${chainId}, ${why[origin]}`;
}

/** Errors: `CHAIN_RUN_OTHER`, with the name of the first term that is another one; `CHAIN_OWNER`. */
export function checkTerms(found: RegisteredRun, own: object, owner?: string): string {
  for (const [name, value] of Object.entries(own)) {
    if (found[name as keyof RegisteredRun] === value) continue;
    throw new PotError(
      'CHAIN_RUN_OTHER',
      `the run is registered with another ${name} than it is described with`,
      {
        details: { name },
      },
    );
  }
  if (owner !== undefined && found.owner.toLowerCase() !== owner.toLowerCase()) {
    throw new PotError('CHAIN_OWNER', 'the run was registered by another account', {
      details: { owner: found.owner },
    });
  }
  const named = owner === undefined ? ', an account that you did not name' : '';
  return `registered by ${found.owner}${named}, at ${new Date(1000 * found.registeredAt).toISOString()}`;
}

/** The contract holds this; a server that invents answers does not. Errors: `CHAIN_NO_ANCHOR`, `CHAIN_ANCHORS`. */
export function checkAnchors(run: RegisteredRun, anchors: readonly Anchor[]): string {
  const last = anchors[anchors.length - 1];
  if (!last) throw new PotError('CHAIN_NO_ANCHOR', 'the run is registered, and nothing of it is anchored');
  let step = 0;
  for (const anchor of anchors) {
    if (anchor.firstStep !== step || anchor.endStep <= step) {
      throw new PotError('CHAIN_ANCHORS', 'the anchors do not follow each other');
    }
    step = anchor.endStep;
  }
  if (run.nextStep !== step || run.weights !== last.weights) {
    throw new PotError('CHAIN_ANCHORS', 'the run does not stand where its last anchor ends');
  }
  return `${anchors.length} anchors, steps 0 to ${step - 1}, weights ${last.weights}`;
}

/** The last anchor is deep enough for a reorganisation not to take it. Errors: `CHAIN_UNCONFIRMED`. */
export function checkConfirmations(anchors: readonly Anchor[], height: number, wanted: number): string {
  const found = height - anchors[anchors.length - 1]!.blockNumber + 1;
  if (found >= wanted) return `the last anchor has ${found} confirmations, block ${height} is the newest`;
  throw new PotError(
    'CHAIN_UNCONFIRMED',
    `the last anchor has ${found} of the ${wanted} confirmations that are wanted`,
    {
      details: { found, wanted, blockNumber: height },
      hint: 'Wait, or ask for fewer (confirmations, --confirmations): on a local chain 1 is enough.',
    },
  );
}
