//! Errors that cross the border, and what becomes of a panic.

use pot_proof_system::error::PotError;
use wasm_bindgen::JsValue;

/// The JavaScript error of a Rust one.
pub fn to_js(e: PotError) -> JsValue {
    js_sys::Error::new(&e.to_json()).into()
}

/// Runs the body of one exported function, unless an earlier one panicked.
pub fn export<T>(body: impl FnOnce() -> Result<T, PotError>) -> Result<T, JsValue> {
    #[cfg(target_arch = "wasm32")]
    poison::check().map_err(to_js)?;
    body().map_err(to_js)
}

/// Without unwinding, a panic in WebAssembly would be a bare `unreachable` trap, and would leave the instance's memory
/// half changed. The hooks throw a JavaScript error with the panic's message instead, and remember that it happened.
#[cfg(target_arch = "wasm32")]
pub mod poison {
    use pot_proof_system::error::PotError;
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
    use wasm_bindgen::prelude::wasm_bindgen;

    static POISONED: AtomicBool = AtomicBool::new(false);

    /// Every later call of this instance is refused.
    #[cfg(feature = "threads")]
    pub fn set() {
        POISONED.store(true, Relaxed);
    }

    pub fn check() -> Result<(), PotError> {
        if POISONED.load(Relaxed) {
            return Err(PotError::new("WASM_POISONED", "an earlier call panicked; this instance must not be used any more".into()));
        }
        Ok(())
    }

    #[wasm_bindgen(start)]
    pub fn install() {
        std::panic::set_hook(Box::new(|info| {
            POISONED.store(true, Relaxed);
            let error = PotError::new("WASM_PANIC", format!("the prover panicked: {info}; this instance must not be used any more"));
            wasm_bindgen::throw_val(super::to_js(error));
        }));
        std::alloc::set_alloc_error_hook(|_| {
            POISONED.store(true, Relaxed);
            #[cfg(feature = "threads")]
            crate::reserve::free();
            // Nothing may be allocated here.
            wasm_bindgen::throw_str(r#"{"code":"WASM_OUT_OF_MEMORY","message":"the prover ran out of WebAssembly memory (4 GiB at most)"}"#);
        });
    }
}
