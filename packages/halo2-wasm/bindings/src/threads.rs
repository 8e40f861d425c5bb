//! Threads inside one proof: Rayon's global pool, made of the thread that calls and of threads that JavaScript starts.
//!
//! JavaScript instantiates this module once more in each of `n - 1` workers, with the same memory; each says that it is
//! there and calls `runThread`, which waits. Then the first thread calls `startPool(n)`. From then on it is the pool's
//! thread 0, and works itself while it waits for the others. It may block, so it must not be a browser's main thread.
//!
//! Nothing unwinds: a panic is a JavaScript exception that ends its thread, and whoever waits for that thread's job would
//! wait for ever. So the worker's JavaScript catches it and calls `failThread`, which sends the exception to all threads.

use crate::error::{export, poison};
use crate::reserve;
use pot_proof_system::error::PotError;
use rayon::{ThreadBuilder, ThreadPoolBuilder};
use std::sync::{Condvar, Mutex, OnceLock};
use wasm_bindgen::prelude::*;

/// Threads of the pool that no worker has taken yet.
static WAITING: Mutex<Vec<ThreadBuilder>> = Mutex::new(Vec::new());
static ARRIVED: Condvar = Condvar::new();

/// What ended the first thread that failed.
static FAILURE: OnceLock<String> = OnceLock::new();

/// Makes the pool. `threads` counts this one; all others must be about to call `runThread`.
#[wasm_bindgen(js_name = startPool)]
pub fn start_pool(threads: usize) -> Result<(), JsValue> {
    export(|| {
        reserve::fill();
        ThreadPoolBuilder::new()
            .num_threads(threads)
            .use_current_thread()
            .spawn_handler(|thread| {
                WAITING.lock().expect("no thread panics with it").push(thread);
                ARRIVED.notify_one();
                Ok(())
            })
            .build_global()
            .map_err(|e| PotError::new("THREADS_UNAVAILABLE", format!("the threads could not be started: {e}")))
    })
}

/// One thread of the pool. Returns only where the pool ends, which the global one never does.
#[wasm_bindgen(js_name = runThread)]
pub fn run_thread() {
    let mut waiting = WAITING.lock().expect("no thread panics with it");
    let thread = loop {
        match waiting.pop() {
            Some(thread) => break thread,
            None => waiting = ARRIVED.wait(waiting).expect("no thread panics with it"),
        }
    };
    drop(waiting);
    thread.run();
}

/// Called in a thread that left `runThread` with an exception: all others leave with it too, the first one to its caller.
/// `message` is the JSON of an error.
#[wasm_bindgen(js_name = failThread)]
pub fn fail_thread(message: String) {
    poison::set();
    if FAILURE.set(message).is_ok() {
        rayon::spawn_broadcast(|_| wasm_bindgen::throw_str(FAILURE.get().expect("set above")));
    }
}
