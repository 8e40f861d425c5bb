import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import * as files from '../src/files.js';
import * as everywhere from '../src/index.js';
import * as node from '../src/node.js';
import * as options from '../src/options/index.js';
import * as run from '../src/run/index.js';

it('exports these names and no others', () => {
  expect(Object.keys(everywhere).sort()).toMatchInlineSnapshot(`
    [
      "Checklist",
      "MAX_TOLERANCE",
      "TAKEN_AS_GIVEN",
      "aggregationPin",
      "baseDigest",
      "checkChain",
      "checkExpectations",
      "checkGenesisStatement",
      "checkIdentity",
      "checkKeys",
      "checkLimits",
      "checkPrecision",
      "checkProof",
      "checkRenewal",
      "checkShardCount",
      "checkSize",
      "checkSpecs",
      "checkStart",
      "compareAdapters",
      "datasetUse",
      "deriveHere",
      "different",
      "limitShape",
      "openCommitment",
      "orderText",
      "parseAggregate",
      "parseBundle",
      "parseInference",
      "parseTrainingProof",
      "pinsOf",
      "predicatesOf",
      "provenAdapters",
      "provenCounts",
      "provenPredicates",
      "readExpectations",
      "readOpening",
      "referenceFor",
      "referenceShape",
      "refuseDevelopment",
      "renderReport",
      "reportOf",
      "requireAllowed",
      "requireSameAdapters",
      "requireSameNetwork",
      "revealKind",
      "ruleText",
      "samplesText",
      "toleranceOf",
      "verifyAdapters",
      "verifyAggregate",
      "verifyEvaluation",
      "verifyInference",
      "verifyTrainingProof",
      "verifyTrainingRun",
      "verifyWeights",
    ]
  `);
  expect(Object.keys(files).sort()).toMatchInlineSnapshot(`
    [
      "AGGREGATE_FORMAT",
      "BUNDLE_FORMAT",
      "ContentsInUse",
      "FORMAT_VERSION",
      "INFERENCE_FORMAT",
      "MAX_BUNDLE_BYTES",
      "MAX_INFERENCE_BYTES",
      "OPENING_FORMAT",
      "PROOF_FORMAT",
      "aggregateFileSchema",
      "aggregatedRun",
      "bundleSchema",
      "declaredSchema",
      "decodeOpening",
      "decodeProof",
      "decodeWeights",
      "encodeProof",
      "encodeWeights",
      "formOfFile",
      "fromBase64url",
      "inferenceSchema",
      "lastShardSchema",
      "openingSchema",
      "parseAggregate",
      "parseAs",
      "parseBundle",
      "parseInference",
      "parseTrainingProof",
      "proofEntrySchema",
      "renewalEntrySchema",
      "renewedSchema",
      "requireVersion",
      "runSummarySchema",
      "sourceOf",
      "summarise",
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
      "etaOfWindow",
      "firstStepOf",
      "firstValues",
      "genesisStatement",
      "hyperparametersOf",
      "inferenceNetwork",
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
      "weightsDigestOf",
    ]
  `);
});

it('has in Node what there is everywhere, and the same functions with strings on disk', () => {
  expect(Object.keys(node)).toEqual(expect.arrayContaining(Object.keys(everywhere)));
  const own = Object.keys(node).filter((name) => !(name in everywhere));
  expect(own.sort()).toEqual(['cacheFor', 'derivedKey', 'nodeOptions']);
  const other = Object.keys(everywhere).filter((n) => Reflect.get(node, n) !== Reflect.get(everywhere, n));
  expect(other.sort()).toEqual([
    'baseDigest',
    'openCommitment',
    'referenceFor',
    'referenceShape',
    'verifyAdapters',
    'verifyAggregate',
    'verifyEvaluation',
    'verifyInference',
    'verifyTrainingProof',
    'verifyTrainingRun',
    'verifyWeights',
  ]);
});

it('runs in a browser: Node, TensorFlow.js and circomlibjs are imported nowhere but in its Node part', () => {
  const src = fileURLToPath(new URL('../src', import.meta.url));
  const sources = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts'));
  const elsewhere =
    /from '(?:node:|@tensorflow|circomlibjs|[^']*\/node')|import\('|\b(?:Buffer|process|setImmediate|require)\b/;
  const users = sources.filter((f) => elsewhere.test(code(readFileSync(join(src, f), 'utf8'))));
  expect(sources.length).toBeGreaterThan(20);
  expect(users.filter((f) => !/^node(\/|\.ts$)/.test(f))).toEqual([]);
});

/** Without comments. */
function code(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}
