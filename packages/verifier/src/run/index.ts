// What fixes a run, and what follows from it: identity, seeds, schedule, first weights, digests, trees.

export {
  type HashPair,
  merkleDepth,
  merkleLeaf,
  merkleLevels,
  merkleRoot,
  merkleRootOfLast,
  merkleSiblings,
} from '../dataset/merkle.js';
export { Schedule, type ScheduledWindow } from '../dataset/schedule.js';
export { poseidonPair } from '../hash/poseidon.js';
export { firstValues, type Initializer, initializerSchema, plain } from '../start/initializers.js';
export { type SeedStart, type Start, seededWeights, startText } from '../start/start.js';
export { naturalLog, SeedStream } from '../start/stream.js';
export {
  type Beacon,
  type BeaconSource,
  beaconSchema,
  beaconValue,
  type FixedSettings,
  KNOWN_BEACON_WARNING,
  readBeacon,
  takeBeacon,
  valueBeaconSchema,
} from './beacon.js';
export { ColumnDigests } from './columnDigests.js';
export { genesisStatement } from './genesis.js';
export { sha256Field } from './hash.js';
export { completeRun, etaOfWindow, firstStepOf, hyperparametersOf, runIdFrom, runIdOf } from './identity.js';
export { inferenceNetwork, weightsDigestOf } from './inferenceNetwork.js';
export { publicBaseSalt } from './publicSalt.js';
export { type Run, runSchema } from './schema.js';
export { scheduleOf, seedOf, settingsDigest, settingsOf } from './seeds.js';
export { bytesOf, ceremonyText, neededOf, requireStringOf } from './srs.js';
