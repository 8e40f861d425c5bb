import { PotError } from '@proof-of-training/errors';

const NAME = /^[^\s=\p{C}]{1,128}$/u;
/** Variables whose values are secret, by their names. */
const SECRET = /KEY|TOKEN|SECRET|PASSW|CREDENTIAL/i;
/** A shorter value says nothing: it is in too many texts. */
const MIN_SECRET = 8;

/** Names of the environment's variables, never values. */
export function environmentNames(env: NodeJS.ProcessEnv = process.env): string[] {
  return Object.keys(env)
    .filter((name) => NAME.test(name))
    .sort();
}

/** On what a stage runs. */
export function systemFacts(): { runtime: string; platform: string; arch: string } {
  return { runtime: `node ${process.version}`, platform: process.platform, arch: process.arch };
}

/**
 * That no word of a command has the value of a variable that is a secret by its name: the command is recorded. Errors: `LEDGER_SECRET`, with
 * the variable's name.
 */
export function refuseSecrets(command: readonly string[], env: NodeJS.ProcessEnv = process.env): void {
  for (const [name, value = ''] of Object.entries(env)) {
    if (!SECRET.test(name) || value.length < MIN_SECRET) continue;
    if (!command.some((word) => word.includes(value))) continue;
    throw new PotError(
      'LEDGER_SECRET',
      `the command has the value of the variable ${name.slice(0, 128)} in it`,
      {
        details: { variable: name.slice(0, 128) },
        hint: 'A command is recorded as it is: let it read the secret from its environment. Nothing was run.',
      },
    );
  }
}
