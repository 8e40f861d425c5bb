//! LeakyReLU: x, or `round(alpha x)` where it is not positive, by a mask and a multiplication.

use super::super::operator::{Call, Output};
use super::super::ranges::of;
use super::super::round::circuit::half;
use super::super::unit::{Cells, Executed, Number, Relation, Zero};
use super::Activation;
use crate::gadgets::algebra::{int, pow2, Algebra};
use crate::number;
use crate::tensor::{Facts, Formats};

const U: usize = 0;
const PRODUCT: usize = 1;
const REST: usize = 2;
const R: usize = 3;

/// u, by which `z = u + 1` where it is positive, else `z = -u`.
fn size(z: i128, positive: bool) -> i128 {
    if positive {
        z - 1
    } else {
        -z
    }
}

impl Activation {
    /// `alpha u = 2^b product + rest - 2^(b-1) + 1`: so that -product is `alpha z` rounded, halves up.
    pub(super) fn leaky<N: number::Number>(&self, call: &Call<N>, z: &[i128], r: &[i128]) -> Output<N> {
        let b = call.formats.limb_bits;
        let [mask, lie] = ["mask", "product"].map(|rule| call.broken(rule, z.len()));
        let [mut values, mut products, mut rests] = [(); 3].map(|()| Vec::with_capacity(z.len()));
        for (i, z) in z.iter().enumerate() {
            let positive = (*z > 0) != (mask == Some(i));
            let scaled = i128::from(self.alpha) * size(*z, positive) + (1 << (b - 1)) - 1;
            let product = (scaled >> b) + i128::from(lie == Some(i));
            values.push(if positive { *z } else { -product });
            products.push(product);
            rests.push(scaled - (product << b));
        }
        let positive: Vec<i128> = (0..z.len()).map(|i| i128::from((z[i] > 0) != (mask == Some(i)))).collect();
        let cells = [("z", z.to_vec()), ("r", r.to_vec()), ("product", products), ("rest", rests), ("positive", positive)];
        Output { values: of(&values), cells: cells.into_iter().map(|(name, v)| (name, of(&v))).collect() }
    }

    pub(super) fn leaky_numbers(shift: u32, formats: &Formats) -> Vec<Number> {
        let number = |name, limbs| Number { name, limbs };
        let remainder = (shift / formats.limb_bits) as usize;
        vec![number("size", 2), number("product", 2), number("product's remainder", 1), number("remainder", remainder)]
    }

    pub(super) fn leaky_entry(executed: Option<Executed>, shift: u32, formats: &Formats) -> Vec<i128> {
        let Some(e) = executed else { return vec![0, 0, (1 << (formats.limb_bits - 1)) - 1, if shift == 0 { 0 } else { 1 << (shift - 1) }] };
        let [z, r, product, rest, positive] = [0, 1, 2, 3, 4].map(|i| e.cells[i].1[e.entry]);
        vec![size(z, positive == 1), product, rest, r << e.lift]
    }

    pub(super) fn leaky_relation<A: Algebra>(&self, cells: Cells<'_, A>, inputs: &[Facts], formats: &Formats) -> Relation<A> {
        let (b, shift) = (formats.limb_bits, inputs[0].bits - self.bits);
        let [u, product, rest, r] = [U, PRODUCT, REST, R].map(|i| cells.numbers[i].clone());
        let m = cells.plain[0].clone();
        let alpha = || int::<A>(self.alpha.into());
        let up = u.clone() + int(1);
        let z = m.clone() * (up.clone() + u.clone()) - u.clone();
        let scaled = alpha() * u + half::<A>(b) - int(1);
        let zero = vec![
            Zero::each("the mask is 0 or 1", m.clone() * (m.clone() - int(1))),
            Zero::each("the product", scaled - product.clone() * pow2(b) - rest),
        ];
        let output = m.clone() * (up + product.clone()) - product;
        let lent = Some(m * (pow2::<A>(b) - alpha()) + alpha());
        Relation { zero, inputs: vec![z * pow2(shift) + r - half(shift)], output, lent }
    }
}
