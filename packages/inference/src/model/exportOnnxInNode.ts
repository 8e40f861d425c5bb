import type { OnDisk } from '@proof-of-training/verifier/node';
import { onDisk } from '../onDisk.js';
import * as anywhere from './exportOnnx.js';

export interface ExportOnnxOptions extends anywhere.ExportOnnxOptions, OnDisk {}

/**
 * The weights of an opening as an ONNX file, with SRSs on disk: see `exportOnnx` of the entry that works everywhere.
 *
 * @example
 * import { exportOnnx } from '@proof-of-training/inference/node';
 *
 * const opening = JSON.parse(await readFile('runs/opening.json', 'utf8'));
 * await writeFile('model.onnx', await exportOnnx({ opening }), { mode: 0o600 });
 */
export async function exportOnnx(options: ExportOnnxOptions): Promise<Uint8Array> {
  return anywhere.exportOnnx(onDisk('exportOnnx', anywhere.exportShape, options));
}
