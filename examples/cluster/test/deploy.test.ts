/** Files for containers: that they are YAML, and name commands, options, settings and values that there are. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const file = (name: string) => readFileSync(path(`../deploy/${name}`), 'utf8');

interface Command {
  name: string;
  options: string[];
  commands: Command[];
}
const pot = JSON.parse(
  execFileSync(process.execPath, [path('../../../scripts/docs/potTree.mjs')], { encoding: 'utf8' }),
) as Command;

/** What of a command line there is not. */
function unknownIn(args: readonly string[]): string[] {
  let at = pot;
  const unknown: string[] = [];
  for (const word of args) {
    const next = at.commands.find(({ name }) => name === word);
    if (next) at = next;
    else if (word.startsWith('--') && !at.options.includes(word)) unknown.push(word);
  }
  return at === pot ? [...args] : unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: of whatever form the file has
type Document = Record<string, any>;

function documents(name: string): Document[] {
  const all = parseAllDocuments(file(name), { merge: true });
  expect(all.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
  return all.map((document) => document.toJS());
}

it('compose: workers and the page are commands of pot, with settings that there are', () => {
  const [{ services }] = documents('compose.yml') as [Document];
  const own = ['worker-1', 'worker-2', 'page'].map((name) => services[name]);
  for (const { command, environment } of own) {
    expect(unknownIn(command)).toEqual([]);
    expect(Object.keys(environment)).toEqual(['ZK_QUEUE', 'ZK_ARTEFACTS']);
  }
  expect(services.queue.command[2]).toContain('--maxmemory-policy noeviction');
  // One identity is of one process.
  const identities = own.slice(0, 2).map(({ command }) => command.at(-1));
  expect(new Set(identities).size).toBe(2);
  expect(unknownIn(['worker', '--gone'])).toEqual(['--gone']);
});

it('Kubernetes: scales by what the page of the queue says', () => {
  const all = documents('kubernetes.yml');
  const kind = (name: string) => all.find((document) => document.kind === name)!;
  const [set, page, scaled] = [kind('StatefulSet'), kind('Deployment'), kind('ScaledObject')];
  for (const { spec } of [set, page])
    for (const { args } of spec.template.spec.containers) expect(unknownIn(args)).toEqual([]);
  expect(scaled.spec.scaleTargetRef).toEqual({ kind: 'StatefulSet', name: set.metadata.name });
  const source = readFileSync(path('../../../packages/cluster/src/queue/state.ts'), 'utf8');
  for (const { metadata } of scaled.spec.triggers) {
    const state = metadata.valueLocation.split('.')[1];
    expect(source).toContain(`jobs: { waiting, prioritized, delayed, active, completed, failed }`);
    expect(['prioritized', 'active']).toContain(state);
    expect(new URL(metadata.url).hostname).toBe(kind('Service').metadata.name);
  }
});

it('the image starts the program that there is', () => {
  const entry = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(file('Dockerfile'))![1]!) as string[];
  const main = entry[1]!.replace('/pot/', '');
  expect(readFileSync(path(`../../../${main}`), 'utf8')).toContain('runProgram');
  expect(file('compose.yml')).toContain('dockerfile: examples/cluster/deploy/Dockerfile');
});
