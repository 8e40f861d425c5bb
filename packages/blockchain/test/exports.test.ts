import { expect, it } from 'vitest';
import * as anvil from '../src/anvil/index.js';
import * as blockchain from '../src/index.js';

it('exports these names and no others', () => {
  expect(Object.keys(blockchain).sort()).toMatchInlineSnapshot(`
    [
      "AUDIT_CONFIRMATIONS",
      "BEACON_CONFIRMATIONS",
      "BEACON_DELAY",
      "BlockchainClient",
      "Clock",
      "DEPLOYER",
      "LogAnchors",
      "ONCHAIN_FILES",
      "Registry",
      "STATEMENT_INPUTS",
      "anchorFile",
      "chainError",
      "checkChain",
      "codeHashAt",
      "connect",
      "deployOnce",
      "deploymentAddress",
      "evmProofSchema",
      "keptOnchainFile",
      "onchainFile",
      "packEvmProof",
      "parseEvmProof",
      "proofBytesOf",
      "readStatement",
      "registryArtifact",
      "requireOnchainTools",
      "revertError",
      "scheduleHashOf",
      "schedulesOf",
      "signerFromEnvironment",
      "termsOfRun",
      "usesDevelopmentSrs",
      "verifierPin",
      "verifyOnLocalChain",
      "verifyOnchain",
      "wrapAggregate",
      "wrapperString",
    ]
  `);
  expect(Object.keys(anvil).sort()).toMatchInlineSnapshot(`
    [
      "anvilAccount",
      "anvilBinary",
      "freePort",
      "startAnvil",
    ]
  `);
});
