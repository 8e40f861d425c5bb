//! How windows follow a previous aggregate and each other.

use super::ivc::Window;
use super::logic::{assert_equal_if, select};
use super::state::State;
use super::tree::Tree;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_chip::{Builder, Cell};

/// What the statement names of a run, where no window has it: what the prover says, the same all along the chain.
pub struct Named<'a> {
    /// None where windows have digests of their own.
    pub tree: Option<&'a Tree>,
    pub eta: Fr,
    pub base: Fr,
    pub dataset_root: Fr,
    pub depth: Fr,
}

/// A number of the prover's that is the previous aggregate's, if there is one.
fn carried(b: &mut Builder, recursive: Cell, value: Fr, before: Cell) -> Cell {
    let cell = b.witness(value);
    assert_equal_if(b, recursive, cell, before);
    cell
}

/// The state after the windows: they continue the previous aggregate, if there is one, and each other.
/// `start`: the schedule's hash before any window.
pub fn follow(b: &mut Builder, before: &State<Cell>, recursive: Cell, active: &[Cell], named: &Named, start: Fr, windows: &[Window]) -> State<Cell> {
    let first = &windows[0];
    first.assert_continues(b, recursive, before);
    let (dataset_root, depth) = match named.tree {
        Some(tree) => {
            assert_equal_if(b, recursive, tree.root, before.dataset_root);
            assert_equal_if(b, recursive, tree.depth, before.depth);
            (tree.root, tree.depth)
        }
        None => (carried(b, recursive, named.dataset_root, before.dataset_root), carried(b, recursive, named.depth, before.depth)),
    };
    let eta = first.eta.unwrap_or_else(|| carried(b, recursive, named.eta, before.eta));
    let base = first.base.unwrap_or_else(|| carried(b, recursive, named.base, before.base));
    // Of a chain that begins here: no prover chooses it.
    let start = b.constant(start);
    let mut state = State {
        run_id: first.run_id,
        eta,
        first_step: select(b, recursive, before.first_step, first.first_step),
        end_step: first.first_step,
        weights_in: select(b, recursive, before.weights_in, first.weights_in),
        weights_out: first.weights_in,
        dataset_root,
        schedule: select(b, recursive, before.schedule, start),
        base,
        depth,
    };
    for (i, window) in windows.iter().enumerate() {
        if i > 0 {
            window.assert_continues(b, active[i], &state);
            window.assert_same_points(b, active[i], &windows[i - 1]);
        }
        state = window.apply(b, active[i], &state);
    }
    state
}
