//! The quotient's cells, in the block of the second moment whose root it takes: `2^(f + x + 1) m + D = 2 D U + rest`,
//! `rest + room = 2 D - 1`.

use super::super::unit::{Executed, Number, Relation, Unit, Zero};
use super::{extra, Ratio};
use crate::gadgets::algebra::{int, pow2, power_of_two, Algebra};
use crate::tensor::{Facts, Formats};

impl Ratio {
    /// # Panics
    ///
    /// Where no unit of the block has a root: a graph's ratios are by those of second moments.
    pub(crate) fn relation<A: Algebra>(&self, numbers: &[A], inputs: &[Facts], formats: &Formats, host: Option<&Relation<A>>) -> Relation<A> {
        let root = host.and_then(|h| h.lent.clone()).expect("a second moment has a root");
        let [ratio, rest, room] = [0, 1, 2].map(|i| numbers[i].clone());
        let ratio = ratio - pow2(formats.ratio_bits());
        let divisor = root + int(self.epsilon.into());
        let twice = int::<A>(2) * divisor.clone();
        let shift = self.bits + extra(&inputs.iter().collect::<Vec<_>>()).unwrap_or(0) + 1;
        let inverse = A::constant(power_of_two(shift).invert().expect("a power of two is not 0"));
        let moment = (twice.clone() * ratio.clone() + rest.clone() - divisor) * inverse;
        let zero = vec![Zero::each("the remainder is below the divisor", rest + room + int(1) - twice)];
        Relation { zero, inputs: vec![moment], output: ratio, lent: None }
    }
}

impl Unit for Ratio {
    fn shares(&self, input: usize) -> bool {
        input == 1
    }

    fn numbers(&self, _: &[Facts], formats: &Formats) -> Vec<Number> {
        let number = |name, bits: u32| Number { name, limbs: ((bits + 1) / formats.limb_bits) as usize };
        let (narrow, long) = (formats.ratio_bits(), formats.long_bits());
        vec![number("ratio", narrow), number("ratio's remainder", long), number("ratio's room", long)]
    }

    fn entry(&self, executed: Option<Executed>, _: &[Facts], formats: &Formats) -> Vec<i128> {
        let divisor = self.divisor(0);
        let of = |e: Executed| [e.values[e.entry], e.cells[0].1[e.entry], e.cells[1].1[e.entry]];
        let [ratio, rest, room] = executed.map_or([0, divisor, divisor - 1], of);
        vec![ratio + (1 << formats.ratio_bits()), rest, room]
    }
}
