import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { isPotError, PotError } from '@proof-of-training/halo2-wasm';
import { FORMAT_VERSION, type Readable } from '@proof-of-training/verifier/files';
import { checkOptions, kinds, type ShapeFor } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import type { RegisteredModel } from '../engine/models.js';
import { modelName } from '../engine/options.js';
import type { ProvenAnswer } from '../engine/results.js';
import { failureOf, limitOf } from '../engine/stages.js';
import type { ZkmlEngine } from '../engine/zkmlEngine.js';
import type { ComplianceRecord, ComplianceStats } from './database.js';
import { COMPLIANCE_FORMAT, type ComplianceFile, contextOf } from './file.js';
import { fieldsOf, type Metadata, metadataSchema, type OpenedField } from './metadata.js';
import { type Rule, type RuleResult, resultsOf, revealsOf, rulesSchema } from './rule.js';
import { ComplianceStore } from './store.js';
import {
  type ComplianceReport,
  type VerifyComplianceOptions,
  verifyComplianceProof,
} from './verifyComplianceProof.js';

export interface ComplianceEngineOptions {
  /** An engine that runs; it is not stopped here. */
  engine: ZkmlEngine;
  /** Where all of it lies; default: `compliance`. */
  folder?: string;
  /** Folder of proofs; default: `proofs` in it. */
  proofs?: string;
  /** Folder of what opens digests; default: `secrets` in it. */
  secrets?: string;
  /** What proofs are verified with here; default: what the engine was made with decides about the development SRS. */
  verification?: Omit<VerifyComplianceOptions, 'expected' | 'disclosed'>;
}

/** A decision to be proven. */
export interface ProveComplianceOptions {
  /** A model that is registered. */
  model: string;
  /** One sample, as many numbers as the model has features. */
  input: readonly number[];
  /** What it must comply with: one rule, or those of several jurisdictions. */
  rule: Rule | readonly Rule[];
  /** Bound to the proof. */
  metadata?: Metadata;
  /** Names of metadata that the file has the digest of alone. */
  salted?: readonly string[];
  signal?: AbortSignal;
}

/** A proven decision. */
export interface ComplianceDecision {
  proofId: string;
  time: Date;
  /** Whether all rules hold: proven, yes and no alike. */
  isCompliant: boolean;
  status: 'compliant' | 'nonCompliant';
  results: RuleResult[];
  modelHash: string;
  dataHash: string;
  /** For auditors. */
  file: ComplianceFile;
  /** Where it was written. */
  path: string;
  /** What opens salted metadata. Secret; the folder of secrets has it, and what opens the digest of the input. */
  opened: Record<string, OpenedField>;
}

/** How one decision of many ended. */
export type ComplianceOutcome = { ok: true; decision: ComplianceDecision } | { ok: false; error: PotError };

const engineShape = {
  engine: kinds.is<ZkmlEngine>(
    'a ZkmlEngine',
    (v) => typeof (v as ZkmlEngine | null)?.executeInference === 'function',
  ),
  folder: kinds.text.optional(),
  proofs: kinds.text.optional(),
  secrets: kinds.text.optional(),
  verification: kinds.object.optional(),
} satisfies ShapeFor<ComplianceEngineOptions>;

const ruleSchema = z.union([rulesSchema, rulesSchema.element.transform((rule) => [rule])]);
const proveShape = {
  model: modelName,
  input: kinds.list,
  rule: kinds.is<Rule | readonly Rule[]>(
    'a rule with id and requires, or 1 to 32 of them with an id each',
    (v) => ruleSchema.safeParse(v).success,
  ),
  metadata: metadataSchema.optional(),
  salted: z.array(z.string()).max(64).optional(),
  signal: kinds.signal.optional(),
} satisfies ShapeFor<ProveComplianceOptions>;

/**
 * Decisions of a model, each proven to comply with rules or not to, and kept: proofs as files for auditors, what was decided in SQLite.
 *
 * Errors of its methods: `OPTION_*`, those of the engine (`ZKML_*`), `COMPLIANCE_STORE`.
 *
 * @example
 * const compliance = await ComplianceEngine.open({ engine, folder: 'compliance' });
 * const rule = { id: 'score', jurisdiction: 'EU', requires: [{ output: 1, atLeast: 0.5 }] };
 * const { isCompliant, path } = await compliance.proveCompliance({ model: 'credit', input, rule, metadata: { case: 17 } });
 * compliance.close();
 */
export class ComplianceEngine {
  private constructor(
    private readonly engine: ZkmlEngine,
    private readonly store: ComplianceStore,
    private readonly verification: VerifyComplianceOptions,
  ) {}

  /**
   * Opens a store, or begins one. Errors: `COMPLIANCE_STORE` (damaged, of another version, of another process).
   *
   * @example
   * const compliance = await ComplianceEngine.open({ engine, folder: 'compliance', proofs: '/srv/audit' });
   */
  static async open(options: ComplianceEngineOptions): Promise<ComplianceEngine> {
    checkOptions(z.object(engineShape), options, 'ComplianceEngine.open');
    const { engine, folder = 'compliance', verification = {} } = options;
    const { proofs = join(folder, 'proofs'), secrets = join(folder, 'secrets') } = options;
    const store = await ComplianceStore.open({ folder, proofs, secrets });
    return new ComplianceEngine(engine, store, verification);
  }

  /**
   * Proves that a decision complies with rules, or that it does not: what the proof shows decides. The score stays hidden, the input
   * behind its digest. A failure is counted, and thrown.
   *
   * @example
   * const { isCompliant } = await compliance.proveCompliance({ model: 'credit', input, rule: [eu, us] });
   */
  async proveCompliance(options: ProveComplianceOptions): Promise<ComplianceDecision> {
    checkOptions(z.object(proveShape), options, 'proveCompliance');
    const { model, input, metadata = {}, salted = [], signal } = options;
    requireRange(this.engine.model(model));
    const rules = structuredClone(ruleSchema.parse(options.rule)) as Rule[];
    const { fields, opened } = fieldsOf(metadata, salted);
    const statement = { proofId: randomUUID(), time: Date.now(), rules, metadata: fields };
    const record = {
      proofId: statement.proofId,
      time: new Date(statement.time),
      model,
      rules: rules.map(({ id }) => id),
    };
    let answer: ProvenAnswer;
    try {
      const context = contextOf(statement);
      const reveal = revealsOf(rules);
      // Rows are samples: this is one.
      const request = { model, inputs: [[...input]], reveal, context, ...(signal && { signal }) };
      answer = await this.engine.executeInference(request);
    } catch (e) {
      if (isPotError(e)) await this.store.add({ ...record, status: 'failed', verified: false, code: e.code });
      throw e;
    }
    return this.kept(statement, record, answer, opened);
  }

  /**
   * Many decisions, as many at once as the engine has processes; in the place of each is what it gave, or its error.
   *
   * @example
   * const outcomes = await compliance.proveCompliances(inputs.map((input) => ({ model: 'credit', input, rule })));
   */
  async proveCompliances(list: readonly ProveComplianceOptions[]): Promise<ComplianceOutcome[]> {
    const most = this.engine.limits.batch;
    if (list.length > most) throw limitOf('limits.batch', most, 'decisions at once');
    for (const one of list) checkOptions(z.object(proveShape), one, 'proveCompliances');
    const settled = await Promise.allSettled(list.map((one) => this.proveCompliance(one)));
    return settled.map((one) =>
      one.status === 'fulfilled'
        ? { ok: true, decision: one.value }
        : { ok: false, error: failureOf('inference', one.reason) },
    );
  }

  /**
   * Verifies a file as an auditor does, or a stored proof by its id, which is marked with what was found.
   *
   * @example
   * const { ok } = await compliance.verifyStored(proofId);
   */
  async verifyStored(proofId: string): Promise<ComplianceReport> {
    const source: Readable = await this.store.read(proofIdOf(proofId));
    const report = await verifyComplianceProof(source, { ...this.verification, expected: { proofId } });
    this.store.database.setVerified(proofId, report.ok);
    return report;
  }

  /** Decisions, the latest first: at most `limit`, 100 by default. */
  history(limit = 100): ComplianceRecord[] {
    checkOptions(z.object({ limit: kinds.whole(1, 100_000) }), { limit }, 'history');
    return this.store.database.history(limit);
  }

  /** How many there are of each kind. */
  stats(): ComplianceStats {
    return this.store.database.stats();
  }

  /** Closes the store; the engine goes on. */
  close(): void {
    this.store.close();
  }

  private async kept(
    statement: Pick<ComplianceFile, 'proofId' | 'time' | 'rules' | 'metadata'>,
    record: Pick<ComplianceRecord, 'proofId' | 'time' | 'model' | 'rules'>,
    { proof, genesis, revealed = [], commitment, secrets }: ProvenAnswer,
    opened: Record<string, OpenedField>,
  ): Promise<ComplianceDecision> {
    const results = resultsOf(statement.rules, revealed);
    const isCompliant = results.every((rule) => rule.isCompliant);
    const status = isCompliant ? 'compliant' : 'nonCompliant';
    const header = { format: COMPLIANCE_FORMAT, version: FORMAT_VERSION } as const;
    const file: ComplianceFile = { ...header, ...statement, proof, genesis: genesis! };
    const dataHash = (proof.public.inputs as { committed: string }).committed;
    const facts = { modelHash: commitment, dataHash };
    const { entries, salt } = secrets.inputs!;
    const input = { entries: Array.from(entries, Number), salt: Buffer.from(salt!).toString('hex') };
    // The engine verified it before it gave it.
    const path = await this.store.add({ ...record, ...facts, status, verified: true }, file, {
      input,
      opened,
    });
    const { proofId, time } = record;
    return { proofId, time, isCompliant, status, results, ...facts, file, path: path!, opened };
  }
}

/** Errors: `ZKML_MODEL_INVALID`: nothing would be said without a condition. */
function requireRange({ id, commitments }: RegisteredModel): void {
  if (commitments.length === 0 || commitments.some(({ genesis }) => genesis)) return;
  throw new PotError('ZKML_MODEL_INVALID', `of ${id} there is no proof that its weights are in range`, {
    hint: 'Give genesis with its opening: the genesis proof of its run.',
  });
}

/** Names of files are ids. Errors: `OPTION_INVALID`. */
function proofIdOf(proofId: string): string {
  checkOptions(z.object({ proofId: z.uuid() }), { proofId }, 'verifyStored');
  return proofId;
}
