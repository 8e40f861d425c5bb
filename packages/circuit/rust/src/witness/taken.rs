//! Weights after a step that somebody else took, and what they deviate by.

use super::shared::{fill_limbs, weight_cells};
use super::Witness;
use crate::execute::Run as Executed;
use crate::gadgets::algebra::{centered, recompose, signed};
use halo2_axiom::halo2curves::bn256::Fr;

impl Witness {
    /// With these trained tensors, in their order, after a step that somebody else took: what they are more than `run` gives is looked
    /// up beside them. They fit their shapes.
    pub fn taken(mut self, run: &Executed<i128>, after: &[Vec<i128>]) -> Self {
        let parts = self.parts().clone();
        let updates = &parts.claims.updates;
        let number = |v: usize| updates.iter().position(|u| u.0 == v).expect("all that is trained moves");
        let given = weight_cells(&parts, 0, &|v| &after[number(v)]);
        let exact = weight_cells(&parts, 0, &|v| &run.values[updates[number(v)].1]);
        for m in &parts.layout.weights[0].matrices {
            fill_limbs(&parts, (0, m), &mut self.beside[0], |column, row| i128::from(given[column][row]) - i128::from(exact[column][row]));
        }
        self.after[0] = given.into_iter().map(|c| c.into_iter().map(|v| signed(v.into())).collect()).collect();
        self
    }

    /// What the limbs beside a cell of trained weights say that the one after the step deviates by.
    pub(super) fn deviation(&self, column: usize, row: usize) -> Fr {
        let (n, b) = (self.parts().layout.weights[0].beside(), self.parts().graph.formats().limb_bits);
        match n {
            0 => Fr::zero(),
            _ => centered(recompose(b, self.beside[0][column * n..][..n].iter().map(|c| signed(c[row].into())).collect()), b, n),
        }
    }
}
