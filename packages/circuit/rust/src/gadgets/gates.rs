//! Gates with named constraints, and what stands in them.

use super::algebra::{Algebra, E};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Challenge, Column, ConstraintSystem, Fixed, VirtualCells};
use halo2_axiom::poly::Rotation;

/// The gates of a circuit, which grow. Each constraint has a name, so that a failure of the mock prover says which.
pub struct Gates<'a>(pub &'a mut ConstraintSystem<Fr>);

/// A constraint by name: zero on every row.
pub type Named = (&'static str, E);

impl Gates<'_> {
    pub fn add(&mut self, name: &'static str, constraints: impl FnOnce(&mut VirtualCells<'_, Fr>) -> Vec<Named>) {
        self.0.create_gate(name, constraints);
    }
}

pub fn advice(v: &mut VirtualCells<'_, Fr>, column: Column<Advice>, rotation: i32) -> E {
    v.query_advice(column, Rotation(rotation))
}

pub fn fixed(v: &mut VirtualCells<'_, Fr>, column: Column<Fixed>) -> E {
    v.query_fixed(column, Rotation::cur())
}

/// A selector; 0 where no row has it, since a column of zeros would commit to the identity.
pub fn selector(v: &mut VirtualCells<'_, Fr>, column: Option<Column<Fixed>>) -> E {
    column.map_or_else(|| E::constant(Fr::zero()), |c| fixed(v, c))
}

pub fn challenge(v: &mut VirtualCells<'_, Fr>, challenge: Challenge) -> E {
    v.query_challenge(challenge)
}
