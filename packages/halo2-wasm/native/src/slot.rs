//! What a JavaScript object holds: until it is freed, or a panic has left it half changed.

use crate::guard::attempt;
use pot_proof_system::error::PotError;
use std::cell::RefCell;

enum State<T> {
    Live(T),
    Freed,
    Poisoned,
}

pub struct Slot<T>(RefCell<State<T>>);

impl<T> Slot<T> {
    pub fn new(value: T) -> Self {
        Self(RefCell::new(State::Live(value)))
    }

    /// Runs one method. Errors: the method's; `NATIVE_PANIC`, then `NATIVE_POISONED`; `OBJECT_FREED`.
    pub fn with<R>(&self, method: impl FnOnce(&mut T) -> Result<R, PotError>) -> Result<R, PotError> {
        let mut state = self.0.borrow_mut();
        let result = match &mut *state {
            State::Live(value) => attempt(|| method(value)),
            State::Freed => Err(PotError::new("OBJECT_FREED", "this object was freed; make another one".into())),
            State::Poisoned => Err(PotError::new("NATIVE_POISONED", "an earlier call panicked; this object must not be used any more".into())),
        };
        if matches!(&result, Err(e) if e.code == "NATIVE_PANIC") {
            *state = State::Poisoned;
        }
        result
    }

    /// Drops the value now, not when JavaScript collects the object.
    pub fn free(&self) {
        *self.0.borrow_mut() = State::Freed;
    }
}

#[cfg(test)]
mod tests {
    use super::Slot;
    use pot_proof_system::error::PotError;

    fn code(slot: &Slot<u8>) -> &'static str {
        slot.with(|_| Ok(())).map_or_else(|e| e.code, |()| "none")
    }

    #[test]
    fn an_error_leaves_it_usable_and_a_panic_does_not() {
        let slot = Slot::new(1);
        assert_eq!(slot.with::<()>(|_| Err(PotError::new("ETA_RANGE", String::new()))).unwrap_err().code, "ETA_RANGE");
        assert_eq!(code(&slot), "none");
        assert_eq!(slot.with::<()>(|_| panic!("half way")).unwrap_err().code, "NATIVE_PANIC");
        assert_eq!(code(&slot), "NATIVE_POISONED");
    }

    #[test]
    fn freed_is_said() {
        let slot = Slot::new(1);
        slot.free();
        assert_eq!(code(&slot), "OBJECT_FREED");
    }
}
