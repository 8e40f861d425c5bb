import { PotError } from '@proof-of-training/halo2-wasm';
import { z } from 'zod';
import { readJsonFile } from './files.js';

const rowsSchema = z.array(z.array(z.number()).min(1)).min(1);

/** Rows of so many numbers, of a JSON file; without a width all of the first one's. Errors: `FILE_READ`, `FILE_JSON`, `DATA_SHAPE`. */
export async function rowsOf(path: string, width?: number): Promise<number[][]> {
  const parsed = rowsSchema.safeParse(await readJsonFile(path));
  const wanted = width ?? parsed.data?.[0]?.length;
  if (parsed.success && parsed.data.every((row) => row.length === wanted)) return parsed.data;
  const numbers = width === undefined ? 'numbers, all of one length' : `${width} numbers`;
  throw new PotError('DATA_SHAPE', `${path} is no JSON array of rows of ${numbers}`);
}
