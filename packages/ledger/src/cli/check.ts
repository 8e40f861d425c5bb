import { readJsonFile, result, text, whole } from '@proof-of-training/core/cli';
import { isPotError } from '@proof-of-training/errors';
import type { Command } from 'commander';
import type { Policy, Violation } from '../events/policyCheck.js';
import { type LogFlags, withLog } from './openLog.js';
import { artefactOf } from './taint.js';

interface Flags extends LogFlags {
  policy: string;
  json?: boolean;
}

/** `pot audit check LOG ARTEFACT...`: whether a policy lets them be used; exit code 1 where it does not. */
export function checkCommand(audit: Command): void {
  audit
    .command('check')
    .description('apply a policy before artefacts are used, and record that with what it said')
    .argument('<log>', 'folder of the log')
    .argument('<artefact...>', 'files, folders, or digests')
    .requiredOption('--keys <file>', "file of the log's signers", text('--keys'))
    .requiredOption('--policy <file>', 'JSON: name and rules', text('--policy'))
    .option('--wait-ms <number>', 'how long to wait for another writer; default 10000', whole('--wait-ms', 0))
    .option('--json', 'print JSON')
    .action(async (dir: string, artefacts: string[], flags: Flags) => {
      const { requirePolicy } = await import('../taint/policy.js');
      const policy = (await readJsonFile(flags.policy)) as Policy;
      const used = artefacts.map(artefactOf);
      const answer = await withLog(dir, flags, (log) => requirePolicy(log, policy, used)).then(
        ({ index }) => ({ allowed: true, index, violations: [] as Violation[] }),
        (e) => {
          if (!isPotError(e, 'LEDGER_POLICY')) throw e;
          const { index, violations } = e.details as { index: number; violations: Violation[] };
          return { allowed: false, index, violations };
        },
      );
      const lines = answer.violations.map(
        ({ rule, artefact, because }) => `${rule}: ${artefact} by ${because}`,
      );
      const verdict = `${answer.allowed ? 'ALLOWED' : 'REFUSED'}, recorded as event ${answer.index}`;
      result(answer, [...lines, verdict], flags.json ?? false);
      if (!answer.allowed) process.exitCode = 1;
    });
}
