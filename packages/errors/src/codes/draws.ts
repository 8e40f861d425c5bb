/** Codes of errors: drawn evaluations, the reverts of their contract among them. */
export const draws = {
  DRAW_ANSWERED: {
    text: 'Another evaluation was registered for this draw.',
    hint: 'The first one stands.',
  },
  DRAW_BLOCK: {
    text: "The blocks that the contract names are not the RPC server's.",
    hint: 'Ask another server; use a chain whose contracts count blocks as its RPC servers do.',
  },
  DRAW_CONTRACT: {
    text: 'The chain has no contract of drawn evaluations where its code puts it.',
    hint: 'Deploy it (EvaluationDraws.deploy), or use the chain that has the draw.',
  },
  DRAW_EVALUATION: {
    text: 'The files are not those that were registered for the draw.',
    hint: 'Give all proofs of the evaluation, in the order of its samples.',
  },
  DRAW_EXISTS: {
    text: 'This account drew for this model from this test set before.',
    hint: 'The first draw stands: another one would be a second try.',
  },
  DRAW_MODEL_NOT_ANCHORED: {
    text: 'No anchor of the run ends with these weights.',
    hint: 'Anchor the aggregate that ends with them first.',
  },
  DRAW_NOT_REQUESTER: {
    text: 'Another account asked for this draw.',
    hint: 'Answer with the account that asked.',
  },
  DRAW_NOT_RUN_OWNER: {
    text: 'This account may not draw for this run.',
    hint: "Use the account of the run's owner.",
  },
  DRAW_SAMPLES: {
    text: 'The samples are not exactly the drawn ones of the test set.',
    hint: "Ask the test set's owner for the drawn samples, and prove them in their order.",
  },
  DRAW_SEED_MISMATCH: {
    text: 'The evaluation is of samples that another block drew.',
    hint: 'A reorganisation replaced it: evaluate the samples that are drawn now.',
  },
  DRAW_TERMS: {
    text: 'The terms of the draw are out of range.',
    hint: 'Draw from 1 to 4096 samples, no more than the test set has, with a window of 1 to 2^24 blocks.',
  },
  DRAW_TEST_SET_EXISTS: {
    text: 'This account registered this test set before.',
    hint: 'Go on with it.',
  },
  DRAW_TEST_SET_INVALID: {
    text: 'A test set has a root, and from 1 to 2^20 samples.',
    hint: 'Register what summaryOfTestSet gives.',
  },
  DRAW_TEST_SET_TOO_YOUNG: {
    text: 'The test set is of the same block.',
    hint: 'Ask for the draw in a later block.',
  },
  DRAW_TEST_SET_UNKNOWN: {
    text: 'No such test set is registered.',
    hint: 'Its owner registers it first.',
  },
  DRAW_TOO_EARLY: {
    text: 'The block that draws is not there yet, or nobody has fixed its seed.',
    hint: 'Wait for the block, and fix it (draws.fix).',
  },
  DRAW_TOO_OLD: {
    text: 'The chain has the hash of the block that draws no longer.',
    hint: 'The draw is lost: fix it within 256 blocks (8191 where the chain has EIP-2935).',
  },
  DRAW_UNANSWERED: {
    text: 'No evaluation was registered for this draw.',
    hint: 'Ask who drew; after the window nothing is taken any more.',
  },
  DRAW_UNCONFIRMED: {
    text: 'The answer to the draw is too young.',
    hint: 'Wait, or ask for fewer confirmations.',
  },
  DRAW_UNKNOWN: {
    text: 'There is no such draw.',
    hint: 'Compare its id, and the chain.',
  },
  DRAW_WINDOW_CLOSED: {
    text: "The draw's window is closed.",
    hint: 'Nothing is taken any more: the draw stays unanswered.',
  },
} as const;
