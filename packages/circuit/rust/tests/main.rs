//! All integration tests, in one binary: pot-sgd is linked once.

mod common;

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
mod optimizers;
mod parity;
mod shapes;
mod statement;
mod taken;
mod windows;
