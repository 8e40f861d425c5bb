//! All integration tests, in one binary: pot-sgd is linked once.

mod common;

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
mod parity;
mod shapes;
<<<<<<< HEAD
mod statement;
=======
mod windows;
>>>>>>> 7730231 (Windows of several steps: gradients unrolled, weights between steps are sums in the scalar column; a planner that counts what pot-sgd's counts)
