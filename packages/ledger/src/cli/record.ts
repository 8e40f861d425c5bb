import { open, stat } from 'node:fs/promises';
import { result, saysFormat, text, whole } from '@proof-of-training/core/cli';
import { AGGREGATE_FORMAT, BUNDLE_FORMAT, INFERENCE_FORMAT } from '@proof-of-training/verifier/files';
import type { Command } from 'commander';
import { type LogFlags, withLog } from './openLog.js';

interface Flags extends LogFlags {
  origin?: string;
  verify?: boolean;
  allowDevelopmentSrs?: boolean;
  json?: boolean;
}

const PROOFS = [BUNDLE_FORMAT, AGGREGATE_FORMAT, INFERENCE_FORMAT];

/** `pot audit record LOG PATH`: a file, a folder, or a proof with what it is about. */
export function recordCommand(audit: Command): void {
  audit
    .command('record')
    .description(
      'record a file or folder; of a bundle, an aggregate or a proof of an inference also what it proves',
    )
    .argument('<log>', 'folder of the log')
    .argument('<path>', 'file or folder')
    .requiredOption('--keys <file>', "file of the log's signers", text('--keys'))
    .option('--origin <address>', 'where the file came from', text('--origin'))
    .option('--verify', 'verify a proof before it is recorded')
    .option('--allow-development-srs', 'accept a proof made with the INSECURE development SRS')
    .option('--wait-ms <number>', 'how long to wait for another writer; default 10000', whole('--wait-ms', 0))
    .option('--json', 'print JSON')
    .action(async (dir: string, path: string, flags: Flags) => {
      const recorded = await withLog(dir, flags, async (log) => {
        if (!(await isProof(path))) {
          const { recordFile } = await import('../record/file.js');
          return recordFile(log, { path, ...(flags.origin !== undefined && { origin: flags.origin }) });
        }
        const { recordProof } = await import('../record/proofFile.js');
        const accepted = flags.allowDevelopmentSrs ? { allowDevelopmentSrs: true } : {};
        return recordProof(log, { path, verify: flags.verify ? accepted : false });
      });
      const found = 'verification' in recorded ? recorded.verification.result : recorded.digest;
      result(recorded, [`recorded as event ${recorded.index}: ${found}`], flags.json ?? false);
      if ('verification' in recorded && recorded.verification.result === 'refused') process.exitCode = 1;
    });
}

/** Whether it is a file that says that it is a proof. */
async function isProof(path: string): Promise<boolean> {
  if (!(await stat(path).catch(() => undefined))?.isFile()) return false;
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256, 0);
    return PROOFS.some((format) => saysFormat(buffer.subarray(0, bytesRead), format));
  } finally {
    await file.close();
  }
}
