import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Test tiers, chosen with POT_TIER by scripts/test.mjs:
 *   (none)  *.test.ts       needs Node only; a few minutes
 *   slow    *.slow.test.ts     minutes of proving
 *   browser *.browser.test.ts  needs Chromium
 *   native  *.native.test.ts   needs the Node addon (prebuilt, or build:native)
 *   python  *.python.test.ts   needs Python's peft and safetensors (POT_PYTHON)
 *   cluster *.cluster.test.ts  needs redis-server
 */
const tier = process.env.POT_TIER;
const tiers = ['slow', 'browser', 'native', 'python', 'cluster'];

/**
 * Files of the default tier that leave nothing behind in their process, and ask nothing of it: no environment, no working
 * folder, no spies, no TensorFlow.js backend but the usual one, nothing that is said once a process. scripts/test.mjs runs
 * them in two processes for all of them (POT_PART=shared), so that what takes three seconds a process (TensorFlow.js, the
 * engine, the tables of Poseidon) is made twice and not once a file; the rest afterwards in a process each. A file that is
 * named to vitest alone has its own.
 */
const SHARED = [
  'benchmarks/test/{baseline,clusterSimulation,quick,report,state,suites,targets,times}.test.ts',
  'examples/lora/test/example.test.ts',
  'packages/aggregator/test/*.test.ts',
  'packages/blockchain/test/{anchor,batch,beacon,beginnings,checkChain,draws,exports,invariants,options}.test.ts',
  'packages/blockchain/test/{reorganisation,rpc,sampleRun,signer,statement,verifiers}.test.ts',
  'packages/core/test/{aggregate,architecture,arrows,attacks,bundle,chain,columnDigests}.test.ts',
  'packages/core/test/{config,configEffects}.test.ts',
  'packages/core/test/{engine,exports,fitWithCallbacks,formatVersion,given,initializers,integerStep,journal,keys,lora}.test.ts',
  'packages/core/test/lora{Auto,Local,LocalOptimizers,OptimizerSession,Optimizers,Reference,Session,Start,Updates,Verify}.test.ts',
  'packages/core/test/{merkle,metrics,openWindow,optimizerSession,options,pageModules,parallelProver,pin,planning,poseidon,poseidonVectors,ptau}.test.ts',
  'packages/core/test/{record,repeated,schedule,scheduler,sessionPool,sgdStep,sha256Tree,sharedRun,sizes,start}.test.ts',
  'packages/core/test/{startAttacks,storedProof,threadsPerProof,transcript,useCounts}.test.ts',
  'packages/errors/test/exports.test.ts',
  'packages/halo2-wasm/test/{ceremony,errors,graph,strings,version}.test.ts',
  'packages/inference/test/{attacks,check,evaluation,export,exports,inference,onnx,operators,predicates,uses}.test.ts',
  'packages/lora-circuit/test/{executor,executorOptimizer,exports,numbers,optimizer,oracle,oracleOptimizer}.test.ts',
  'packages/lora-circuit/test/{plan,peft/adapter,peft/safetensors}.test.ts',
  'packages/cluster/test/*.test.ts',
  'packages/ledger/test/{audit,event,exports,llm,log,merkle,note,publicLog,readme,taint,tamper,universal}.test.ts',
  'packages/sgd-circuit/test/*.test.ts',
  'packages/verifier/test/{aggregateRates,bytes,cacheSettings,exports,network,pace,poseidon,renewals,weights}.test.ts',
  'scripts/docs/test/{lines,references}.test.ts',
];
/** `shared` or `rest`: one half of the default tier. */
const part = process.env.POT_PART;

/** Files that take most of their tier's time, on one core. */
const LONG = ['accuracy.slow.test.ts'];

/** Long files first, so that the tier does not end with one core at work: where vitest knows no times yet, it begins with the largest files. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = (file: TestSpecification) => LONG.some((name) => file.moduleId.endsWith(`/${name}`));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include:
      part === 'shared'
        ? SHARED
        : [`{packages/*,examples/*,benchmarks,scripts/*}/test/**/*.${tier ? `${tier}.` : ''}test.ts`],
    exclude: [
      '**/node_modules/**',
      ...tiers.filter((t) => t !== tier).map((t) => `**/*.${t}.test.ts`),
      ...(part === 'rest' ? SHARED : []),
    ],
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // Reference strings are made once for all tests, and not in the user's own cache.
    env: {
      POT_CACHE_DIR: fileURLToPath(new URL('node_modules/.cache/pot', import.meta.url)),
      // The engine that users have who choose none; ZK_ENGINE=wasm or native runs a tier with that one.
      ZK_ENGINE: process.env.ZK_ENGINE ?? 'auto',
    },
    // A run for one version of Node fails where a fork has another.
    setupFiles: process.env.POT_NODE_VERSION
      ? [fileURLToPath(new URL('scripts/require-node.mjs', import.meta.url))]
      : [],
    // One Chromium for the tier.
    globalSetup:
      tier === 'browser' ? [fileURLToPath(new URL('scripts/browser/chromium.mjs', import.meta.url))] : [],
    pool: 'forks',
    poolOptions: { forks: { isolate: part !== 'shared' && tier !== 'browser' } },
    sequence: { sequencer: LongFirst },
    maxWorkers: 2,
    minWorkers: 1,
  },
});
