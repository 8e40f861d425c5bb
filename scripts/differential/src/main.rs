//! Compares the stock halo2-axiom with the patched one. Random circuits have the same keys and the same proofs, byte for
//! byte; each verifier accepts the other's proofs; altered proofs and proofs of false witnesses are refused alike; the
//! functions that the prover is made of compute the same. Nothing is said of what no circuit here has.
//!
//! Ends with 0 where nothing differs, 1 where something does, 2 where the arguments are wrong.

// `side` is compiled twice, against each crate: that is what it is for.
#![allow(clippy::duplicate_mod)]

mod arguments;
mod compare;
mod spec;
mod with_patched;
mod with_stock;

use arguments::{Arguments, Work, USAGE};
use std::process::ExitCode;

const DIFFERENT: u8 = 1;
const WRONG_ARGUMENTS: u8 = 2;

fn main() -> ExitCode {
    let given = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    let arguments = match Arguments::parse(given) {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("differential: {error}\n{USAGE}");
            return ExitCode::from(WRONG_ARGUMENTS);
        }
    };
    if !arguments.trace {
        // Panics are caught and reported; their place in the code is noise beside that.
        std::panic::set_hook(Box::new(|_| {}));
    }
    let differing = match arguments.work {
        Work::Circuits(seeds) => compare::compare_circuits(seeds),
        Work::Numbers => compare::compare_numbers(),
    };
    if differing == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(DIFFERENT)
    }
}
