//! Memory that is kept for the moment when there is no more: a thread that ran out of it must still tell the others.

use std::sync::Mutex;

static RESERVE: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Called once, before there is a second thread.
pub fn fill() {
    RESERVE.lock().expect("no thread panics with it").reserve_exact(1 << 16);
}

/// Must not allocate.
pub fn free() {
    if let Ok(mut reserve) = RESERVE.try_lock() {
        drop(std::mem::take(&mut *reserve));
    }
}
