import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import * as everywhere from '../src/index.js';
import * as node from '../src/node.js';

it('exports these names and no others', () => {
  expect(Object.keys(everywhere).sort()).toMatchInlineSnapshot(`
    [
      "Lineage",
      "PublicLog",
      "Taints",
      "canonicalJson",
      "emptyRoot",
      "eventFlow",
      "eventText",
      "fetchSource",
      "formatVkey",
      "generateLogKeys",
      "isObservedBy",
      "keyRing",
      "leafHash",
      "nodeHash",
      "openNote",
      "opensSalted",
      "parseCheckpoint",
      "parseRecord",
      "parseVkey",
      "refuseFork",
      "requireAnchored",
      "tilePath",
      "verifyAnswer",
      "verifyCheckpoint",
      "verifyConsistency",
      "verifyDisclosure",
      "verifyDisclosures",
      "verifyFork",
      "verifyInclusion",
      "verifyRecords",
      "verifyTlogProof",
    ]
  `);
});

it('has in Node what there is everywhere, and the log itself', () => {
  const own = Object.keys(node).filter((name) => !(name in everywhere));
  expect(Object.keys(node)).toEqual(expect.arrayContaining(Object.keys(everywhere)));
  expect(own.sort()).toMatchInlineSnapshot(`
    [
      "EventLog",
      "anchorLog",
      "askProlog",
      "auditedFetch",
      "auditedInterceptor",
      "collectOtlp",
      "digestOnDisk",
      "disclose",
      "folderSource",
      "mirrorAll",
      "mirrorLog",
      "quarantine",
      "query",
      "readArtefact",
      "record",
      "recordCommand",
      "recordCommit",
      "recordFile",
      "recordPackage",
      "recordProof",
      "recordTaint",
      "release",
      "replay",
      "report",
      "requirePolicy",
      "signRelease",
      "timeline",
      "trace",
      "writeRecord",
    ]
  `);
});

it('verifies in a browser: Node is imported nowhere but in its Node part', () => {
  const src = fileURLToPath(new URL('../src', import.meta.url));
  const sources = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts'));
  const elsewhere =
    /from '(?:node:|[^']*sqlite|[^']*\/node')|import\('|\b(?:Buffer|process|setImmediate|require)\b/;
  const users = sources.filter((f) => elsewhere.test(code(readFileSync(join(src, f), 'utf8'))));
  expect(sources.length).toBeGreaterThan(20);
  expect(
    users.filter((f) => !/^(?:(?:audit|cli|log|mirror|record|taint)\/|(?:artefact|node|pot)\.ts$)/.test(f)),
  ).toEqual([]);
});

/** Without comments. */
function code(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}
