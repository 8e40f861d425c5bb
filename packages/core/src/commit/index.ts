export { type Committable, type Committed, commit, type DualCommitment, treeOf } from './commit.js';
export { circomlibPair } from './poseidon.js';
export { canonicalBytes, LEAF_BYTES, type LeafOpening, Sha256Tree, verifyLeaf } from './sha256.js';
