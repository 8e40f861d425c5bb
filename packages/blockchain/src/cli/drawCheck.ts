import { readSrs } from '@proof-of-training/core';
import { pin, readJsonFile, readProofFile, readSecrets, result } from '@proof-of-training/core/cli';
import { loadProver } from '@proof-of-training/halo2-wasm';
import type { Command } from 'commander';
import { BEACON_CONFIRMATIONS } from '../client/beacon.js';
import { type DrawnReport, verifyDrawnEvaluation } from '../draws/verify.js';
import { type DrawFlags, drawOptions, reading } from './drawOptions.js';
import { address, path as pathOf, text, whole } from './values.js';

interface Flags extends DrawFlags {
  samples: string;
  secrets?: string[];
  run?: string;
  genesis?: string;
  testSet?: string;
  model?: string;
  requester?: string;
  registry?: string;
  confirmations: number;
  srs?: string;
  allowDevelopmentSrs?: boolean;
}

/** `pot draw check DRAW FILES`: exit code 0 only where everything fits. */
export function drawCheckCommand(draw: Command): void {
  const command = draw
    .command('check')
    .description(
      'verify an evaluation of drawn samples: the chain, the samples and the proofs (sends nothing)',
    )
    .argument('<draw>', 'id of the draw', pin('draw'))
    .argument('<files...>', 'the proofs, in the order of the samples')
    .requiredOption('--samples <file>', 'what pot draw samples wrote', pathOf('--samples'))
    .option(
      '--secrets <file...>',
      'of each proof what opens the digest of its inputs',
      (path: string, before: string[] = []) => [...before, text('--secrets')(path)],
    )
    .option('--run <file>', 'bundle or aggregate of the run that the model comes from', pathOf('--run'))
    .option('--genesis <file>', 'genesis proof of a model that no run trained', pathOf('--genesis'))
    .option('--test-set <id>', 'the test set that you expect', pin('--test-set'))
    .option('--model <digest>', 'the model that you expect', pin('--model'))
    .option('--requester <address>', 'the account that must have asked', address('--requester'))
    .option(
      '--registry <address>',
      'the registry that you trust; default: the address that follows from its code',
      address('--registry'),
    )
    .option(
      '--confirmations <number>',
      'blocks that the answer must have, its own included',
      whole('--confirmations', 1),
      BEACON_CONFIRMATIONS,
    )
    .option('--srs <file>', 'the SRS that you trust', pathOf('--srs'))
    .option('--allow-development-srs', 'accept proofs of the INSECURE development SRS');
  drawOptions(command).action(async (id: string, paths: string[], flags: Flags) => {
    await reading(flags, async (draws) => {
      const report = await verifyDrawnEvaluation(
        draws,
        id,
        await Promise.all(paths.map(readProofFile)),
        await optionsOf(flags),
      );
      result(report, linesOf(report), flags.json ?? false);
      if (!report.ok) process.exitCode = 1;
    });
  });
}

async function optionsOf(flags: Flags) {
  const { run, genesis, srs, testSet, model, requester, registry, confirmations } = flags;
  const secrets = await Promise.all((flags.secrets ?? []).map(readSecrets));
  return {
    samples: await readJsonFile(flags.samples),
    salts: secrets.map(({ inputs }) => inputs?.salt),
    confirmations,
    expected: {
      ...(testSet && { testSet }),
      ...(model && { model }),
      ...(requester && { requester }),
      ...(registry && { registry }),
    },
    ...(run && { run: await readProofFile(run) }),
    ...(genesis && { genesis: await readProofFile(genesis) }),
    ...(srs && { srs: (await readSrs(await loadProver(), srs)).bytes }),
    ...(flags.allowDevelopmentSrs && { allowDevelopmentSrs: true }),
  };
}

function linesOf({ ok, failure, draw, testSet, others, evaluation, conditional }: DrawnReport): string[] {
  if (!ok || !draw || !testSet || !evaluation) {
    return [`REFUSED: ${failure?.message} [${failure?.code}]`];
  }
  const tries = others === undefined ? 'could not be counted' : String(others.length);
  return [
    `model ${draw.model}, named in block ${draw.requestedBlock} by ${draw.requester}`,
    `test set ${testSet.id}, ${testSet.samples} samples, registered in block ${testSet.registeredBlock} by ${testSet.owner}`,
    `drawn by block ${draw.drawingBlock}; answered in block ${draw.answer?.block}`,
    `other draws for this model, or by this account from this test set: ${tries}`,
    evaluation.run ? `the model is what the run ${evaluation.run} ended with` : 'no run was given',
    ...(conditional ?? []).map((condition) => `CONDITIONAL: ${condition}`),
    `RIGHT ${evaluation.right} of ${evaluation.samples}`,
  ];
}
