//! Every way in which the two crates may differ, by name.

use super::alteration::Alteration;
use super::verdict::Verdicts;
use crate::spec::Cell;
use std::error::Error;
use std::fmt;

/// Who made a proof of the true witness.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Prover {
    Stock,
    Patched,
    /// The patched prover, given columns instead of a circuit.
    PatchedColumns,
    /// The same, given some of the columns' commitments too.
    PatchedKnownCommitments,
}

#[derive(Debug)]
pub enum Difference {
    /// The same circuit has two verifying keys, or two digests of one.
    VerifyingKey,
    /// A proof of the patched crate is not the stock one's, though witness and randomness are the same.
    ProofBytes {
        prover: Prover,
        /// The first element that differs; none where one proof begins as the other.
        element: Option<usize>,
        elements: usize,
        /// Whether the stock prover, asked again, makes its own proof again.
        stock_repeats: bool,
        has_lookups: bool,
    },
    /// A true proof is not accepted by both.
    TrueProofRefused {
        prover: Prover,
        verdicts: Verdicts,
    },
    AlteredProofAccepted {
        alteration: Alteration,
        verdicts: Verdicts,
    },
    /// Both refuse an altered proof, and for different reasons.
    AlteredProofVerdicts {
        alteration: Alteration,
        verdicts: Verdicts,
    },
    FalseProofAccepted {
        false_cell: Cell,
        prover: Prover,
        verdicts: Verdicts,
    },
    /// Both refuse the proof of a false witness, and for different reasons.
    FalseProofVerdicts {
        false_cell: Cell,
        prover: Prover,
        verdicts: Verdicts,
    },
    /// Of a false witness, too, both make the same proof.
    FalseProofBytes {
        false_cell: Cell,
    },
    /// A transform, division, evaluation, rotation or multi-scalar multiplication has two results.
    Number {
        k: u32,
        seed: u64,
        name: String,
    },
    /// One crate computes more numbers than the other.
    NumberCount {
        k: u32,
        seed: u64,
        stock: usize,
        patched: usize,
    },
    /// The patched crate's evaluation from values is not the one from coefficients.
    Barycentric {
        k: u32,
    },
    /// A prover, a key or a computation panicked. (Where a verifier panics, that is its verdict.)
    Panicked {
        message: String,
    },
}

impl Difference {
    /// What a report line begins with.
    fn name(&self) -> &'static str {
        match self {
            Self::VerifyingKey => "VerifyingKey",
            Self::ProofBytes { .. } => "ProofBytes",
            Self::TrueProofRefused { .. } => "TrueProofRefused",
            Self::AlteredProofAccepted { .. } => "AlteredProofAccepted",
            Self::AlteredProofVerdicts { .. } => "AlteredProofVerdicts",
            Self::FalseProofAccepted { .. } => "FalseProofAccepted",
            Self::FalseProofVerdicts { .. } => "FalseProofVerdicts",
            Self::FalseProofBytes { .. } => "FalseProofBytes",
            Self::Number { .. } => "Number",
            Self::NumberCount { .. } => "NumberCount",
            Self::Barycentric { .. } => "Barycentric",
            Self::Panicked { .. } => "Panicked",
        }
    }
}

impl Error for Difference {}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: ", self.name())?;
        match self {
            Self::VerifyingKey => write!(out, "the verifying keys or their digests differ"),
            Self::ProofBytes { prover, element, elements, stock_repeats, has_lookups } => {
                write!(out, "the proof {prover} is not the stock one: ")?;
                match element {
                    Some(element) => write!(out, "element {element} of {elements} is the first that differs")?,
                    None => write!(out, "its length is another")?,
                }
                let repeats = if *stock_repeats { "repeats" } else { "does not repeat" };
                let has = if *has_lookups { "has" } else { "has no" };
                write!(out, "; the stock prover {repeats} its own; the circuit {has} lookups")
            }
            Self::TrueProofRefused { prover, verdicts } => write!(out, "of the proof {prover}: {verdicts}"),
            Self::AlteredProofAccepted { alteration, verdicts } | Self::AlteredProofVerdicts { alteration, verdicts } => {
                write!(out, "with {alteration}: {verdicts}")
            }
            Self::FalseProofAccepted { false_cell, prover, verdicts } | Self::FalseProofVerdicts { false_cell, prover, verdicts } => {
                write!(out, "{false_cell} is false in the proof {prover}: {verdicts}")
            }
            Self::FalseProofBytes { false_cell } => write!(out, "the proofs differ where {false_cell} is false"),
            Self::Number { k, seed, name } => write!(out, "2^{k} rows, seed {seed}: {name}"),
            Self::NumberCount { k, seed, stock, patched } => {
                write!(out, "2^{k} rows, seed {seed}: {stock} of the stock crate, {patched} of the patched one")
            }
            Self::Barycentric { k } => write!(out, "2^{k} rows: the evaluation from values is not that from coefficients"),
            Self::Panicked { message } => write!(out, "{message}"),
        }
    }
}

impl fmt::Display for Prover {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Stock => "of the stock prover",
            Self::Patched => "of the patched prover",
            Self::PatchedColumns => "of the patched prover from columns",
            Self::PatchedKnownCommitments => "of the patched prover from columns and known commitments",
        })
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "row {} of column {}", self.row, self.column)
    }
}
