import type { RunFolder } from './folder.js';
import { type Renewable, renewalName, renewalOf } from './names.js';
import { type RenewalRecord, renewalRecordSchema } from './records.js';

/**
 * The renewals' proofs in a run's folder. What one says does not depend on who made it: salts and digests follow from the run's first
 * ones. So that of any owner serves.
 */
export class RenewalFiles {
  private known: Map<string, string> | undefined;

  constructor(private readonly folder: RunFolder) {}

  async read(of: Renewable): Promise<RenewalRecord | undefined> {
    const name = this.names().get(keyOf(of));
    return name === undefined ? undefined : this.folder.readJson(name, renewalRecordSchema);
  }

  has(of: Renewable): boolean {
    return this.names().has(keyOf(of));
  }

  async write(of: Renewable, record: RenewalRecord): Promise<void> {
    const name = renewalName(of, this.folder.lease.generation);
    await this.folder.write(name, `${JSON.stringify(record)}\n`);
    this.names().set(keyOf(of), name);
  }

  private names(): Map<string, string> {
    this.known ??= new Map(
      this.folder.list('proofs').flatMap((name) => {
        const of = renewalOf(name);
        return of ? [[keyOf(of), `proofs/${name}`] as const] : [];
      }),
    );
    return this.known;
  }
}

function keyOf({ shard, number }: Renewable): string {
  return `${shard ?? 'base'}.${number}`;
}
