//! Points: free, fixed, taken apart and put together.

use super::range::{bits_of, power_of_two};
use super::Builder;
use crate::block::{Kind, Source, M, SIGN};
use crate::cell::{Cell, Place, Point, LIMBS, POINT_LIMBS};
use crate::limbs::{of_fq, split, LIMB_BITS};
use ff::Field;
use group::prime::PrimeCurveAffine;
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_axiom::halo2curves::CurveAffine;
pub(crate) use pot_proof_system::transcript::native;

pub(crate) fn limbs_of(p: &G1Affine) -> [u64; POINT_LIMBS] {
    let [x, y] = [p.x, p.y].map(|v| split(&of_fq(&v)).expect("below q"));
    std::array::from_fn(|i| if i < LIMBS { x[i] } else { y[i - LIMBS] })
}

impl Builder {
    /// The point, or the generator and a refusal where it is none.
    fn valid(&mut self, p: G1Affine) -> G1Affine {
        if bool::from(p.is_on_curve()) && !bool::from(p.is_identity()) {
            return p;
        }
        self.refuse("CHIP_POINT", "a point is not on the curve, or the identity".into());
        G1Affine::generator()
    }

    /// Copies ten limbs into a block's T.
    pub(crate) fn copy_limbs(&mut self, block: u32, limbs: &[Place; POINT_LIMBS]) {
        for (cell, limb) in (0..).zip(limbs) {
            let place = self.wide(block, cell);
            self.copies.push((place, *limb));
        }
    }

    /// Places of a block's ten limbs.
    pub(crate) fn limb_places(&self, block: u32) -> [Place; POINT_LIMBS] {
        std::array::from_fn(|i| self.wide(block, i as u32))
    }

    /// Requires that the limbs are canonical coordinates of a point on the curve. Returns the block that checks it.
    pub(crate) fn check_point(&mut self, source: Source, limbs: &[Place; POINT_LIMBS]) -> u32 {
        self.block(Kind::Rest(source), 0, 0);
        let curve = self.block(Kind::Curve(source), 0, 0);
        self.copy_limbs(curve, limbs);
        curve
    }

    /// A point of which these limbs, range-checked elsewhere, are the coordinates: checked, and with its native coordinates.
    pub(crate) fn checked_point(&mut self, p: G1Affine, limbs: [Place; POINT_LIMBS]) -> Point {
        let curve = self.check_point(Source::Known(p), &limbs);
        let [x, y] = [p.x, p.y].map(|v| self.witness(native(&v)));
        for (to, cell) in [(M, x), (SIGN, y)] {
            let place = self.wide(curve, to as u32);
            self.copies.push((place, cell.place));
        }
        let values = limbs_of(&p);
        let limbs = std::array::from_fn(|i| Cell { value: Fr::from(values[i]), place: limbs[i] });
        Point { value: p, x, y, limbs }
    }

    /// A free point: on the curve, its coordinates below the modulus. Never the identity.
    pub fn point(&mut self, p: G1Affine) -> Point {
        let p = self.valid(p);
        let block = self.block(Kind::Load(Source::Known(p)), 0, 0);
        self.checked_point(p, self.limb_places(block))
    }

    /// A point that the circuit fixes, not the identity. The same point gives the same cells.
    pub fn constant_point(&mut self, p: G1Affine) -> Point {
        let p = self.valid(p);
        let [x, y] = [p.x, p.y].map(|v| self.constant(native(&v)));
        let limbs = limbs_of(&p).map(|v| self.constant(Fr::from(v)));
        Point { value: p, x, y, limbs }
    }

    /// Requires equal points.
    pub fn assert_same(&mut self, a: &Point, b: &Point) {
        let pairs = a.limbs.iter().zip(&b.limbs).chain([(&a.x, &b.x), (&a.y, &b.y)]);
        for (a, b) in pairs {
            self.assert_equal(*a, *b);
        }
    }

    /// Splits a cell below 2^51 in its low bits and the rest: both are range-checked, the highest with `high` bits.
    fn split_cell(&mut self, a: Cell, low: u32, high: u32) -> (Cell, Cell) {
        let value = bits_of(&a.value, 0, LIMB_BITS);
        let parts = [value & ((1 << low) - 1), value >> low].map(|v| self.witness(Fr::from(v)));
        self.range(parts[0], low as usize);
        self.range(parts[1], high as usize);
        let factor = self.constant(power_of_two(low));
        self.assert_mul_add(factor, parts[1], parts[0], a);
        (parts[0], parts[1])
    }

    /// The low 248 bits of x, the 6 bits above, and the lowest bit of y.
    pub fn compressed(&mut self, p: &Point) -> (Cell, Cell, Cell) {
        let (low, high) = self.split_cell(p.limbs[4], 44, 6);
        let terms: Vec<(Fr, Cell)> = p.limbs[..4].iter().chain([&low]).enumerate().map(|(i, l)| (power_of_two(i as u32 * LIMB_BITS), *l)).collect();
        let (bit, _) = self.split_cell(p.limbs[LIMBS], 1, LIMB_BITS - 1);
        (self.linear(&terms, Fr::ZERO), high, bit)
    }

    /// Low 128 bits and the rest: of x, then of y.
    pub fn halves(&mut self, p: &Point) -> [Cell; 4] {
        let mut out = vec![];
        for coordinate in p.limbs.chunks(LIMBS) {
            // 128 = 2 * 51 + 26.
            let (low, high) = self.split_cell(coordinate[2], 26, LIMB_BITS - 26);
            let at = |bits: u32, cell: Cell| (power_of_two(bits), cell);
            out.push(self.linear(&[at(0, coordinate[0]), at(51, coordinate[1]), at(102, low)], Fr::ZERO));
            out.push(self.linear(&[at(0, high), at(25, coordinate[3]), at(76, coordinate[4])], Fr::ZERO));
        }
        out.try_into().expect("four halves")
    }

    /// The point with these halves, which it is required to have.
    pub fn point_of_halves(&mut self, cells: [Cell; 4], value: G1Affine) -> Point {
        let point = self.point(value);
        let halves = self.halves(&point);
        cells.into_iter().zip(halves).for_each(|(a, b)| self.assert_equal(a, b));
        point
    }
}
