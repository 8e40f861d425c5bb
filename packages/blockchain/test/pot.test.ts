/** `pot` is core's program, and has the commands for a chain where this package is installed beside it. */
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
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

const manifest = (name: string) => JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8'));

/** A project's folder with its program linked as npm, yarn and pnpm link it. */
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

  /** The program, by the link that a shell finds. */
  get pot(): string {
    const bin = join(this.modules, '.bin', 'pot');
    if (!existsSync(bin)) {
      this.link(join(this.modules, '@proof-of-training', 'core', manifest('core').bin.pot), bin);
    }
    return bin;
  }
}

describe('the program `pot`', () => {
  it('is owned by one package', () => {
    const owners = readdirSync(packages).filter(
      (name) => existsSync(join(packages, name, 'package.json')) && manifest(name).bin?.pot,
    );
    expect(owners).toEqual(['core']);
  });

  it('of packages that lie beside each other: npm, yarn', async () => {
    const { pot } = new Project('beside').copy('core').copy('blockchain').needs();
    expect(await commandsOf(pot)).toEqual(whole);
    // Its exit code and its arguments are those of the program that it hands over to.
    const ended = new Promise((resolve) =>
      execFile('node', [pot, 'check-chain', 'nowhere.json', '--pin', ''], (e, _, err) =>
        resolve([e?.code, err]),
      ),
    );
    expect(await ended).toEqual([2, expect.stringContaining('Code: PIN_INVALID')]);
  });

  it('of packages that are linked from elsewhere: pnpm, workspaces', async () => {
    const project = new Project('linked');
    for (const name of ['core', 'blockchain'] as const) {
      project.link(join(packages, name), join(project.modules, '@proof-of-training', name));
    }
    expect(await commandsOf(project.pot)).toEqual(whole);
    // As pnpm's shell script calls it, without a link.
    const path = join(project.modules, '@proof-of-training', 'core', 'dist', 'cli', 'main.js');
    expect(await commandsOf(path)).toEqual(whole);
  });

  it('of core alone has no commands for a chain', async () => {
    expect(await commandsOf(new Project('alone').copy('core').needs().pot)).toEqual(alone);
  });

  it('does not hand over to a package that uses another copy of core', async () => {
    const project = new Project('mixed').copy('core').copy('blockchain').needs();
    project.copy('core', join(project.modules, '@proof-of-training', 'blockchain', 'node_modules'));
    expect(await commandsOf(project.pot)).toEqual(alone);
  });
});
