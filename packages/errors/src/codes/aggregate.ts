/** Codes of errors: aggregates and wrappers. */
export const aggregate = {
  AGGREGATE_ACCUMULATOR: {
    text: "The aggregate's accumulator is not two points of the curve in canonical form.",
    hint: 'The file is wrong: do not accept it.',
  },
  AGGREGATE_BASE: {
    text: "A window is not about the run's frozen base.",
    hint: 'Give windows of one run.',
  },
  AGGREGATE_COUNT: {
    text: 'One proof takes in another number of windows.',
    hint: 'Give as many windows as the aggregator was made for.',
  },
  AGGREGATE_DATASET: {
    text: "A window's shard is not at its place of the run's dataset.",
    hint: 'Give windows of one run.',
  },
  AGGREGATE_EMPTY: {
    text: 'There is no window to aggregate.',
    hint: 'Train and prove at least one.',
  },
  AGGREGATE_FROM_WINDOW: {
    text: 'The run has no such window to begin with.',
    hint: 'The hint says which windows it has.',
  },
  AGGREGATE_INVALID: {
    text: 'The aggregate or the windows do not fit their format.',
    hint: 'Get the file again.',
  },
  AGGREGATE_KEY: {
    text: 'The aggregation key is not the pinned one, or not the one of the public architecture.',
    hint: 'Do not accept it, or correct the pin.',
  },
  AGGREGATE_PART: {
    text: 'The aggregate begins in the middle of the run.',
    hint: 'Accept it by naming the weights that it begins with.',
  },
  AGGREGATE_PLACES: {
    text: 'A proof takes in no such number of windows.',
    hint: 'Give a number in the range that the message names.',
  },
  AGGREGATE_PROOF: {
    text: 'A proof cannot be read, or has another length than its key says.',
    hint: 'Get the file again.',
  },
  AGGREGATE_RATE: {
    text: "A window was made with another learning rate than the run's, or its schedule's.",
    hint: 'Give windows of one run.',
  },
  AGGREGATE_RENEWED: {
    text: "The run's commitments were made anew, which no registry on a chain follows.",
    hint: 'Verify the aggregate, or the bundle. A run of at most 20 epochs can be anchored.',
  },
  AGGREGATE_RUN: {
    text: 'A window is of another run.',
    hint: 'Give windows of one run.',
  },
  AGGREGATE_SCHEDULE: {
    text: 'A window did not use the shard that the schedule names.',
    hint: "Give the run's windows in their order.",
  },
  AGGREGATE_SPEC: {
    text: "The run's windows are of another circuit than the aggregator takes.",
    hint: 'Make an aggregator for this circuit.',
  },
  AGGREGATE_STATEMENT: {
    text: 'The aggregate does not say what the run says.',
    hint: 'The file is wrong: do not accept it.',
  },
  AGGREGATE_STEPS: {
    text: 'A window does not begin with the step after the one before it.',
    hint: "Give the run's windows in their order.",
  },
  AGGREGATE_TRANSCRIPT: {
    text: "The run's proofs have a transcript that a circuit cannot verify.",
    hint: 'Train with the transcript poseidon.',
  },
  AGGREGATE_UNSUPPORTED: {
    text: 'Windows of this layout cannot be aggregated.',
    hint: "Verify the run's bundle instead.",
  },
  AGGREGATE_WEIGHTS: {
    text: 'A window does not continue the weights of the one before it.',
    hint: "Give the run's windows in their order.",
  },
  AGGREGATION_TOO_LARGE: {
    text: 'The circuit that aggregates has more rows than are allowed.',
    hint: 'Take fewer windows a proof.',
  },
  AGGREGATION_UNAVAILABLE: {
    text: 'This engine was built without aggregation, or cannot wrap.',
    hint: 'Use the native engine: docs/operate/engines.md says where it comes from.',
  },
  CHIP_COLLISION: {
    text: 'A partial sum of the chip equals the point that is added.',
    hint: 'Prove again: the masks are chosen anew.',
  },
  CHIP_IDENTITY: {
    text: 'A sum of multiples is the identity, which the chip does not take.',
    hint: 'The proof to be verified is wrong.',
  },
  CHIP_IDENTITY_FAILED: {
    text: 'An identity of the chip does not hold for its witness.',
    hint: 'Please report it.',
  },
  CHIP_POINT: {
    text: 'A point is not on the curve, or the identity.',
    hint: 'The proof to be verified is wrong.',
  },
  CHIP_RANGE: {
    text: 'A cell of the chip is out of range.',
    hint: 'The proof to be verified is wrong.',
  },
  CHIP_TOO_LARGE: {
    text: "The chip's circuit has more rows or public inputs than fit.",
    hint: 'Take fewer windows a proof, or more rows.',
  },
  CHIP_UNEQUAL: {
    text: 'Two cells of the chip that must be equal are not.',
    hint: 'The proof to be verified is wrong.',
  },
  CHIP_ZERO: {
    text: 'The inverse of zero is asked for.',
    hint: 'The proof to be verified is wrong.',
  },
  CONTRACT_FAILED: {
    text: 'No verifier contract could be generated.',
    hint: 'Please report it.',
  },
  INTERMEDIATE_DAMAGED: {
    text: 'A stored intermediate aggregate is damaged.',
    hint: 'Remove the file: what it stood for is made again.',
  },
  INTERMEDIATE_FOREIGN: {
    text: 'A stored intermediate aggregate is of other windows.',
    hint: 'Remove it: it is made again.',
  },
  INTERMEDIATE_INVALID: {
    text: 'A stored intermediate aggregate does not verify.',
    hint: 'Remove it: it is made again.',
  },
  WRAPPER_ACCUMULATOR: {
    text: 'The inner accumulator is not two points of the curve in canonical form.',
    hint: 'The aggregate is wrong.',
  },
  WRAPPER_LAYOUT: {
    text: 'The wrapper names public inputs that the inner circuit does not have.',
    hint: 'Please report it.',
  },
  WRAPPER_PROOF: {
    text: 'The inner proof cannot be read or has another length.',
    hint: 'Give an aggregate of the key that the wrapper was made for.',
  },
} as const;
