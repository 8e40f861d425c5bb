//! Column F: arithmetic, digits of scalars, constants and public inputs.

use super::{adv, fix, int, E};
use crate::config::ChipConfig;
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::ConstraintSystem;
use halo2_axiom::poly::Rotation;

impl ChipConfig {
    pub(super) fn native_gates(&self, cs: &mut ConstraintSystem<Fr>) {
        cs.create_gate("f0 + f1 f2 = f3", |v| {
            let q = self.arithmetic(v, self.fx.flex);
            let [a, b, c, d] = [0, 1, 2, 3].map(|i| adv(v, self.f, i));
            vec![q * (a + b * c - d)]
        });
        cs.create_gate("one more signed odd digit", |v| {
            let q = self.arithmetic(v, self.fx.digit);
            let [z, m, s, next] = [0, 1, 2, 3].map(|i| adv(v, self.f, i));
            let square = s.clone() * s.clone() - int(1);
            vec![("sixteen times, and the digit", q.clone() * (int(16) * z + s * (int(2) * m + int(1)) - next)), ("the sign is 1 or -1", q * square)]
        });
        cs.create_gate("constants and public inputs", |v| {
            let (q, constant) = (self.base(v) * fix(v, self.fx.is_constant, 0), fix(v, self.fx.constant, 0));
            let cell = adv(v, self.f, 0);
            let public: E = v.query_instance(self.instance, Rotation::cur());
            if self.fx.base.is_none() {
                return vec![("a constant or a public input", q * (cell - constant - public))];
            }
            // Only in rows of public inputs, which lie above all logical ones, is it neither 0 nor 1.
            let base = self.base(v);
            vec![("a constant", q * (cell.clone() - constant)), ("a public input", base.clone() * (base - int(1)) * (cell - public))]
        });
    }
}
