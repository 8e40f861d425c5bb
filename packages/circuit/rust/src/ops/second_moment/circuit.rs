//! The average's cells. `v' + within = s^2 + over` has no limbs of its own: `over = 2 o + c` and `2 s - over = 2 u + c` with o and u in limbs
//! and c 0 or 1, so that s = o + u + c, and 0 <= over <= 2 s: s is the root of `v' + within`. The gradient stands beside, in no lookup.

use super::super::unit::{Cells, Executed, Number, Relation, Unit, Zero};
use super::{extra, SecondMoment};
use crate::gadgets::algebra::{int, pow2, Algebra};
use crate::number::root;
use crate::tensor::{Facts, Formats};
use halo2_axiom::halo2curves::bn256::Fr;

const GRADIENT: usize = 0;
const PARITY: usize = 1;

impl SecondMoment {
    /// The inputs are v and the gradient. That of v is its relation over the factor: in the field, where integers below 2^252 that
    /// are equal are equal.
    pub(crate) fn relation<A: Algebra>(&self, cells: Cells<'_, A>, inputs: &[Facts], formats: &Formats) -> Relation<A> {
        let [over, under, rest] = [0, 1, 2].map(|i| cells.numbers[i].clone());
        let (g, c) = (cells.plain[GRADIENT].clone(), cells.plain[PARITY].clone());
        let (b, x) = (formats.limb_bits, extra(&inputs.iter().collect::<Vec<_>>()).unwrap_or(0));
        let root = over.clone() + under + c.clone();
        let mut average = root.clone() * root.clone() + int::<A>(2) * over + c.clone();
        // Where it is 0 nothing is subtracted, so that the key says nothing of it.
        if self.within > 0 {
            average = average - int(self.within.into());
        }
        let weight: A = (pow2::<A>(b) - int(self.factor.into())) * pow2(2 * x);
        let left = average.clone() * pow2(b) + rest - pow2(b - 1) - weight * g.clone() * g.clone();
        let inverse = A::constant(Fr::from(self.factor).invert().expect("a factor is not 0"));
        let zero = vec![Zero::each("the parity is 0 or 1", c.clone() * (c - int(1)))];
        Relation { zero, inputs: vec![left * inverse, g], output: average, lent: Some(root) }
    }
}

impl SecondMoment {
    /// Root, and what is over it, where the average is 0.
    fn of_nothing(&self) -> [i128; 2] {
        let root = root(self.within.into()) as i128;
        [root, i128::from(self.within) - root * root]
    }
}

impl Unit for SecondMoment {
    fn numbers(&self, _: &[Facts], formats: &Formats) -> Vec<Number> {
        let long = ((formats.long_bits() + 1) / formats.limb_bits) as usize;
        let number = |name, limbs| Number { name, limbs };
        vec![number("half over root", long), number("half under root", long), number("second moment's remainder", 1)]
    }

    fn entry(&self, executed: Option<Executed>, _: &[Facts], formats: &Formats) -> Vec<i128> {
        let [root, over, rest] = match executed {
            Some(e) => [1, 2, 3].map(|i: usize| e.cells[i].1[e.entry]),
            None => {
                let [root, over] = self.of_nothing();
                [root, over, 1 << (formats.limb_bits - 1)]
            }
        };
        let half = over.div_euclid(2);
        vec![half, root - half - over.rem_euclid(2), rest]
    }

    fn plain(&self) -> &'static [&'static str] {
        &["gradient", "parity"]
    }

    fn plain_cells(&self, executed: Option<Executed>) -> Vec<i128> {
        executed.map_or(vec![0, self.of_nothing()[1].rem_euclid(2)], |e| vec![e.cells[0].1[e.entry], e.cells[2].1[e.entry].rem_euclid(2)])
    }
}
