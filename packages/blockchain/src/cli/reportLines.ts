import type { ChainReport } from '../audit/checkChain.js';
import type { RunFacts } from '../audit/facts.js';

/** An audit in lines for people. */
export function auditLines({ report, registry, run, facts }: ChainReport): string[] {
  const out = report.checks.map(
    (c) => `${c.ok ? 'ok  ' : 'FAIL'}  ${c.name}: ${c.detail}${c.code ? ` [${c.code}]` : ''}`,
  );
  if (!report.ok) {
    out.push(`REFUSED: ${report.failure?.message} [${report.failure?.code}]`);
    return out;
  }
  if (facts) out.push(...factLines(facts));
  out.push(`      registered on chain ${registry.chainId} in registry ${registry.address} by ${run?.owner}`);
  out.push(
    '      No proof names a chain, a registry or an owner: the same run may be anchored elsewhere, by others.',
  );
  out.push('THE CHAIN FITS');
  if (registry.origin === 'believed') {
    out.push(
      "The registry's storage is BELIEVED: its creator may have written these anchors with nothing proven.",
    );
  }
  if (report.developmentSrs) {
    out.push('Made with the INSECURE development SRS: convincing to nobody but yourself.');
  }
  return out;
}

function factLines(facts: RunFacts): string[] {
  const { runId, datasetRoot, shards, layers, loss, batch, rule, learningRate, steps, weights, base } = facts;
  return [
    `      run ${runId}`,
    `      dataset ${datasetRoot}, ${shards} shards`,
    `      layers ${layers}; loss ${loss}; ${batch} samples a step`,
    `      ${rule}, learning rate ${learningRate}, ${steps} steps, to weights ${weights}`,
    ...beginningLines(facts),
    ...(base === undefined ? [] : [`      adapters over the frozen base ${base}`]),
  ];
}

function beginningLines({ start, settings, beacon, announcedIn, announcements }: RunFacts): string[] {
  const weights = start === 'seed' ? 'of the public seed' : 'given by who trained';
  const first = `      first weights ${weights}; settings ${settings}`;
  if (!beacon) return [first, '      no beacon: the order could have been chosen'];
  if (beacon.kind === 'value') {
    return [
      first,
      `      beacon ${beacon.value}, a value (${JSON.stringify(beacon.source)}): the chain says nothing of it`,
    ];
  }
  const counted = announcements === undefined ? 'could not be counted' : String(announcements);
  return [
    first,
    `      beacon ${beacon.hash}, block ${beacon.block} of chain ${beacon.chainId}; announced in block ${announcedIn}`,
    `      announcements of this dataset root in the registry: ${counted}`,
  ];
}
