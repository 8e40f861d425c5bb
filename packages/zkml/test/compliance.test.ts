/** Decisions proven to comply or not to, kept, and what an auditor refuses. */
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sqlite from 'node-sqlite3-wasm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ComplianceDecision,
  ComplianceEngine,
  type ComplianceFile,
  type VerifyComplianceOptions,
  verifyComplianceProof,
  type ZkmlEngine,
} from '../src/index.js';
import { CANCER, engines, rows } from './helpers/models.js';

const accept = { allowDevelopmentSrs: true } as const;
const folder = mkdtempSync(join(tmpdir(), 'pot-compliance-'));
const audit = join(folder, 'audit');
const EU = { id: 'eu-score', jurisdiction: 'EU', requires: [{ output: 1, atLeast: 0 }] };
const US = {
  id: 'us-band',
  jurisdiction: 'US',
  requires: [{ output: 1, atLeast: 2, atMost: 3 }, { notClass: 0 }],
};

const open = engines();
let engine: ZkmlEngine;
let compliance: ComplianceEngine;
let decision: ComplianceDecision;
beforeAll(async () => {
  engine = await open();
  await engine.registerModel(CANCER);
  compliance = await ComplianceEngine.open({ engine, folder, proofs: audit, verification: accept });
  decision = await compliance.proveCompliance({
    model: 'cancer',
    input: rows[0]!,
    rule: [EU, US],
    metadata: { case: 17, officer: 'M. Example' },
    salted: ['officer'],
  });
}, 120_000);
afterAll(() => {
  compliance.close();
  rmSync(folder, { recursive: true });
});

const verify = (file: unknown, options: VerifyComplianceOptions = {}) =>
  verifyComplianceProof(file as string, { ...accept, ...options });
const code = async (...request: Parameters<typeof verify>) => (await verify(...request)).failure?.code;

describe('a decision', () => {
  it('is proven under the rules of several jurisdictions, and verified from its file alone', async () => {
    const { modelHash, dataHash, proofId } = decision;
    expect(decision).toMatchObject({
      isCompliant: false,
      status: 'nonCompliant',
      results: [
        { id: 'eu-score', jurisdiction: 'EU', isCompliant: true },
        { id: 'us-band', jurisdiction: 'US', isCompliant: false },
      ],
    });
    expect(decision.path).toBe(join(audit, `${proofId}.json`));
    const text = readFileSync(decision.path);
    const commitments = engine.model('cancer').commitments.map(({ commitment }) => commitment);
    const report = await verify(text, {
      expected: { commitments, rules: [EU, US], proofId, metadata: { case: 17 } },
    });
    expect(report.failure).toBeUndefined();
    expect(report.inference?.conditional).toBeUndefined();
    expect(report.compliance).toMatchObject({
      isCompliant: false,
      modelHash,
      dataHash,
      metadata: { case: 17 },
    });
    expect(report.compliance?.metadata).not.toHaveProperty('officer');
    // Neither score, input nor what is salted is in it.
    expect(text.includes('Example')).toBe(false);
    expect(decision.file.proof.public.inputs).toHaveProperty('committed');
    const told = await verify(text, {
      disclosed: decision.opened,
      expected: { metadata: { officer: 'M. Example' } },
    });
    expect(told.compliance?.metadata).toEqual({ case: 17, officer: 'M. Example' });
  });

  it('that is told otherwise is refused', async () => {
    const other = `0x${'1'.repeat(64)}`;
    const changed = (change: (file: ComplianceFile) => void) => {
      const copy = structuredClone(decision.file);
      change(copy);
      return copy;
    };
    const flipped = changed((f) => {
      const { public: shown } = f.proof.public.outputs as { public: number[][] };
      f.proof.public.outputs = { public: shown.map((row) => row.map(() => 1)) };
    });
    const { officer } = decision.opened;
    const cases: [string, unknown, VerifyComplianceOptions?][] = [
      ['VERIFY_DIGEST', flipped],
      ['EXPECTED_MISMATCH', changed((f) => (f.rules[0]!.requires = [{ output: 1, atLeast: -1 }]))],
      ['EXPECTED_MISMATCH', changed((f) => (f.rules[1]!.requires = [{ output: 1, atLeast: 2 }]))],
      ['EXPECTED_MISMATCH', changed((f) => (f.rules[0]!.jurisdiction = 'UK'))],
      ['EXPECTED_MISMATCH', changed((f) => f.rules.pop())],
      ['EXPECTED_MISMATCH', changed((f) => (f.metadata[0] = { name: 'case', value: 18 }))],
      ['EXPECTED_MISMATCH', changed((f) => f.metadata.pop())],
      ['EXPECTED_MISMATCH', changed((f) => f.time++)],
      [
        'EXPECTED_MISMATCH',
        changed((f) => (f.proofId = f.proofId.replace(/^./, (c) => (c === '0' ? '1' : '0')))),
      ],
      ['INFERENCE_GENESIS', changed((f) => (f.genesis.public.weightsIn = `0x00${'1'.repeat(62)}`))],
      ['FORMAT_INVALID', changed((f) => ((f as { more?: number }).more = 1))],
      ['FORMAT_INVALID', changed((f) => f.rules.push(EU))],
      ['FORMAT_INVALID', changed((f) => f.metadata.reverse())],
      ['FORMAT_VERSION', changed((f) => ((f as { version: number }).version = 99))],
      ['FORMAT_TRUNCATED', JSON.stringify(decision.file).slice(0, 1000)],
      ['FORMAT_FOREIGN', decision.file.proof],
      ['EXPECTED_MISMATCH', decision.file, { expected: { commitments: [other] } }],
      ['EXPECTED_MISMATCH', decision.file, { expected: { rules: [EU] } }],
      ['EXPECTED_MISMATCH', decision.file, { expected: { metadata: { officer: 'M. Example' } } }],
      ['EXPECTED_MISMATCH', decision.file, { disclosed: { officer: { ...officer!, value: 'Somebody' } } }],
      ['EXPECTED_MISMATCH', decision.file, { disclosed: { nobody: officer! } }],
      ['SRS_DEVELOPMENT_REFUSED', decision.file, { allowDevelopmentSrs: false }],
    ];
    for (const [wanted, file, options] of cases) expect(await code(file, options), wanted).toBe(wanted);
    await expect(verify(decision.file, { expects: {} } as object)).rejects.toMatchObject({
      code: 'OPTION_UNKNOWN',
    });
  });

  it('takes no rule, metadata or name that it does not know', async () => {
    const good = { model: 'cancer', input: rows[0]!, rule: EU };
    const wrong = [
      { rule: { ...EU, more: 1 } },
      { rule: { id: 'a b', requires: EU.requires } },
      { rule: { id: 'a', requires: [] } },
      { rule: { id: 'a', requires: [{ output: 1 }] } },
      { rule: { id: 'a', requires: [{ output: 1, atLeast: Number.NaN }] } },
      { rule: [EU, EU] },
      { metadata: { 'a/../b': 1 } },
      { metadata: { a: {} } },
      { metadata: { a: 1 }, salted: ['b'] },
      { owner: 'x' },
    ];
    for (const change of wrong)
      await expect(compliance.proveCompliance({ ...good, ...change } as never)).rejects.toMatchObject({
        code: expect.stringMatching(/^OPTION_/),
      });
    await expect(compliance.verifyStored('../../etc/passwd')).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    });
  });
});

describe('the store', () => {
  it('counts what was decided and what failed, many at once', async () => {
    const outcomes = await compliance.proveCompliances([
      { model: 'cancer', input: rows[0]!, rule: EU },
      { model: 'cancer', input: [1, 2], rule: EU },
    ]);
    expect(outcomes).toMatchObject([
      { ok: true, decision: { isCompliant: true } },
      { ok: false, error: { code: 'ZKML_INPUT_INVALID' } },
    ]);
    const { rates, ...counts } = compliance.stats();
    expect(counts).toEqual({ total: 3, verified: 2, compliant: 1, nonCompliant: 1, failed: 1 });
    expect(rates).toEqual({ verified: 2 / 3, compliant: 1 / 2, failed: 1 / 3 });
    const [last] = compliance.history(1);
    expect(last).toMatchObject({ model: 'cancer', status: 'compliant', verified: true, rules: ['eu-score'] });
    expect(compliance.history()).toHaveLength(3);
    expect(() => compliance.history(0)).toThrow(/OPTION_INVALID/);
    // What opens digests is for its owner alone.
    const secrets = readdirSync(join(folder, 'secrets'));
    expect(secrets).toHaveLength(2);
    expect(statSync(join(folder, 'secrets', secrets[0]!)).mode & 0o777).toBe(0o600);
  });

  it('marks a stored proof that does not hold any more', async () => {
    const { path, proofId } = decision;
    expect((await compliance.verifyStored(proofId)).ok).toBe(true);
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, whole.length >> 1));
    expect((await compliance.verifyStored(proofId)).failure?.code).toBe('FORMAT_TRUNCATED');
    expect(compliance.stats().verified).toBe(1);
    writeFileSync(path, whole);
    expect((await compliance.verifyStored(proofId)).ok).toBe(true);
  });

  it('is of one process, and of one version', async () => {
    const refused = async (at: string) =>
      expect(await ComplianceEngine.open({ engine, folder: at }).catch((e: { code: string }) => e.code)).toBe(
        'COMPLIANCE_STORE',
      );
    await refused(folder);
    const other = mkdtempSync(join(tmpdir(), 'pot-compliance-'));
    try {
      const path = join(other, 'compliance.sqlite');
      writeFileSync(path, 'no database');
      await refused(other);
      rmSync(path);
      copyFileSync(join(folder, 'compliance.sqlite'), path);
      const db = new sqlite.Database(path);
      db.exec('UPDATE meta SET version = 2');
      db.close();
      await refused(other);
      // A lock of a process that is gone, and a whole store of this version.
      copyFileSync(join(folder, 'compliance.sqlite'), path);
      writeFileSync(join(other, 'process.lock'), '999999999');
      const again = await ComplianceEngine.open({ engine, folder: other });
      expect(again.stats().total).toBe(3);
      again.close();
      expect(existsSync(join(other, 'process.lock'))).toBe(false);
    } finally {
      rmSync(other, { recursive: true });
    }
  });
});
