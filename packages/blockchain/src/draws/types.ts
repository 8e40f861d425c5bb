/** A registered test set. */
export interface RegisteredTestSet {
  id: string;
  owner: string;
  /** Root of the tree over its samples, and how many they are. */
  root: string;
  samples: number;
  registeredBlock: number;
}

/** What is asked for with a draw. */
export interface DrawTerms {
  /** Id of a registered test set. */
  testSet: string;
  /** Digest of the model's weights: a run's last ones, or what `pot import` printed. */
  model: string;
  /** The run that ended with these weights, and the registry that has its anchors; left out for a model of another origin. */
  run?: { registry: string; runId: string };
  /** How many samples are drawn: 1 to 4096. */
  samples: number;
  /** Blocks after the one that draws, in which the evaluation can be registered. */
  window: number;
}

/** A draw as the contract has it. */
export interface Draw extends DrawTerms {
  id: string;
  requester: string;
  requestedBlock: number;
  /** The block after it, whose hash draws. */
  drawingBlock: number;
  /** The last block in which an answer is taken. */
  lastBlock: number;
  /** There once somebody fixed them: the hash, what follows from it, and the samples that are drawn, in rising order. */
  fixed?: { blockHash: string; seed: string; indices: number[]; context: string };
  /** There once it is answered: the digest of the proofs' files. */
  answer?: { evaluation: string; block: number };
}
