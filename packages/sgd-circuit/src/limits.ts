// Made by scripts/limits.mjs of what the engine says (packages/sgd-circuit/rust/src/limits.rs): not edited by hand.

/** What the circuit takes, and what it keeps for itself. */
export const LIMITS = {
  baseDomain: 0x706f7442,
  baseReservedOf: 16,
  dataDomain: 0x706f7444,
  maxAdamEta: 1048576,
  maxAlpha: 1024,
  maxBatch: 4096,
  maxColumns: 256,
  maxEta: 131072,
  maxK: 20,
  maxLaneColumns: 256,
  maxLanes: 64,
  maxLayers: 32,
  maxRank: 64,
  maxSteps: 9007199254740992,
  maxWeights: 67108864,
  maxWidth: 65536,
  maxWindow: 1024,
  minK: 8,
  reservedRows: 64,
  weightsDomain: 0x706f7457,
} as const;
