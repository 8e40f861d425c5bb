/** Codes of errors: proving, pools and streams. */
export const proving = {
  CIRCUIT_SHAPE: {
    text: "A shape's rows, columns or lanes are out of range.",
    hint: 'The message has the ranges; the planner chooses a shape that fits.',
  },
  CIRCUIT_TOO_LARGE: {
    text: 'The circuit has more rows or cells than are allowed.',
    hint: 'Use a smaller batch, window or model, or raise the limit.',
  },
  KEYGEN_FAILED: {
    text: 'Keys could not be made for the circuit.',
    hint: 'Check that the specification is one that plan() gave.',
  },
  NATIVE_PANIC: {
    text: 'The native prover panicked.',
    hint: 'Make the object again, and report it.',
  },
  NATIVE_POISONED: {
    text: 'An earlier call panicked; this object must not be used any more.',
    hint: 'Make the object again.',
  },
  OBJECT_FREED: {
    text: 'The object was freed.',
    hint: 'Make another one.',
  },
  PLAN_INFO: {
    text: 'The planner of this WebAssembly module does not fit this package.',
    hint: 'Install the package again.',
  },
  PROVER_ABORTED: {
    text: 'The work was cancelled.',
    hint: 'Nothing: its signal asked for it.',
  },
  PROVER_CLOSED: {
    text: 'The prover is closed.',
    hint: 'Make a new one.',
  },
  PROVER_CRASHED: {
    text: 'A prover thread ended unexpectedly.',
    hint: 'Often memory: use fewer workers or a smaller circuit.',
  },
  PROVER_FAILED: {
    text: 'The prover failed for a reason that has no code of its own.',
    hint: 'The message has the reason; please report it.',
  },
  PROVE_FAILED: {
    text: 'The proof could not be made.',
    hint: 'The message has the reason of the proof system.',
  },
  STREAM_ENDED: {
    text: 'The stream was stopped, and every result is taken.',
    hint: 'Make a new one for more tasks.',
  },
  STREAM_NOT_STARTED: {
    text: 'The streaming prover has not been started.',
    hint: 'Call start() first.',
  },
  STREAM_STOPPED: {
    text: 'The streaming prover was stopped.',
    hint: 'Make a new one.',
  },
  STREAM_TIMEOUT: {
    text: 'There was no result within the time given.',
    hint: 'Ask again: the task goes on.',
  },
  STREAM_UNKNOWN_TASK: {
    text: 'The task is unknown, or its result was taken.',
    hint: 'Take each result once.',
  },
  TASK_TOO_LARGE: {
    text: "The task needs more memory than the pool's budget.",
    hint: 'Use a shorter window, a smaller circuit, or a larger budget.',
  },
  WASM_ERROR: {
    text: 'The WebAssembly module failed for a reason that has no code of its own.',
    hint: 'The message has the reason; please report it.',
  },
  WASM_LOAD: {
    text: 'The WebAssembly module cannot be loaded or started.',
    hint: 'Install the package again; in browsers, serve its files.',
  },
  WASM_OUT_OF_MEMORY: {
    text: 'The prover ran out of WebAssembly memory.',
    hint: 'Use a smaller model, batch or window.',
  },
  WASM_PANIC: {
    text: 'The prover panicked; this instance must not be used any more.',
    hint: 'Load the prover again, and report it.',
  },
  WASM_POISONED: {
    text: 'An earlier call panicked; this instance must not be used any more.',
    hint: 'Load the prover again.',
  },
  WASM_TRAP: {
    text: 'The prover stopped inside WebAssembly.',
    hint: 'Load the prover again; where memory was short, use a smaller circuit.',
  },
} as const;
