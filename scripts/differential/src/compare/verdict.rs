//! What the two verifiers say of one proof.

use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    Accepted,
    ConstraintsFail,
    OpeningFails,
    Unreadable,
    OtherError,
    Panicked,
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Accepted => "accepts",
            Self::ConstraintsFail => "says that the constraints fail",
            Self::OpeningFails => "says that the opening fails",
            Self::Unreadable => "says that the proof cannot be read",
            Self::OtherError => "ends with another error",
            Self::Panicked => "panics",
        })
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Verdicts {
    pub stock: Verdict,
    pub patched: Verdict,
}

impl Verdicts {
    pub fn both_accept(self) -> bool {
        self.stock == Verdict::Accepted && self.patched == Verdict::Accepted
    }

    pub fn any_accepts(self) -> bool {
        self.stock == Verdict::Accepted || self.patched == Verdict::Accepted
    }

    pub fn are_alike(self) -> bool {
        self.stock == self.patched
    }
}

impl fmt::Display for Verdicts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the stock verifier {}, the patched one {}", self.stock, self.patched)
    }
}
