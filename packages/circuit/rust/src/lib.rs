//! The operator graph: a network as data, of which circuit, executor and gradients are made (docs/operators/graph.md).
//!
//! A graph has tensors (what is given) and nodes (an operator each). Operators are *forms*, which are (bi)linear, and *units*, which
//! round, choose or look up and have exactly one valid output for an input. Numbers are integers with a number of fractional bits. A graph
//! has a circuit, and proofs of inference and of steps of training (`prove`, docs/protocol/graph-proof.md).
//!
//! ```
//! use pot_circuit::{autodiff, execute, graph::Graph};
//!
//! // y = round(x w), trained by the mean squared error.
//! let graph = Graph::from_json(concat!(
//!     r#"{"version":1,"limbBits":12,"tableBits":12,"tensors":["#,
//!     r#"{"name":"x","role":"data","shape":[1,1],"bits":8},{"name":"y","role":"label","shape":[1,1],"bits":8},"#,
//!     r#"{"name":"w","role":"trained","shape":[1,1],"bits":36}],"nodes":["#,
//!     r#"{"name":"raw","op":"matmul","inputs":["x","w"],"attributes":{"transposeA":false,"transposeB":false}},"#,
//!     r#"{"name":"z","op":"round","inputs":["raw"],"attributes":{"bits":8,"gradientBits":14,"range":"half"}},"#,
//!     r#"{"name":"loss","op":"mean_squared_error","inputs":["z","y"],"attributes":{"gradientBits":14}}],"outputs":["loss"]}"#
//! ))?;
//! let training = autodiff::training(&graph, 14)?;
//! // w = 0.5, x = 2, y = 0.75, eta = 0.1: z = 1, the gradient (z - y) x = 0.5.
//! let run = execute::run(&training.graph, &[vec![512i128], vec![192], vec![1 << 35], vec![1638]], None)?;
//! assert_eq!(run.values[training.updates[0].1], [(1 << 35) - 1638 * (64 << 6) * 512]);
//! # Ok::<(), pot_proof_system::error::PotError>(())
//! ```

pub mod api;
pub mod autodiff;
pub mod bound;
pub mod circuit;
pub mod claims;
pub mod cost;
mod error;
pub mod execute;
pub mod front;
pub mod gadgets;
pub mod graph;
pub mod layout;
pub mod limits;
pub mod number;
pub mod ops;
pub mod optimizer;
pub mod plan;
pub mod prove;
pub mod scalar;
pub mod statement;
pub mod taken;
pub mod tensor;
pub mod witness;
