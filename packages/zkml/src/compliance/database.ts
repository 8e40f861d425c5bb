import { existsSync, rmSync } from 'node:fs';
import { PotError } from '@proof-of-training/halo2-wasm';
import sqlite from 'node-sqlite3-wasm';

/** A decision as the store has it. */
export interface ComplianceRecord {
  proofId: string;
  time: Date;
  /** The model's name in the engine. */
  model: string;
  /** `failed`: there is no proof, and nothing is known of the decision. */
  status: 'compliant' | 'nonCompliant' | 'failed';
  /** Whether the proof was verified when it was last looked at. */
  verified: boolean;
  modelHash?: string;
  dataHash?: string;
  /** Ids of the rules. */
  rules: string[];
  /** Of a failure. */
  code?: string;
}

/** How many there are. */
export interface ComplianceStats {
  total: number;
  verified: number;
  compliant: number;
  nonCompliant: number;
  failed: number;
  /** Shares: of all those that were verified and that failed, of the proven ones those that comply. 0 where there are none. */
  rates: { verified: number; compliant: number; failed: number };
}

const VERSION = 1;
const SCHEMA = `
  CREATE TABLE meta (version INTEGER NOT NULL);
  INSERT INTO meta VALUES (${VERSION});
  CREATE TABLE decisions (n INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, time INTEGER NOT NULL, model TEXT NOT NULL,
    status TEXT NOT NULL, verified INTEGER NOT NULL, model_hash TEXT, data_hash TEXT, rules TEXT NOT NULL, code TEXT)`;

/** What was decided, in SQLite: an index over the files, which alone are proofs. */
export class ComplianceDatabase {
  private readonly db: InstanceType<typeof sqlite.Database>;

  /** `path`: a file that no other process uses. Errors: `COMPLIANCE_STORE` for what is damaged, no store or of another version. */
  constructor(private readonly path: string) {
    const isNew = !existsSync(path);
    // It locks by a folder, which a killed process leaves behind; who comes here has the store's own lock.
    rmSync(`${path}.lock`, { recursive: true, force: true });
    try {
      this.db = new sqlite.Database(path);
    } catch (cause) {
      throw storeError(`${path} cannot be opened`, cause);
    }
    try {
      if (isNew) this.db.exec(`BEGIN; ${SCHEMA}; COMMIT`);
      const row = this.db.get('SELECT version FROM meta') as { version?: unknown } | null;
      if (row?.version !== VERSION) throw new Error('another version');
      this.db.all(
        'SELECT id, time, model, status, verified, model_hash, data_hash, rules, code FROM decisions LIMIT 1',
      );
    } catch (cause) {
      this.db.close();
      throw storeError(`${path} is no store of compliance of version ${VERSION}`, cause);
    }
  }

  add({ proofId, time, model, status, verified, modelHash, dataHash, rules, code }: ComplianceRecord): void {
    this.tried(() =>
      this.db.run(
        'INSERT INTO decisions (id, time, model, status, verified, model_hash, data_hash, rules, code) VALUES (?,?,?,?,?,?,?,?,?)',
        [
          proofId,
          time.getTime(),
          model,
          status,
          Number(verified),
          modelHash ?? null,
          dataHash ?? null,
          JSON.stringify(rules),
          code ?? null,
        ],
      ),
    );
  }

  setVerified(proofId: string, verified: boolean): void {
    this.tried(() =>
      this.db.run('UPDATE decisions SET verified = ? WHERE id = ?', [Number(verified), proofId]),
    );
  }

  /** The latest first. */
  history(limit: number): ComplianceRecord[] {
    return this.tried(() => this.db.all('SELECT * FROM decisions ORDER BY n DESC LIMIT ?', [limit])).map(
      recordOf,
    );
  }

  stats(): ComplianceStats {
    const rows = this.tried(() =>
      this.db.all('SELECT status, SUM(verified) AS verified, COUNT(*) AS n FROM decisions GROUP BY status'),
    );
    const count = (status: string) => Number(rows.find((row) => row.status === status)?.n ?? 0);
    const verified = rows.reduce((n, row) => n + Number(row.verified), 0);
    const [compliant, nonCompliant, failed] = [count('compliant'), count('nonCompliant'), count('failed')];
    const total = compliant + nonCompliant + failed;
    const share = (n: number, of: number) => (of === 0 ? 0 : n / of);
    const rates = {
      verified: share(verified, total),
      compliant: share(compliant, compliant + nonCompliant),
      failed: share(failed, total),
    };
    return { total, verified, compliant, nonCompliant, failed, rates };
  }

  close(): void {
    this.db.close();
  }

  private tried<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw storeError(`${this.path} cannot be read or written`, cause);
    }
  }
}

function recordOf(row: Record<string, unknown>): ComplianceRecord {
  const text = (name: string) => (row[name] === null ? undefined : String(row[name]));
  const [modelHash, dataHash, code] = [text('model_hash'), text('data_hash'), text('code')];
  return {
    proofId: String(row.id),
    time: new Date(Number(row.time)),
    model: String(row.model),
    status: row.status as ComplianceRecord['status'],
    verified: row.verified === 1,
    ...(modelHash !== undefined && { modelHash }),
    ...(dataHash !== undefined && { dataHash }),
    rules: JSON.parse(String(row.rules)) as string[],
    ...(code !== undefined && { code }),
  };
}

/** Errors: `COMPLIANCE_STORE`, always made. */
export function storeError(what: string, cause?: unknown): PotError {
  return new PotError('COMPLIANCE_STORE', what, {
    ...(cause !== undefined && { cause }),
    hint: 'The files of proofs are whole by themselves: begin another store where this one is lost.',
  });
}
