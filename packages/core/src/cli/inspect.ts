import {
  effectiveHyperparameters,
  lossText,
  scheduleText,
  weightCount,
} from '@proof-of-training/sgd-circuit';
import { parseBundle } from '@proof-of-training/verifier/files';
import { settingsDigest, settingsOf } from '@proof-of-training/verifier/run';
import type { Command } from 'commander';
import { readProofFile } from './files.js';
import { result } from './terminal.js';

/** `pot inspect FILE`: what a bundle says of itself, nothing of it verified. */
export function inspectCommand(program: Command): void {
  program
    .command('inspect')
    .description('show what a run bundle says of itself (verifies nothing)')
    .argument('<file>', 'run bundle')
    .option('--json', 'print JSON')
    .action(async (file: string, flags: { json?: boolean }) => {
      const { run, windows, declared } = parseBundle(await readProofFile(file));
      const { spec } = run;
      const optimizer = effectiveHyperparameters(spec, BigInt(run.eta));
      const summary = {
        verified: false,
        runId: run.runId,
        network: [spec.layers[0]!.inputs, ...spec.layers.map((l) => l.outputs)],
        loss: lossText(spec),
        parameters: weightCount(spec),
        learningRate: optimizer.learningRate,
        optimizer,
        schedule: run.schedule && scheduleText(run.schedule),
        batch: spec.batch,
        stepsPerProof: spec.steps,
        proofs: windows.length,
        steps: windows.length * spec.steps,
        shards: run.shards.length,
        datasetRoot: run.datasetRoot,
        start: run.start.kind,
        settings: settingsDigest(settingsOf(run, run.shards.length)),
        beacon: run.beacon,
        weightsBefore: run.genesis,
        weightsAfter: windows[windows.length - 1]!.public.weightsOut,
        base: run.base,
        adapters: spec.lora?.adapters,
        referenceString: run.srs,
        keys: run.keys,
        rows: 2 ** spec.shape.k,
        proofBytes: Math.floor((windows[0]!.proof.length * 3) / 4),
        name: declared?.name,
        createdAt: declared?.createdAt,
      };
      const lines = Object.entries(summary)
        .filter(([, v]) => v !== undefined)
        .map(([k, v]) => `${k.padEnd(16)} ${typeof v === 'object' ? JSON.stringify(v) : String(v)}`);
      result(summary, [...lines, '', 'Nothing of this is verified: use pot verify.'], flags.json ?? false);
    });
}
