/** Codes of errors: sessions and run folders. */
export const session = {
  BATCH_NOT_SCHEDULED: {
    text: 'The step must use another batch, the one that the public schedule names.',
    hint: 'session.next() says which samples come next.',
  },
  BEACON_FAILED: {
    text: 'The source of the beacon failed.',
    hint: 'Create the run again once the source answers.',
  },
  BEACON_INVALID: {
    text: 'The beacon is none of the two forms.',
    hint: 'Give a published value, or a block.',
  },
  DEBUG_WITNESS: {
    text: 'The statement is not the commitment to its witness.',
    hint: 'Weights, data or a salt were changed after they were committed to.',
  },
  RUN_TOO_LONG: {
    text: 'A run has at most a million windows, and fewer than 2^32 steps.',
    hint: 'Begin a new run from its model, or use longer windows.',
  },
  SALT_EXHAUSTED: {
    text: 'A commitment hides its content in so many proofs only, and none is left for one that leads to a new commitment.',
    hint: 'Of a run: begin a new one. Of a model: put more inputs into one proof.',
  },
  SALT_SIZE: {
    text: 'A salt must have 32 bytes.',
    hint: 'Give 32 random bytes.',
  },
  SESSION_CLOSED: {
    text: 'The session is closed.',
    hint: 'Open the run again with TrainingSession.resume.',
  },
  SESSION_EMPTY: {
    text: 'No window has been trained yet.',
    hint: 'Train at least one window first.',
  },
  SESSION_EXISTS: {
    text: 'The folder holds a run already.',
    hint: 'Continue it with TrainingSession.resume, or use another folder.',
  },
  SESSION_FOLDER: {
    text: 'The run folder cannot be written.',
    hint: 'Give a folder that this user may write, with space left.',
  },
  SESSION_LEASE_LOST: {
    text: 'The run was taken over by another session.',
    hint: 'Close this session; resume where no other one works.',
  },
  SESSION_LOCKED: {
    text: 'Another process works on the run.',
    hint: 'Wait until it ends, or use another folder.',
  },
  SESSION_MISSING: {
    text: 'The folder holds no run.',
    hint: 'Begin one with TrainingSession.create.',
  },
  SESSION_UNPROVEN: {
    text: 'A proof that is needed is not there yet.',
    hint: 'Wait for it: finish() does.',
  },
  SESSION_WINDOW_OPEN: {
    text: 'Steps are in a window that is not full.',
    hint: 'Train to a whole window, or finish({ discardOpenWindow: true }).',
  },
  START_SEED: {
    text: 'The first weights cannot come from the public seed.',
    hint: "Use initialisers that are known, or start: 'given'.",
  },
  STATE_DAMAGED: {
    text: 'A file of the run folder is missing or damaged.',
    hint: 'Restore the folder from a copy, or start a new run.',
  },
  WITNESS_MISMATCH: {
    text: 'The weights after the window are not the result of its steps.',
    hint: 'Give the weights that the steps lead to.',
  },
} as const;
