/** Two packages have a program named `pot`: whichever of them a package manager calls by that name, it is the whole one. */
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const packages = fileURLToPath(new URL('../..', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'pot-layout-'));
afterAll(() => rmSync(root, { recursive: true }));

/** Which commands a program says that it has, and with which exit code. */
function commandsOf(program: string): Promise<{ code: unknown; out: string }> {
  return new Promise((resolve) =>
    execFile('node', [program, '--help'], { cwd: tmpdir() }, (e, out) =>
      resolve({ code: e?.code ?? 0, out }),
    ),
  );
}
const whole = { code: 0, out: expect.stringMatching(/verify[\s\S]*check-chain/) };
const alone = { code: 0, out: expect.not.stringContaining('check-chain') };

/** A project's folder with its programs linked as npm, yarn and pnpm link them. */
class Project {
  readonly modules: string;

  constructor(name: string) {
    this.modules = join(root, name, 'node_modules');
  }

  /** Copies a package, as a registry's package is unpacked. */
  copy(name: 'core' | 'blockchain', into = this.modules): this {
    const to = join(into, '@proof-of-training', name);
    for (const part of ['package.json', 'dist', 'artifacts']) {
      const from = join(packages, name, part);
      if (existsSync(from)) cpSync(from, join(to, part), { recursive: true });
    }
    return this;
  }

  /** Everything that both packages need and that is not one of them, as if each were at the top. */
  needs(): this {
    for (const owner of ['core', 'blockchain'])
      this.linkAll(join(packages, owner, 'node_modules'), this.modules);
    return this;
  }

  private linkAll(from: string, to: string): void {
    for (const name of readdirSync(from)) {
      const [source, target] = [join(from, name), join(to, name)];
      if (name.startsWith('@')) this.linkAll(source, target);
      else if (name !== '.bin' && !existsSync(target)) this.link(realpathSync(source), target);
    }
  }

  link(source: string, target: string): this {
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(source, target);
    return this;
  }

  /** The program of a package, by the link that a shell finds. */
  program(name: 'core' | 'blockchain'): string {
    const bin = join(this.modules, '.bin', `pot-of-${name}`);
    this.link(join(this.modules, '@proof-of-training', name, 'dist', 'cli', 'main.js'), bin);
    return bin;
  }
}

describe('the program `pot`', () => {
  it('of packages that lie beside each other: npm, yarn', async () => {
    const project = new Project('beside').copy('core').copy('blockchain').needs();
    expect(await commandsOf(project.program('core'))).toEqual(whole);
    expect(await commandsOf(project.program('blockchain'))).toEqual(whole);
  });

  it('of packages that are linked from elsewhere: pnpm, workspaces', async () => {
    const project = new Project('linked');
    for (const name of ['core', 'blockchain'] as const) {
      project.link(join(packages, name), join(project.modules, '@proof-of-training', name));
    }
    expect(await commandsOf(project.program('core'))).toEqual(whole);
    expect(await commandsOf(project.program('blockchain'))).toEqual(whole);
    // As pnpm's shell script calls it, without a link.
    const path = join(project.modules, '@proof-of-training', 'core', 'dist', 'cli', 'main.js');
    expect(await commandsOf(path)).toEqual(whole);
  });

  it('of core alone has no commands for a chain', async () => {
    const project = new Project('alone').copy('core').needs();
    expect(await commandsOf(project.program('core'))).toEqual(alone);
  });

  it('does not hand over to a package that uses another copy of core', async () => {
    const project = new Project('mixed').copy('core').copy('blockchain').needs();
    project.copy('core', join(project.modules, '@proof-of-training', 'blockchain', 'node_modules'));
    expect(await commandsOf(project.program('core'))).toEqual(alone);
    expect(await commandsOf(project.program('blockchain'))).toEqual(whole);
  });

  it('gives its exit code and takes its arguments either way', async () => {
    const project = new Project('arguments').copy('core').copy('blockchain').needs();
    const run = (program: string) =>
      new Promise((resolve) =>
        execFile('node', [program, 'check-chain', 'nowhere.json', '--pin', ''], (e, _, err) =>
          resolve([e?.code, err]),
        ),
      );
    const refused = [2, expect.stringContaining('Code: PIN_INVALID')];
    expect(await run(project.program('core'))).toEqual(refused);
    expect(await run(project.program('blockchain'))).toEqual(refused);
  });
});
