/** A stage of the pipeline: pools images of 28 by 28 pixels to 14 by 14, and writes them as canonical JSON by the package that was downloaded. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = mkdtempSync(join(tmpdir(), 'pot-prepare-'));
execFileSync('tar', ['-xzf', 'canonicalize.tgz', '-C', folder]);
const { default: canonicalize } = await import(
  pathToFileURL(join(folder, 'package/lib/canonicalize.js')).href
);

const { images, labels } = JSON.parse(readFileSync('raw.json', 'utf8'));
const pooled = (image) =>
  Array.from({ length: 196 }, (_, i) => {
    const at = Math.floor(i / 14) * 56 + (i % 14) * 2;
    return (image[at] + image[at + 1] + image[at + 28] + image[at + 29]) / 4;
  });
const y = labels.map((label) => Array.from({ length: 10 }, (_, n) => (n === label ? 1 : 0)));
writeFileSync('data.json', canonicalize({ x: images.map(pooled), y }));
