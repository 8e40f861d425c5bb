//! The border to JavaScript: errors and panics become JavaScript errors.

use crate::cpu;
use pot_proof_system::error::PotError;
use std::any::Any;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

/// Text and place of the latest panic, on whichever thread it was: what is caught has the text alone.
static LATEST: Mutex<(String, String)> = Mutex::new((String::new(), String::new()));
static HOOK: Once = Once::new();

/// Runs the body of one exported function.
pub fn export<T>(body: impl FnOnce() -> Result<T, PotError>) -> napi::Result<T> {
    attempt(body).map_err(|e| napi::Error::from_reason(e.to_json()))
}

/// Runs `body`; a panic is the error `NATIVE_PANIC`. What `body` was changing must not be used after that.
pub fn attempt<T>(body: impl FnOnce() -> Result<T, PotError>) -> Result<T, PotError> {
    cpu::check()?;
    // Nothing is printed: whoever catches the error decides where it is written.
    HOOK.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            let place = info.location().map_or_else(String::new, |l| format!(" ({}:{})", l.file(), l.line()));
            *latest() = (text(info.payload()), place);
        }));
    });
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
        let said = text(payload.as_ref());
        let latest = latest();
        let place = if latest.0 == said { &latest.1 } else { "" };
        Err(PotError::new("NATIVE_PANIC", format!("the prover panicked: {said}{place}")))
    })
}

fn text(payload: &(dyn Any + Send)) -> String {
    let plain = payload.downcast_ref::<&str>().map(|s| (*s).to_string());
    plain.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
}

fn latest() -> MutexGuard<'static, (String, String)> {
    LATEST.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::attempt;
    use crate::threads::Threads;
    use pot_proof_system::error::PotError;

    #[test]
    fn a_panic_is_an_error_that_says_what() {
        let e = attempt::<()>(|| panic!("row {} is missing", 7)).unwrap_err();
        assert_eq!(e.code, "NATIVE_PANIC");
        assert!(e.message.contains("row 7 is missing"), "{}", e.message);
        assert_eq!(attempt(|| Ok(1)), Ok(1));
    }

    #[test]
    fn also_on_another_thread() {
        let threads = Threads::new(2).unwrap();
        let body = || -> Result<(), PotError> {
            threads.run(|| rayon::scope(|s| s.spawn(|_| panic!("far away"))));
            Ok(())
        };
        let e = attempt(body).unwrap_err();
        assert_eq!(e.code, "NATIVE_PANIC");
        assert!(e.message.contains("far away"), "{}", e.message);
    }

    #[test]
    fn errors_pass() {
        let e = PotError::new("SPEC_INVALID", "no".into());
        assert_eq!(attempt::<()>(|| Err(e.clone())), Err(e));
    }
}
