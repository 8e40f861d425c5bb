//! What a circuit relies on of every unit: an entry beyond a value's width has inputs of 0, and is 0.

use super::FORMATS;
use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_circuit::gadgets::algebra::signed;
use pot_circuit::ops::activation::Name;
use pot_circuit::ops::round::Range;
use pot_circuit::ops::unit::{Cells, Relation, Row};
use pot_circuit::ops::{
    Activation, ActivationGradient, Clamp, ClampGradient, Downscale, Huber, L2Penalty, MeanAbsoluteError, Op, Ratio, Round, RoundGradient,
    SecondMoment,
};
use pot_circuit::tensor::{Facts, RateFactor};

fn entry(op: &Op, bits: &[u32], host: Option<&Relation<Fr>>) -> Relation<Fr> {
    let facts: Vec<Facts> = bits.iter().map(|b| Facts { shape: vec![], bits: *b }).collect();
    let unit = op.unit().expect("a unit");
    let numbers: Vec<Fr> = unit.entry(None, &facts, &FORMATS).into_iter().map(signed).collect();
    assert_eq!(numbers.len(), unit.numbers(&facts, &FORMATS).len());
    let largest = |limbs: usize| signed(1 << (FORMATS.limb_bits as usize * limbs));
    assert!(unit.numbers(&facts, &FORMATS).iter().zip(&numbers).all(|(n, v)| *v < largest(n.limbs)), "{op:?} leaves its limbs");
    let plain: Vec<Fr> = unit.plain_cells(None).into_iter().map(signed).collect();
    assert_eq!(plain.len(), unit.plain().len());
    op.relation(Cells { numbers: &numbers, plain: &plain, row: &Row::none() }, &facts, &FORMATS, host)
}

fn zero(r: &Relation<Fr>) {
    let all = r.zero.iter().map(|z| z.each + z.along).chain(r.inputs.iter().copied()).chain([r.output]);
    assert!(all.into_iter().all(|v| v == Fr::ZERO), "{r:?}");
}

#[test]
fn updates_make_zero_of_zero() {
    for shift in [6, 12] {
        zero(&entry(&Downscale { shift }.into(), &[24], None));
    }
    for epsilon in [1, 5, (1 << 30) - 1] {
        let host = entry(&SecondMoment { factor: 63, within: 0 }.into(), &[48, 16], None);
        zero(&host);
        zero(&entry(&Ratio { bits: 16, epsilon, within: 0 }.into(), &[24, 48], Some(&host)));
    }
    for within in [1, 2, 3, 900, (1 << 52) - 1] {
        let host = entry(&SecondMoment { factor: 63, within }.into(), &[48, 16], None);
        zero(&host);
        zero(&entry(&Ratio { bits: 16, epsilon: 0, within }.into(), &[16, 48], Some(&host)));
    }
}

#[test]
fn activations_without_a_table_make_zero_of_zero() {
    for (bits, alpha) in [(2, 1), (14, 21), (20, 64)] {
        let host = entry(&Activation { activation: Name::LeakyRelu, alpha, bits: 2, gradient_bits: 6 }.into(), &[bits], None);
        zero(&host);
        for gradient in [6, 12, 30] {
            zero(&entry(&ActivationGradient { activation: Name::LeakyRelu, alpha, bits: 6 }.into(), &[gradient, 2, bits], Some(&host)));
        }
    }
}

#[test]
fn units_make_zero_of_zero() {
    for bits in [6, 12, 30] {
        for range in [Range::Half, Range::Wide, Range::Relu] {
            let round: Op = Round { bits: 6, gradient_bits: 6, range }.into();
            let host = entry(&round, &[bits], None);
            let gradient: Op = RoundGradient { bits: 6, mask: range == Range::Relu }.into();
            let back = entry(&gradient, &[bits, 6], Some(&host));
            for r in [&host, &back] {
                let all = r.zero.iter().map(|z| z.each + z.along).chain(r.inputs.iter().copied()).chain([r.output]);
                assert!(all.into_iter().all(|v| v == Fr::ZERO), "{range:?} from {bits} bits: {r:?}");
            }
        }
    }
}

#[test]
fn clamps_make_zero_of_zero() {
    for (minimum, maximum) in [(-1, 1), (0, 1), (-1, 0), (-4095, 4095), (0, 4095), (-63, 0)] {
        let host = entry(&Clamp { maximum, minimum }.into(), &[6], None);
        zero(&host);
        zero(&entry(&ClampGradient {}.into(), &[16, 6, 6], Some(&host)));
    }
    let penalty = L2Penalty { bits: 16, coefficient: 4095, factor: RateFactor::ONE, fraction: 10 };
    zero(&entry(&penalty.into(), &[24], None));
    zero(&entry(&MeanAbsoluteError { gradient_bits: 10 }.into(), &[6, 6], None));
    zero(&entry(&Huber { delta: 4095, gradient_bits: 10 }.into(), &[6, 6], None));
}
