//! Bounds: what the checker takes never overflows at its extremes, and one notch above is refused.

use crate::common::draft::{random, Draft};
use crate::common::Numbers;
use crate::optimizers::{rate_bits, RULES};
use pot_circuit::autodiff::optimised;
use pot_circuit::bound::Bound;
use pot_circuit::execute::run;
use pot_circuit::graph::Graph;
use pot_circuit::ops::round::Range;
use pot_circuit::ops::{
    Clamp, ClampGradient, Downscale, Huber, L2Penalty, Matmul, MeanAbsoluteError, MeanSquaredError, Momentum, Op, Ratio, Round, RoundGradient,
    SecondMoment, Sgd, SigmoidCrossEntropy, SoftmaxCrossEntropy, Sum, View,
};
use pot_circuit::tensor::{Facts, Formats, RateFactor, Role};
use pot_proof_system::error::PotError;

const FORMATS: Formats = Formats { limb_bits: 12, table_bits: 12 };

fn facts(bits: u32) -> Facts {
    Facts::new(vec![2, 2], bits).expect("a matrix")
}

/// The largest entries that a graph's tensors may have; `sign` chooses each one's.
fn extremes(g: &Graph, mut sign: impl FnMut() -> bool) -> Vec<Vec<i128>> {
    let each = |(v, t): (usize, &pot_circuit::tensor::Tensor)| {
        let top = (1i128 << g.formats().limb_bits) - 1 - i128::from(t.offset);
        let (least, most) = match t.role {
            Role::Data | Role::Label => (-i128::from(t.offset), top),
            Role::Trained => (1 - (1i128 << 55), (1i128 << 55) - 1),
            Role::Frozen => (1 - (1i128 << g.formats().genesis_bits(t.bits)), (1i128 << g.formats().genesis_bits(t.bits)) - 1),
            Role::Rate => ((1 << 17) - 1, (1 << 17) - 1),
            Role::CorrectedRate => ((1 << 36) - 1, (1 << 36) - 1),
            Role::Moment => (-(1 << g.formats().long_bits()), (1 << g.formats().long_bits()) - 1),
            Role::SecondMoment => (0, (1 << 62) - 1),
        };
        let len = g.facts(v).len();
        if t.role == Role::Label && t.bits == 0 {
            let classes = *t.shape.last().expect("an axis");
            return (0..len).map(|i| i128::from(i % classes == 0)).collect();
        }
        (0..len).map(|_| if sign() { most } else { least }).collect::<Vec<_>>()
    };
    g.tensors().iter().enumerate().map(each).collect()
}

/// Two products without a rounding between them: 12 + 59 + 47 bits, and those of the sums.
fn chain(rows: usize, inner: usize) -> Result<Graph, PotError> {
    let mut d = Draft::default();
    let x = d.tensor(Role::Data, &[1, rows], 12);
    d.tensors[0].offset = 0;
    let (f, g) = (d.tensor(Role::Frozen, &[rows, inner], 56), d.tensor(Role::Frozen, &[inner, 1], 44));
    let m = Matmul::default();
    let first = d.node(m, &[&x, &f]);
    let second = d.node(m, &[&first, &g]);
    d.graph(&[&second])
}

#[test]
fn the_widest_sums_of_products_fit_and_one_term_more_is_refused() {
    let g = chain(16, 16).expect("126 bits");
    let value = g.value("n1").expect("the product");
    assert_eq!(g.bound(value).executed, 126);
    let run = run(&g, &extremes(&g, || true), None).expect("no overflow");
    let widest = run.values[value][0];
    assert!(widest > 1 << 125 && widest <= 1 << 126, "{widest}");
    for (rows, inner) in [(17, 16), (16, 17)] {
        let e = chain(rows, inner).expect_err("refused");
        assert_eq!((e.code, e.details["at"].as_str()), ("GRAPH_BOUNDS", Some("n1")));
        assert_eq!((e.details["bits"].as_u64(), e.details["most"].as_u64()), (Some(127), Some(126)));
    }
}

#[test]
fn products_of_two_trained_matrices_could_wrap_in_the_field_and_are_refused() {
    let mut d = Draft::default();
    let (x, a, b) = (d.tensor(Role::Data, &[1, 1], 12), d.tensor(Role::Trained, &[1, 1], 36), d.tensor(Role::Trained, &[1, 1], 36));
    let first = d.node(Matmul::default(), &[&x, &a]);
    let second = d.node(Matmul::default(), &[&first, &b]);
    let e = d.graph(&[&second]).expect_err("refused");
    // In the executor it would fit: 12 + 55 + 55.
    assert_eq!((e.code, e.details["bits"].as_u64(), e.details["most"].as_u64()), ("GRAPH_BOUNDS", Some(12 + 168 + 168), Some(252)));
}

/// The operator's bound of 2 x 2 inputs with these bounds and fractional bits, or the bits that it needs and those that fit.
fn bound(op: impl Into<Op>, inputs: &[(u32, u32)], bits: &[u32]) -> Result<(u32, u32), (u32, u32)> {
    let bounds: Vec<Bound> = inputs.iter().map(|(executed, proven)| Bound { executed: *executed, proven: *proven }).collect();
    let facts: Vec<Facts> = bits.iter().map(|b| facts(*b)).collect();
    let out = op.into().bound(&bounds, &facts.iter().collect::<Vec<_>>(), &FORMATS);
    out.map(|b| (b.executed, b.proven)).map_err(|e| (e.bits, e.most))
}

#[test]
fn each_units_relation_ends_at_its_last_bit() {
    // raw + 2^(s-1) = 2^s q + r below 2^252.
    let round = Round { bits: 12, gradient_bits: 12, range: Range::Half };
    assert_eq!(bound(round, &[(100, 251)], &[48]), Ok((23, 23)));
    assert_eq!(bound(round, &[(100, 252)], &[48]), Err((253, 252)));
    // 37 bits are rounded away by 48, both sides 2^11 times as large.
    assert_eq!(bound(round, &[(100, 240)], &[49]), Ok((23, 23)));
    assert_eq!(bound(round, &[(100, 241)], &[49]), Err((253, 252)));
    let back = RoundGradient { bits: 12, mask: true };
    assert_eq!(bound(back, &[(100, 240), (24, 24)], &[49, 12]), Ok((23, 23)));
    assert_eq!(bound(back, &[(100, 241), (24, 24)], &[49, 12]), Err((253, 252)));
    assert_eq!(bound(back, &[(100, 251), (24, 24)], &[48, 12]), Ok((23, 23)));
    assert_eq!(bound(back, &[(100, 252), (24, 24)], &[48, 12]), Err((253, 252)));
    // A weight moves by 2^(g + 17 + shift) a step, 2^53 times, and has its first range besides.
    assert_eq!(bound(Sgd::default(), &[(55, 168), (60, 97), (17, 17)], &[36, 24, 12]), Ok((55, 168)));
    assert_eq!(bound(Sgd::default(), &[(55, 168), (60, 98), (17, 17)], &[36, 24, 12]), Err((169, 168)));
    assert_eq!(bound(Sgd::default(), &[(55, 168), (60, 94), (17, 17)], &[36, 20, 12]), Err((169, 168)));
    // What the executor computes before it refuses a weight beyond 2^55.
    assert_eq!(bound(Sgd::default(), &[(55, 168), (108, 97), (17, 17)], &[36, 24, 12]), Ok((55, 168)));
    assert_eq!(bound(Sgd::default(), &[(55, 168), (109, 97), (17, 17)], &[36, 24, 12]), Err((127, 126)));
    // With what decays, of 35 bits and of as many as the step has, it moves by one bit more.
    assert_eq!(bound(Sgd::default(), &[(55, 168), (60, 96), (17, 17), (35, 35)], &[36, 24, 12, 36]), Ok((55, 168)));
    assert_eq!(bound(Sgd::default(), &[(55, 168), (60, 97), (17, 17), (35, 35)], &[36, 24, 12, 36]), Err((169, 168)));
    assert_eq!(bound(Sgd::default(), &[(55, 168), (60, 30), (17, 17), (35, 114)], &[36, 24, 12, 36]), Err((169, 168)));
    // x + 2^(s-1) = 2^s q + r.
    assert_eq!(bound(Downscale { shift: 12 }, &[(120, 251)], &[24]), Ok((35, 35)));
    assert_eq!(bound(Downscale { shift: 12 }, &[(120, 252)], &[24]), Err((253, 252)));
    // What is assumed of a momentum.
    assert_eq!(bound(Momentum {}, &[(35, 35), (120, 99)], &[24, 24]), Ok((35, 100)));
    assert_eq!(bound(Momentum {}, &[(35, 35), (120, 100)], &[24, 24]), Err((101, 100)));
    assert_eq!(bound(Momentum {}, &[(35, 35), (126, 99)], &[24, 24]), Err((127, 126)));
    // 12 bits of the factor, a square, two terms and the half.
    let second = SecondMoment { factor: 4000, within: 0 };
    assert_eq!(bound(second, &[(62, 100), (100, 119)], &[48, 24]), Ok((62, 75)));
    assert_eq!(bound(second, &[(62, 100), (100, 120)], &[48, 24]), Err((254, 252)));
    assert_eq!(bound(second, &[(62, 100), (100, 118)], &[48, 22]), Err((254, 252)));
    assert_eq!(bound(second, &[(62, 239), (100, 20)], &[48, 24]), Err((253, 252)));
    assert_eq!(bound(second, &[(62, 100), (125, 20)], &[48, 22]), Err((127, 126)));
    // 2^(bits + 1) m + D.
    let ratio = Ratio { bits: 14, epsilon: 1, within: 0 };
    assert_eq!(bound(ratio, &[(35, 236), (62, 75)], &[24, 48]), Ok((23, 23)));
    assert_eq!(bound(ratio, &[(35, 237), (62, 75)], &[24, 48]), Err((253, 252)));
    assert_eq!(bound(ratio, &[(111, 35), (62, 75)], &[24, 48]), Err((127, 126)));
    // What is clamped, and what differs from its label: the relation's right side is below 2^51.
    let clamp = Clamp { maximum: 700, minimum: -300 };
    assert_eq!(bound(clamp, &[(126, 252)], &[8]), Ok((10, 10)));
    assert_eq!(bound(clamp, &[(100, 253)], &[8]), Err((253, 252)));
    assert_eq!(bound(clamp, &[(127, 100)], &[8]), Err((127, 126)));
    assert_eq!(bound(ClampGradient {}, &[(40, 97), (10, 10), (24, 24)], &[22, 8, 8]), Ok((40, 97)));
    let huber = Huber { delta: 256, gradient_bits: 14 };
    assert_eq!(bound(huber, &[(125, 251), (12, 12)], &[12, 12]), Ok((10, 10)));
    assert_eq!(bound(huber, &[(126, 251), (12, 12)], &[12, 12]), Err((127, 126)));
    assert_eq!(bound(huber, &[(100, 12), (12, 252)], &[12, 12]), Err((253, 252)));
    let absolute = MeanAbsoluteError { gradient_bits: 14 };
    assert_eq!(bound(absolute, &[(125, 251), (12, 12)], &[12, 12]), Ok((14, 14)));
    assert_eq!(bound(absolute, &[(100, 252), (12, 12)], &[12, 12]), Err((253, 252)));
    // Of a gradient of fewer bits, which is shifted.
    assert_eq!(bound(ratio, &[(35, 234), (62, 75)], &[22, 48]), Ok((23, 23)));
    assert_eq!(bound(ratio, &[(35, 235), (62, 75)], &[22, 48]), Err((253, 252)));
    // 32 bits of the coefficient, and the half.
    let l2 = L2Penalty { bits: 22, coefficient: 1 << 32, factor: RateFactor::ONE, fraction: 34 };
    assert_eq!(bound(l2, &[(55, 168)], &[36]), Ok((35, 35)));
    assert_eq!(bound(l2, &[(93, 219)], &[36]), Ok((35, 35)));
    assert_eq!(bound(l2, &[(94, 219)], &[36]), Err((127, 126)));
    assert_eq!(bound(l2, &[(93, 220)], &[36]), Err((253, 252)));
    assert_eq!(bound(SigmoidCrossEntropy { gradient_bits: 14, smoothing: 0 }, &[(126, 252), (12, 12)], &[12, 0]), Ok((14, 14)));
    // A difference of two logits.
    let softmax = SoftmaxCrossEntropy { gradient_bits: 14, smoothing: 0 };
    assert_eq!(bound(softmax, &[(125, 200), (12, 12)], &[12, 0]), Ok((14, 14)));
    assert_eq!(bound(softmax, &[(126, 200), (12, 12)], &[12, 0]), Err((127, 126)));
}

#[test]
fn bounds_are_those_of_the_documents_table() {
    let of = |n: u32| (n, n + 100);
    assert_eq!(bound(Matmul::default(), &[of(12), of(55)], &[12, 36]), Ok((12 + 55 + 1, 12 + 55 + 1 + 200)));
    assert_eq!(bound(Round { bits: 12, gradient_bits: 12, range: Range::Wide }, &[of(100)], &[48]), Ok((24, 24)));
    assert_eq!(bound(Round { bits: 12, gradient_bits: 12, range: Range::Relu }, &[of(100)], &[48]), Ok((24, 24)));
    assert_eq!(bound(View::Concat { axis: 0 }, &[of(20), of(10)], &[12, 12]), Ok(of(20)));
    assert_eq!(bound(MeanSquaredError { gradient_bits: 14 }, &[(23, 23), (12, 12)], &[12, 12]), Ok((23 + 1 + 2, 26)));
    // A weight, as it was before.
    assert_eq!(bound(Sgd::default(), &[(55, 168), (30, 40), (17, 17)], &[36, 24, 12]), Ok((55, 168)));
    // Two terms of two rows each.
    assert_eq!(bound(Sum { coefficients: vec![3, -1], reduce: 1 }, &[of(10), of(11)], &[12, 12]), Ok((14, 114)));
}

#[test]
fn products_beyond_64_bits_are_exact() {
    // 16 terms of 12 and 47 bits are 2^63: the last in 64 bits are 16, each a little below its bound.
    for rows in [15, 16, 17, 31, 32, 127, 128, 129] {
        let mut d = Draft::default();
        let x = d.tensor(Role::Data, &[1, rows], 12);
        d.tensors[0].offset = 0;
        let f = d.tensor(Role::Frozen, &[rows, 1], 44);
        let product = d.node(Matmul::default(), &[&x, &f]);
        let run = run(&d.graph(&[&product]).expect("in range"), &[vec![4095; rows], vec![1 - (1 << 47); rows]], None).expect("in range");
        assert_eq!(run.values[2], [rows as i128 * 4095 * (1 - (1i128 << 47))]);
    }
}

#[test]
fn random_graphs_at_their_extremes_stay_within_their_bounds() {
    let mut n = Numbers(0xb0d5);
    let (mut compared, mut widest) = (0, 0);
    for case in 0..400 {
        let steps = 1 + n.below(10);
        let rule = RULES[case % RULES.len()];
        let g = optimised(&random(&mut n, steps), 1, rate_bits(&rule), &rule).expect("differentiable").graph;
        let mut tensors = extremes(&g, || if case % 3 == 0 { true } else { n.chance(2) });
        // With the largest weights a unit's range is left soon: half of the graphs have smaller ones, and the largest data still.
        let most = 1i128 << (34 + n.below(8));
        for (v, t) in tensors.iter_mut().zip(g.tensors()) {
            if case / 2 % 2 == 0 && (matches!(t.role, Role::Trained | Role::Frozen) || t.role.is_state()) {
                v.iter_mut().for_each(|w| *w = (*w).clamp(-most, most));
            }
        }
        match run(&g, &tensors, None) {
            Ok(run) => {
                for (v, entries) in run.values.iter().enumerate() {
                    let bits = g.bound(v).executed;
                    assert!(entries.iter().all(|x| x.unsigned_abs() <= 1 << bits), "{}", g.name(v));
                    widest = widest.max(entries.iter().map(|x| 128 - x.unsigned_abs().leading_zeros()).max().unwrap_or(0));
                    compared += 1;
                }
            }
            Err(e) => assert!(e.details["quantity"] != "integer", "{e}"),
        }
    }
    assert!(compared > 1000 && widest > 55, "{compared} values, of up to {widest} bits");
}

#[test]
fn alignments_and_coefficients_count_as_bits() {
    let mut d = Draft::default();
    let (x, f) = (d.tensor(Role::Data, &[1], 0), d.tensor(Role::Frozen, &[1], 44));
    let sum = d.node(Sum { coefficients: vec![1 << 20, -3], reduce: 0 }, &[&x, &f]);
    let g = d.graph(&[&sum]).expect("in range");
    let value = g.value(&sum).expect("the sum");
    // 12 bits, 44 of alignment and 20 of the coefficient; one for two terms.
    assert_eq!(g.bound(value), Bound::of(12 + 44 + 20 + 1));
    let run = run(&g, &extremes(&g, || true), None).expect("in range");
    assert_eq!(run.values[value], [(2047 << 64) - 3 * ((1 << 47) - 1)]);
}
