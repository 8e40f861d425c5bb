//! All integration tests, in one binary: pot-sgd is linked once.

mod common;

mod activations;
mod adapters;
mod api;
mod bounds;
mod circuit;
mod execute;
mod faults;
mod forward;
mod fuzz;
mod gradients;
mod independent;
mod json;
mod limits;
mod losses;
mod optimizers;
mod parity;
mod predicates;
mod shapes;
mod statement;
mod taken;
mod trees;
mod windows;
