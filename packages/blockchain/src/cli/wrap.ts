import { type AggregateFile, parseAggregate } from '@proof-of-training/core';
import { readProofFile, say } from '@proof-of-training/core/cli';
import type { Command } from 'commander';
import { type Halo2, loadProver, PotError } from 'halo2-wasm';
import { developmentSrs, readSrs, type Srs, writeFileAtomic } from 'halo2-wasm/node';
import { packEvmProof } from '../file/pack.js';
import { compiledVerifier } from './compiled.js';

/** Rows (log2) of the wrapper: the least that its columns fit a contract with. */
const ROWS = 20;

interface Flags {
  out: string;
  srs?: string;
  threads?: number;
}

/** `pot chain wrap AGGREGATE`: the proof that a contract verifies, and the contract, in one file. */
export function wrapCommand(chain: Command): void {
  chain
    .command('wrap')
    .description('prove to a contract that an aggregate verifies (native engine; minutes, 4.3 GB)')
    .argument('<aggregate>', 'aggregate')
    .requiredOption('-o, --out <file>', 'file to write')
    .option(
      '--srs <file>',
      "the run's reference string, 2^20 points; default: the INSECURE development string, if it was made with that",
    )
    .option('--threads <number>', 'threads; default: all cores', Number)
    .action(async (path: string, flags: Flags) => {
      const file = parseAggregate(await readProofFile(path));
      const halo2 = await loadProver({ engine: 'native' });
      const srs = await stringFor(halo2, file, flags);
      const { proof, calldata, contract } = wrap(halo2, file, srs, flags.threads ?? 0);
      const packed = packEvmProof(file, calldata, await compiledVerifier(contract));
      await writeFileAtomic(flags.out, `${JSON.stringify(packed)}\n`);
      say(`${flags.out}: proof ${proof} bytes, verifier code ${packed.verifier.codeHash}`);
    });
}

/** Errors: `SRS_NEEDED`, `SRS_MISMATCH`. */
async function stringFor(halo2: Halo2, { run }: AggregateFile, flags: Flags): Promise<Srs> {
  if (!flags.srs && !run.srs.development) {
    throw new PotError('SRS_NEEDED', `the wrapper needs the run's reference string ${run.srs.hash}`, {
      hint: `Import it from its powers-of-tau file for k = ${ROWS} (pot srs import), and give it (--srs FILE).`,
    });
  }
  if (!flags.srs) say(`development string of 2^${ROWS} points: minutes the first time`);
  const srs = flags.srs ? await readSrs(halo2, flags.srs) : await developmentSrs(halo2, ROWS);
  if (srs.hash === run.srs.hash) return srs;
  throw new PotError('SRS_MISMATCH', 'the run was made with another reference string', {
    details: { run: run.srs.hash, given: srs.hash },
  });
}

function wrap(halo2: Halo2, { run, aggregate }: AggregateFile, srs: Srs, threads: number) {
  const { key, ...rest } = aggregate;
  say('keys of the wrapper: a minute or two');
  const chain = halo2.onChain(srs.bytes, JSON.stringify(run.spec), key.windowsPerProof, { threads });
  try {
    say('proof: minutes');
    const { proofBytes, calldata } = chain.wrap(JSON.stringify(rest));
    return { proof: proofBytes, calldata, contract: chain.contract() };
  } finally {
    chain.free();
  }
}
