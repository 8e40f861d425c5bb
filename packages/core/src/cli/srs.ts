import { createRequire } from 'node:module';
import { loadProver, PotError } from '@proof-of-training/halo2-wasm';
import { DEVELOPMENT_WARNING, developmentSrs, importSrs, readSrs } from '@proof-of-training/halo2-wasm/node';
import { ceremonyText } from '@proof-of-training/verifier/run';
import type { Command } from 'commander';
import { text, whole } from './flags.js';
import { result, say } from './terminal.js';

/** `pot srs`: structured reference strings (SRS). */
export function srsCommand(program: Command): void {
  const srs = program.command('srs').description('structured reference strings');

  srs
    .command('import')
    .description(
      "import a ceremony's powers, checked by pairings: .ptau, arkworks's KZG10 parameters, or compressed powers",
    )
    .argument('<file>', "file of snarkjs (.ptau), or of arkworks's KZG10, uncompressed")
    .requiredOption('--k <number>', 'log2 of the number of rows', whole('--k', 1, 28))
    .option('--dir <folder>', 'where to store it', text('--dir'))
    .option('--verify-ceremony', 'check the contributions of a .ptau file too, with snarkjs (minutes)')
    .option('--json', 'print JSON')
    .action(
      async (ptau: string, flags: { k: number; dir?: string; verifyCeremony?: boolean; json?: boolean }) => {
        if (flags.verifyCeremony) await verifyCeremony(ptau);
        const { path, k, hash, development, ceremony } = await importSrs(
          await loadProver(),
          ptau,
          flags.k,
          flags.dir,
        );
        result(
          { path, k, hash, development, ceremony },
          [
            `stored ${path}`,
            `pin this hash: ${hash}`,
            `ceremony: ${ceremony ? ceremonyText(ceremony) : 'unknown'}`,
          ],
          flags.json ?? false,
        );
      },
    );

  srs
    .command('development')
    .description('make and cache the INSECURE development SRS')
    .requiredOption('--k <number>', 'log2 of the number of rows', whole('--k', 1, 28))
    .option('--json', 'print JSON')
    .action(async (flags: { k: number; json?: boolean }) => {
      say(DEVELOPMENT_WARNING);
      const { k, hash, development } = await developmentSrs(await loadProver(), flags.k);
      result({ k, hash, development }, [`2^${k} rows, hash ${hash}, INSECURE`], flags.json ?? false);
    });

  srs
    .command('inspect')
    .description('show size, hash and kind of a stored string')
    .argument('<file>')
    .option('--json', 'print JSON')
    .action(async (file: string, flags: { json?: boolean }) => {
      const { k, hash, development, ceremony } = await readSrs(await loadProver(), file);
      const origin = ceremony ? ceremonyText(ceremony) : 'of no ceremony that is known here';
      const kind = development ? 'INSECURE development SRS' : `imported SRS, ${origin}`;
      result({ k, hash, development, ceremony }, [`2^${k} rows, hash ${hash}, ${kind}`], flags.json ?? false);
    });
}

async function verifyCeremony(path: string): Promise<void> {
  interface Snarkjs {
    powersOfTau: { verify(path: string): Promise<boolean> };
  }
  let snarkjs: Snarkjs;
  try {
    snarkjs = createRequire(import.meta.url)('snarkjs') as Snarkjs;
  } catch (cause) {
    throw new PotError('SNARKJS_MISSING', 'snarkjs is not installed', {
      cause,
      hint: 'npm install snarkjs@0.7.6',
    });
  }
  if (!(await snarkjs.powersOfTau.verify(path))) {
    throw new PotError('PTAU_CEREMONY', `${path}: the ceremony's contributions do not verify`);
  }
}
