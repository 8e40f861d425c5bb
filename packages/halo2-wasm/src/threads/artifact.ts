import * as glue from '../../wasm-threads/pot_wasm.js';

/** Bytes of each thread's stack in WebAssembly memory: as the first thread's, whose overflow would trap. */
const STACK = 4 << 20;

/** What a thread needs to join a prover. */
export interface Joining {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
}

/** The threaded artifact's functions; one instance a JavaScript thread. */
export { glue };

/** Instantiates the module: in the first thread with a memory of its own, in others with that one. */
export function instantiate(module: WebAssembly.Module, memory?: WebAssembly.Memory): WebAssembly.Memory {
  return glue.initSync({ module, thread_stack_size: STACK, ...(memory && { memory }) }).memory;
}
