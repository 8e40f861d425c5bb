import { readFile } from 'node:fs/promises';
import { say, text, whole } from '@proof-of-training/core/cli';
import { PotError } from '@proof-of-training/errors';
import type { Command } from 'commander';
import { readKeys } from './keyFiles.js';
import { type LogFlags, withLog } from './openLog.js';

interface Flags extends LogFlags {
  signer: string;
  port?: number;
  host?: string;
  tokenFile?: string;
}

/** `pot audit collect LOG`: takes in what others observe, by OTLP over HTTP, until it is interrupted. */
export function collectCommand(audit: Command): void {
  audit
    .command('collect')
    .description('record what others observe (OTLP over HTTP, JSON) under the key of this collector')
    .argument('<log>', 'folder of the log')
    .requiredOption('--keys <file>', "file of the log's signers", text('--keys'))
    .requiredOption(
      '--signer <file>',
      "the collector's own keys, as pot audit init writes them",
      text('--signer'),
    )
    .option('--port <number>', 'default 4318', whole('--port', 0, 65_535))
    .option('--host <name>', 'default 127.0.0.1', text('--host'))
    .option('--token-file <file>', 'file of a token that sources must send', text('--token-file'))
    .option('--wait-ms <number>', 'how long to wait for another writer; default 10000', whole('--wait-ms', 0))
    .action(async (dir: string, { signer, port = 4318, host, tokenFile, ...flags }: Flags) => {
      const { collectOtlp } = await import('../record/otlp/collector.js');
      const [own] = await readKeys(signer);
      const token = tokenFile === undefined ? {} : { token: await tokenIn(tokenFile) };
      await withLog(dir, flags, async (log) => {
        const collector = await collectOtlp(log, { signer: own!, port, ...(host && { host }), ...token });
        process.stdout.write(`${collector.url}\n`);
        say(
          `OTEL_EXPORTER_OTLP_ENDPOINT=${collector.url} OTEL_EXPORTER_OTLP_PROTOCOL=http/json; Ctrl-C ends it.`,
        );
        await new Promise<void>((resolve) => {
          for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
        });
        await collector.close();
      });
    });
}

async function tokenIn(path: string): Promise<string> {
  const content = await readFile(path, 'utf8').catch((cause) => {
    throw new PotError('FILE_READ', `${path} cannot be read`, { cause });
  });
  return content.trim();
}
