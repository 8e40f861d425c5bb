//! Blocks: slopes, links of one block to the next, tangents, loaded points, the curve's equation.

use super::{adv, horner, int, E};
use crate::block::{t_cell, Gate, LimbPlace, CARRIES, HEIGHT, M, NEXT, ORIGIN, QUOTIENTS, SIGN, SLOPE};
use crate::cell::LIMBS;
use crate::config::ChipConfig;
use crate::limbs::{modulus_limbs, CARRY_OFFSET_BITS, LIMB_BITS, OFFSET_BIT};
use ff::{Field, PrimeField};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{ConstraintSystem, VirtualCells};

type Vector = [E; LIMBS];

/// A constraint with its name, which a failure of the mock prover says.
type Named = (&'static str, E);

fn zip(a: &Vector, b: &Vector, f: impl Fn(E, E) -> E) -> Vector {
    std::array::from_fn(|i| f(a[i].clone(), b[i].clone()))
}

fn sub(a: &Vector, b: &Vector) -> Vector {
    zip(a, b, |a, b| a - b)
}

fn scale(a: &Vector, s: &E) -> Vector {
    a.clone().map(|a| a * s.clone())
}

/// With the offset 2^254 taken off.
fn centred(mut a: Vector) -> Vector {
    a[LIMBS - 1] = a[LIMBS - 1].clone() - int(1 << OFFSET_BIT);
    a
}

fn radix() -> E {
    int(1 << LIMB_BITS)
}

/// The number modulo r.
fn native(a: &Vector) -> E {
    horner(&radix(), a.clone())
}

/// A number as the native check and the check by limbs see it.
struct Number {
    native: E,
    coefficients: [E; 6],
}

impl Number {
    fn linear(a: &Vector) -> Self {
        Self { native: native(a), coefficients: std::array::from_fn(|d| a.get(d).cloned().unwrap_or(int(0))) }
    }
    fn product(a: &Vector, b: &Vector) -> Self {
        let coefficient = |d: usize| {
            let low = d.saturating_sub(LIMBS - 1);
            (low..=d.min(LIMBS - 1)).map(|i| a[i].clone() * b[d - i].clone()).reduce(|a, b| a + b).expect("not empty")
        };
        Self { native: native(a) * native(b), coefficients: std::array::from_fn(coefficient) }
    }
    fn sub(self, other: Self) -> Self {
        let mut rest = other.coefficients.into_iter();
        Self { native: self.native - other.native, coefficients: self.coefficients.map(|a| a - rest.next().expect("as many")) }
    }
    fn add(self, other: Self) -> Self {
        let mut rest = other.coefficients.into_iter();
        Self { native: self.native + other.native, coefficients: self.coefficients.map(|a| a + rest.next().expect("as many")) }
    }

    /// Constraints of `self = q t`: modulo r, and modulo 2^306 in two groups of three limbs.
    fn multiple_of_q(self, flag: &E, t: &Vector, carries: &[E; 2]) -> Vec<Named> {
        let q = modulus_limbs().map(|v| int(u128::from(v)));
        let rest = self.sub(Number::product(&q, t));
        let [s0, s1, s2, s3, s4, s5] = rest.coefficients;
        let carry_radix = E::Constant(Fr::from(1 << LIMB_BITS).pow_vartime([3]));
        let low = horner(&radix(), [s0, s1, s2]) - carries[0].clone() * carry_radix.clone();
        let high = carries[0].clone() + horner(&radix(), [s3, s4, s5]) - carries[1].clone() * carry_radix;
        vec![("modulo r", flag.clone() * rest.native), ("limbs 0 to 2", flag.clone() * low), ("limbs 3 to 5", flag.clone() * high)]
    }
}

/// What the gates of a block read. Rows are counted from the block's first; `before` is the block above.
struct Block {
    first_quotient: Vector,
    second_quotient: Vector,
    first_carries: [E; 2],
    second_carries: [E; 2],
    slope: Vector,
    next: Vector,
    x: Vector,
    y: Vector,
    extra: [E; 2],
    sign: E,
    slope_before: Vector,
    next_before: Vector,
    x_before: Vector,
    y_before: Vector,
    sign_before: E,
}

impl Block {
    fn read(c: &ChipConfig, v: &mut VirtualCells<'_, Fr>) -> Self {
        // Rows are counted from the block's origin, those of the block above with `-HEIGHT`.
        let mut limbs = |places: [LimbPlace; LIMBS], rows: i32| places.map(|(lane, row)| adv(v, c.l[lane], row + rows - ORIGIN));
        let [first_quotient, second_quotient] = QUOTIENTS.map(|places| limbs(places, 0));
        let (slope, next) = (limbs(SLOPE, 0), limbs(NEXT, 0));
        let (slope_before, next_before) = (limbs(SLOPE, -HEIGHT), limbs(NEXT, -HEIGHT));
        let mut copy = |cell: usize, rows: i32| {
            let (column, row) = t_cell(cell);
            adv(v, c.t[column], row + rows - ORIGIN)
        };
        let mut coordinate = |first: usize, rows: i32| -> Vector { std::array::from_fn(|j| copy(first + j, rows)) };
        let (x, y) = (coordinate(0, 0), coordinate(LIMBS, 0));
        let (x_before, y_before) = (coordinate(0, -HEIGHT), coordinate(LIMBS, -HEIGHT));
        let (m, sign, sign_before) = (copy(M, 0), copy(SIGN, 0), copy(SIGN, -HEIGHT));
        let mut carry = |(lane, row): LimbPlace, high: usize| {
            let offset = E::Constant(Fr::from_u128(1 << CARRY_OFFSET_BITS));
            adv(v, c.l[lane], row - ORIGIN) + adv(v, c.a[high], 0) * radix() - offset
        };
        let first_carries = [carry(CARRIES[0][0], 0), carry(CARRIES[0][1], 1)];
        let second_carries = [carry(CARRIES[1][0], 2), carry(CARRIES[1][1], 3)];
        Self {
            first_quotient: centred(first_quotient),
            second_quotient: centred(second_quotient),
            first_carries,
            second_carries,
            slope,
            next,
            x,
            y,
            extra: [m, sign.clone()],
            sign,
            slope_before,
            next_before,
            x_before,
            y_before,
            sign_before,
        }
    }
}

impl ChipConfig {
    pub(super) fn curve_gates(&self, cs: &mut ConstraintSystem<Fr>) {
        cs.create_gate("slope^2 = x + x_T + x'", |v| {
            let (q, b) = (self.block(v, Gate::Slope), Block::read(self, v));
            let slope = centred(b.slope);
            let sum = zip(&zip(&b.next_before, &b.x, |a, b| a + b), &b.next, |a, b| a + b);
            let e = Number::product(&slope, &slope).sub(Number::linear(&sum));
            e.multiple_of_q(&q, &b.first_quotient, &b.first_carries)
        });
        cs.create_gate("both blocks give the same y", |v| {
            let (q, load, b) = (self.block(v, Gate::Link), self.has(v, Gate::Load), Block::read(self, v));
            let before = Number::product(&centred(b.slope_before), &sub(&b.x_before, &b.next_before));
            let after = Number::product(&centred(b.slope), &sub(&b.x, &b.next_before));
            // A loaded point's sign is -1, so that the block after it finds its y; here y is meant as it is.
            let own = scale(&b.y, &(b.sign + int(2) * load.clone()));
            let explicit = zip(&scale(&b.y_before, &b.sign_before), &own, |a, b| a + b);
            let e = before.add(after).sub(Number::linear(&explicit));
            let mut out = e.multiple_of_q(&q, &b.second_quotient, &b.second_carries);
            out.extend(sub(&b.x, &b.next_before).map(|d| ("a loaded point's x is the sum's", q.clone() * load.clone() * d)));
            out
        });
        cs.create_gate("slope (2y - q) = 3x (x - q)", |v| {
            let (q, b) = (self.block(v, Gate::Tangent), Block::read(self, v));
            let modulus = modulus_limbs().map(|v| int(u128::from(v)));
            let rise = Number::product(&b.x.clone().map(|x| int(3) * x), &sub(&b.x, &modulus));
            let run = zip(&b.y, &modulus, |y, q| int(2) * y - q);
            let e = Number::product(&centred(b.slope), &run).sub(rise);
            e.multiple_of_q(&q, &b.second_quotient, &b.second_carries)
        });
        cs.create_gate("T holds a point of range-checked limbs", |v| {
            let (q, b) = (self.block(v, Gate::Load), Block::read(self, v));
            let (x, y) = (sub(&b.x, &b.next), sub(&b.y, &b.slope));
            let named = x.map(|d| ("a limb of x", d)).into_iter().chain(y.map(|d| ("a limb of y", d)));
            named.map(|(name, d)| (name, q.clone() * d)).collect::<Vec<_>>()
        });
        self.point_gates(cs);
    }

    /// `y^2 = x^3 + 3`, both coordinates below q, and what they are modulo r.
    fn point_gates(&self, cs: &mut ConstraintSystem<Fr>) {
        cs.create_gate("a point of the curve", |v| {
            let (q, b) = (self.block(v, Gate::Curve), Block::read(self, v));
            let u = b.slope;
            let square = Number::product(&b.x, &b.x).sub(Number::linear(&u));
            let mut out = square.multiple_of_q(&q, &b.first_quotient, &b.first_carries);
            let three: Vector = std::array::from_fn(|i| int(if i == 0 { 3 } else { 0 }));
            let cube = Number::product(&b.y, &b.y).sub(Number::product(&u, &b.x)).sub(Number::linear(&three));
            out.extend(cube.multiple_of_q(&q, &b.second_quotient, &b.second_carries));
            out
        });
        cs.create_gate("coordinates below q", |v| {
            let (q, b) = (self.block(v, Gate::Curve), Block::read(self, v));
            // q - 1 - x and q - 1 - y are the limbs of the block above: equal modulo r and modulo 2^51, hence equal.
            let mut last = modulus_limbs().map(u128::from);
            last[0] -= 1;
            let last = last.map(int);
            let mut out = vec![];
            for (coordinate, rest) in [(&b.x, &b.next_before), (&b.y, &b.slope_before)] {
                let difference = sub(&zip(coordinate, rest, |a, b| a + b), &last);
                let low = difference[0].clone();
                out.push(("the difference modulo r", q.clone() * native(&difference)));
                out.push(("the difference modulo 2^51", q.clone() * low.clone() * (low - radix())));
            }
            out
        });
        cs.create_gate("coordinates modulo r", |v| {
            let (q, b) = (self.block(v, Gate::Curve), Block::read(self, v));
            // The random point's x is the challenge and an index.
            let (random, rho) = (self.has(v, Gate::Random), v.query_challenge(self.rho));
            let [x, y] = b.extra;
            vec![("x modulo r", q.clone() * (x + random * rho - native(&b.x))), ("y modulo r", q * (y - native(&b.y)))]
        });
    }
}
