//! The scalar column: evaluations that accumulators end with, and the equations between them.

mod equations;
mod evaluations;
mod program;

pub use equations::{output_offset_bits, program, Exports, Source};
pub use program::{Lies, Program, Scalar};
