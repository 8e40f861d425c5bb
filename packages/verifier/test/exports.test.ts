import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import * as files from '../src/files.js';
import * as options from '../src/options/index.js';
import * as run from '../src/run/index.js';

it('exports these names and no others', () => {
  expect(Object.keys(files).sort()).toMatchInlineSnapshot(`
    [
      "BUNDLE_FORMAT",
      "FORMAT_VERSION",
      "MAX_BUNDLE_BYTES",
      "OPENING_FORMAT",
      "PROOF_FORMAT",
      "bundleSchema",
      "declaredSchema",
      "decodeOpening",
      "decodeProof",
      "encodeProof",
      "encodeWeights",
      "fromBase64url",
      "openingSchema",
      "parseAs",
      "parseBundle",
      "parseTrainingProof",
      "proofEntrySchema",
      "requireVersion",
      "sourceOf",
      "toBase64url",
    ]
  `);
  expect(Object.keys(options).sort()).toMatchInlineSnapshot(`
    [
      "bytes",
      "callback",
      "checkArgument",
      "checkOptions",
      "closeOptions",
      "config",
      "elsewhere",
      "engine",
      "finite",
      "flag",
      "hex32",
      "is",
      "kinds",
      "list",
      "metrics",
      "model",
      "nearestName",
      "notNegative",
      "numbers",
      "object",
      "oneOf",
      "positive",
      "proverShape",
      "signal",
      "srs",
      "srsChoice",
      "tensorflow",
      "text",
      "threads",
      "whole",
    ]
  `);
  expect(Object.keys(run).sort()).toMatchInlineSnapshot(`
    [
      "ColumnDigests",
      "KNOWN_BEACON_WARNING",
      "Schedule",
      "SeedStream",
      "beaconSchema",
      "beaconValue",
      "bytesOf",
      "ceremonyText",
      "completeRun",
      "firstStepOf",
      "firstValues",
      "genesisStatement",
      "hyperparametersOf",
      "initializerSchema",
      "merkleDepth",
      "merkleLeaf",
      "merkleLevels",
      "merkleRoot",
      "merkleRootOfLast",
      "merkleSiblings",
      "naturalLog",
      "neededOf",
      "plain",
      "poseidonPair",
      "publicBaseSalt",
      "readBeacon",
      "requireStringOf",
      "runIdFrom",
      "runIdOf",
      "runSchema",
      "scheduleOf",
      "seedOf",
      "seededWeights",
      "settingsDigest",
      "settingsOf",
      "sha256Field",
      "startText",
      "takeBeacon",
      "valueBeaconSchema",
    ]
  `);
});

it('runs in a browser: Node, TensorFlow.js and circomlibjs are imported nowhere but in its Node part', () => {
  const src = fileURLToPath(new URL('../src', import.meta.url));
  const sources = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts'));
  const elsewhere =
    /from '(?:node:|@tensorflow|circomlibjs|[^']*\/node')|import\('|\b(?:Buffer|process|setImmediate|require)\b/;
  const users = sources.filter((f) => elsewhere.test(readFileSync(join(src, f), 'utf8')));
  expect(sources.length).toBeGreaterThan(20);
  expect(users.filter((f) => !/^node(\/|\.ts$)/.test(f))).toEqual([]);
});
