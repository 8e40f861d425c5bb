//! Shape inference: what each operator takes, what it gives, and what it refuses.

use pot_circuit::ops::activation::Name;
use pot_circuit::ops::round::Range;
use pot_circuit::ops::{
    Activation, ActivationGradient, Clamp, ClampGradient, Downscale, Huber, L2Penalty, Matmul, MeanAbsoluteError, MeanSquaredError, Momentum, Op,
    Ratio, Round, RoundGradient, SecondMoment, Sgd, SigmoidCrossEntropy, SoftmaxCrossEntropy, Sum, View,
};
use pot_circuit::tensor::{Facts, Formats, RateFactor};

const FORMATS: Formats = Formats { limb_bits: 12, table_bits: 12 };

/// What `op` gives of inputs of these shapes and bits; none where it refuses.
fn infer(op: impl Into<Op>, inputs: &[(&[usize], u32)]) -> Option<(Vec<usize>, u32)> {
    let facts: Vec<Facts> = inputs.iter().map(|(s, b)| Facts::new(s.to_vec(), *b).expect("a value")).collect();
    let out = op.into().infer(&facts.iter().collect::<Vec<_>>(), &FORMATS);
    out.map_err(|message| assert!(!message.is_empty())).ok().map(|f| (f.shape, f.bits))
}

fn product(transpose_a: bool, transpose_b: bool, a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    infer(Matmul { transpose_a, transpose_b }, &[(a, 8), (b, 36)]).map(|(shape, bits)| {
        assert_eq!(bits, 44);
        shape
    })
}

#[test]
fn products_fit_along_the_axis_that_is_summed_and_along_the_batch() {
    assert_eq!(product(false, false, &[2, 3], &[3, 5]), Some(vec![2, 5]));
    assert_eq!(product(true, false, &[3, 2], &[3, 5]), Some(vec![2, 5]));
    assert_eq!(product(false, true, &[2, 3], &[5, 3]), Some(vec![2, 5]));
    assert_eq!(product(true, true, &[3, 2], &[5, 3]), Some(vec![2, 5]));
    assert_eq!(product(false, false, &[7, 2, 3], &[7, 3, 5]), Some(vec![7, 2, 5]));
    assert_eq!(product(false, false, &[7, 2, 3], &[3, 5]), Some(vec![7, 2, 5]));
    assert_eq!(product(false, false, &[2, 3], &[4, 7, 3, 5]), Some(vec![4, 7, 2, 5]));
    for (a, b) in [(&[2, 3][..], &[5, 3][..]), (&[3], &[3, 5]), (&[2, 3], &[3]), (&[7, 2, 3], &[6, 3, 5]), (&[7, 2, 3], &[1, 3, 5]), (&[], &[3, 5])] {
        assert_eq!(product(false, false, a, b), None, "{a:?} {b:?}");
    }
    assert_eq!(infer(Matmul::default(), &[(&[1, 1], 100), (&[1, 1], 29)]), None);
    // 2^27 entries.
    assert_eq!(product(false, false, &[1 << 14, 1], &[1, 1 << 13]), None);
}

#[test]
fn sums_repeat_what_has_fewer_axes_and_take_the_most_bits() {
    let sum = |coefficients: &[i64], reduce, inputs: &[(&[usize], u32)]| infer(Sum { coefficients: coefficients.to_vec(), reduce }, inputs);
    assert_eq!(sum(&[1, -1], 0, &[(&[4, 3], 44), (&[3], 36)]), Some((vec![4, 3], 44)));
    assert_eq!(sum(&[1, 1, 1], 0, &[(&[], 1), (&[2, 3], 0), (&[3], 2)]), Some((vec![2, 3], 2)));
    assert_eq!(sum(&[1 << 32], 1, &[(&[4, 3], 8)]), Some((vec![3], 8)));
    assert_eq!(sum(&[1], 2, &[(&[4, 3], 8)]), Some((vec![], 8)));
    assert_eq!(sum(&[1], 3, &[(&[4, 3], 8)]), None);
    assert_eq!(sum(&[1], 0, &[(&[4], 8), (&[4], 8)]), None);
    assert_eq!(sum(&[1, 1], 0, &[(&[4, 3], 8), (&[4], 8)]), None);
    assert_eq!(sum(&[1, 1], 0, &[(&[4, 3], 8), (&[1, 3], 8)]), None);
    for c in [0, (1 << 32) + 1, i64::MIN] {
        assert_eq!(sum(&[c], 0, &[(&[4], 8)]), None, "{c}");
    }
}

#[test]
fn views_keep_their_entries_or_say_which() {
    let view = |v: View, shape: &[usize]| infer(v, &[(shape, 8)]).map(|f| f.0);
    assert_eq!(view(View::Reshape { shape: vec![3, 4] }, &[2, 6]), Some(vec![3, 4]));
    assert_eq!(view(View::Reshape { shape: vec![] }, &[1, 1]), Some(vec![]));
    assert_eq!(view(View::Reshape { shape: vec![5] }, &[2, 3]), None);
    assert_eq!(view(View::Transpose { axes: vec![2, 0, 1] }, &[3, 4, 5]), Some(vec![5, 3, 4]));
    for axes in [vec![0, 0], vec![0], vec![0, 2], vec![0, 1, 2]] {
        assert_eq!(view(View::Transpose { axes }, &[3, 4]), None);
    }
    let slice = |axis, start, length| view(View::Slice { axis, length, start }, &[3, 4]);
    assert_eq!(slice(1, 1, 3), Some(vec![3, 3]));
    for (axis, start, length) in [(2, 0, 1), (1, 2, 3), (1, 0, 0), (1, usize::MAX, 2)] {
        assert_eq!(slice(axis, start, length), None, "{axis} {start} {length}");
    }
    let pad = |axis, before, after| view(View::Pad { after, axis, before }, &[3, 4]);
    assert_eq!(pad(0, 1, 2), Some(vec![6, 4]));
    assert_eq!(pad(2, 1, 2), None);
    assert_eq!(pad(0, usize::MAX, usize::MAX), None);
    assert_eq!(view(View::Broadcast { shape: vec![2, 5] }, &[3]), Some(vec![2, 5, 3]));
    assert_eq!(view(View::Broadcast { shape: vec![1; 6] }, &[3]), None);
    let concat = |axis, b: (&[usize], u32)| infer(View::Concat { axis }, &[(&[3, 4], 8), b]).map(|f| f.0);
    assert_eq!(concat(0, (&[2, 4], 8)), Some(vec![5, 4]));
    assert_eq!(concat(1, (&[3, 1], 8)), Some(vec![3, 5]));
    for (axis, b) in [(0, (&[2, 5][..], 8)), (0, (&[2, 4], 9)), (0, (&[4], 8)), (2, (&[3, 4], 8))] {
        assert_eq!(concat(axis, b), None, "{axis} {b:?}");
    }
    assert_eq!(infer(View::Reshape { shape: vec![4] }, &[(&[4], 8), (&[4], 8)]), None);
}

#[test]
fn units_take_the_bits_that_their_limbs_and_tables_have_room_for() {
    let round = |from, bits, gradient_bits| infer(Round { bits, gradient_bits, range: Range::Relu }, &[(&[2], from)]).is_some();
    assert!(round(44, 8, 14) && round(8, 8, 0) && round(56, 8, 24) && round(44, 9, 14) && round(60, 8, 14));
    // More than 52 bits; bits that the input does not have; a gradient of too many.
    assert!(!round(61, 8, 14) && !round(8, 20, 14) && !round(44, 8, 25));
    let back = |shapes: [&[usize]; 2], bits| infer(RoundGradient { bits, mask: true }, &[(shapes[0], 50), (shapes[1], 8)]);
    assert_eq!(back([&[2], &[2]], 14), Some((vec![2], 14)));
    assert_eq!(back([&[2], &[3]], 14), None);
    assert_eq!(back([&[2], &[2]], 13), Some((vec![2], 13)));
    assert_eq!(infer(RoundGradient { bits: 26, mask: true }, &[(&[2], 50), (&[2], 8)]), None);
    let softmax = |z: (&[usize], u32), y: (&[usize], u32), gradient_bits| infer(SoftmaxCrossEntropy { gradient_bits, smoothing: 0 }, &[z, y]);
    assert_eq!(softmax((&[4, 3], 8), (&[4, 3], 0), 14), Some((vec![4, 3], 14)));
    assert!(softmax((&[3], 2), (&[3], 0), 1).is_some() && softmax((&[3], 14), (&[3], 0), 24).is_some());
    for (z, y, d) in [
        ((&[4, 3][..], 8), (&[3][..], 0), 14),
        ((&[], 8), (&[], 0), 14),
        ((&[3], 8), (&[3], 1), 14),
        ((&[3], 1), (&[3], 0), 14),
        ((&[3], 15), (&[3], 0), 14),
        ((&[3], 8), (&[3], 0), 0),
        ((&[3], 8), (&[3], 0), 25),
    ] {
        assert_eq!(softmax(z, y, d), None, "{z:?} {y:?} {d}");
    }
    let smoothed = |smoothing| infer(SoftmaxCrossEntropy { gradient_bits: 14, smoothing }, &[(&[4, 3], 8), (&[4, 3], 0)]).is_some();
    // Three times it is below 2^14, or not.
    assert!(smoothed(1) && smoothed(5461) && !smoothed(5462) && !smoothed(u32::MAX));
    let sigmoid = |z: (&[usize], u32), y: (&[usize], u32), gradient_bits, smoothing| infer(SigmoidCrossEntropy { gradient_bits, smoothing }, &[z, y]);
    assert_eq!(sigmoid((&[4, 3], 8), (&[4, 3], 0), 14, 0), Some((vec![4, 3], 14)));
    assert!(sigmoid((&[], 2), (&[], 0), 1, 0).is_some() && sigmoid((&[3], 14), (&[3], 0), 24, (1 << 23) - 1).is_some());
    for (z, y, d, s) in [
        ((&[4, 3][..], 8), (&[3][..], 0), 14, 0),
        ((&[3], 8), (&[3], 1), 14, 0),
        ((&[3], 1), (&[3], 0), 14, 0),
        ((&[3], 15), (&[3], 0), 14, 0),
        ((&[3], 8), (&[3], 0), 0, 0),
        ((&[3], 8), (&[3], 0), 25, 0),
        ((&[3], 8), (&[3], 0), 14, 1 << 13),
        ((&[3], 8), (&[3], 0), 14, u32::MAX),
    ] {
        assert_eq!(sigmoid(z, y, d, s), None, "{z:?} {y:?} {d} {s}");
    }
    let squares = |y: (&[usize], u32), gradient_bits| infer(MeanSquaredError { gradient_bits }, &[(&[4, 3], 8), y]);
    assert_eq!(squares((&[4, 3], 8), 14), Some((vec![4, 3], 14)));
    for (y, d) in [((&[3, 4][..], 8), 14), ((&[4, 3], 9), 14), ((&[4, 3], 8), 7), ((&[4, 3], 8), 25)] {
        assert_eq!(squares(y, d), None, "{y:?} {d}");
    }
    let absolute = |y: (&[usize], u32), gradient_bits| infer(MeanAbsoluteError { gradient_bits }, &[(&[4, 3], 8), y]);
    assert_eq!([absolute((&[4, 3], 8), 14), absolute((&[4, 3], 8), 0)], [Some((vec![4, 3], 14)), Some((vec![4, 3], 0))]);
    let huber = |y: (&[usize], u32), gradient_bits, delta| infer(Huber { delta, gradient_bits }, &[(&[4, 3], 8), y]);
    assert_eq!(huber((&[4, 3], 8), 14, 256), Some((vec![4, 3], 14)));
    for (y, d) in [((&[3, 4][..], 8), 14), ((&[4, 3], 9), 14), ((&[4, 3], 8), 25)] {
        assert_eq!([absolute(y, d), huber(y, d, 256)], [None, None], "{y:?} {d}");
    }
    assert_eq!(huber((&[4, 3], 8), 7, 256), None);
    for (delta, fits) in [(1, true), ((1 << 24) - 1, true), (1 << 24, false), (0, false), (-1, false), (i64::MIN, false), (i64::MAX, false)] {
        assert_eq!(huber((&[4, 3], 8), 14, delta).is_some(), fits, "{delta}");
    }
    let sgd = |g: (&[usize], u32), rate: (&[usize], u32)| infer(Sgd::default(), &[(&[4, 3], 36), g, rate]);
    assert_eq!(sgd((&[4, 3], 22), (&[], 14)), Some((vec![4, 3], 36)));
    assert_eq!(sgd((&[4, 3], 10), (&[], 20)), Some((vec![4, 3], 36)));
    for (g, rate) in [((&[4, 3][..], 23), (&[][..], 14)), ((&[3, 4], 22), (&[], 14)), ((&[4, 3], 22), (&[1], 14))] {
        assert_eq!(sgd(g, rate), None, "{g:?} {rate:?}");
    }
    let decayed = |q: (&[usize], u32)| infer(Sgd::default(), &[(&[4, 3], 36), (&[4, 3], 22), (&[], 14), q]);
    assert_eq!(decayed((&[4, 3], 36)), Some((vec![4, 3], 36)));
    assert_eq!([decayed((&[3, 4], 36)), decayed((&[4, 3], 35))], [None, None]);
}

#[test]
fn penalties_round_whole_limbs_away() {
    let one = RateFactor::ONE;
    let l2 = |bits, coefficient, fraction, factor| infer(L2Penalty { bits, coefficient, factor, fraction }, &[(&[4, 3], 36)]);
    assert_eq!(l2(22, 1, 10, one), Some((vec![4, 3], 22)));
    assert!(l2(22, 1 << 32, 34, RateFactor { numerator: 1, denominator: 1 << 20 }).is_some());
    // No bits, more than fit, parts of a limb, and more fractional bits than there are.
    for (bits, fraction) in [(36, 0), (22, 46), (22, 11), (46, 9), (22, u32::MAX), (u32::MAX, 10)] {
        assert_eq!(l2(bits, 1, fraction, one), None, "{bits} {fraction}");
    }
    for (coefficient, factor) in
        [(0, one), ((1 << 32) + 1, one), (1, RateFactor { numerator: 0, denominator: 1 }), (1, RateFactor { numerator: 2, denominator: 4 })]
    {
        assert_eq!(l2(22, coefficient, 10, factor), None, "{coefficient} {factor:?}");
    }
}

#[test]
fn clamps_have_zero_between_their_ends() {
    let clamp = |minimum, maximum| infer(Clamp { maximum, minimum }, &[(&[4, 3], 8)]).is_some();
    let most = (1 << 24) - 1;
    assert!(clamp(-1, 1) && clamp(0, 1) && clamp(-1, 0) && clamp(-most, most));
    for (minimum, maximum) in [(0, 0), (1, 2), (-2, -1), (1, -1), (-most - 1, 0), (0, most + 1), (i64::MIN, i64::MAX), (0, i64::MAX), (i64::MIN, 0)] {
        assert!(!clamp(minimum, maximum), "{minimum} {maximum}");
    }
    let back = |c: (&[usize], u32), x: (&[usize], u32)| infer(ClampGradient {}, &[(&[4, 3], 22), c, x]);
    assert_eq!(back((&[4, 3], 8), (&[4, 3], 8)), Some((vec![4, 3], 22)));
    assert_eq!([back((&[4, 3], 8), (&[4, 3], 9)), back((&[3], 8), (&[3], 8)), back((&[4, 3], 8), (&[3], 8))], [None, None, None]);
}

#[test]
fn activations_take_the_bits_and_parameters_that_their_tables_have_room_for() {
    let bent = |activation, alpha, from, bits, gradient_bits| infer(Activation { activation, alpha, bits, gradient_bits }, &[(&[2], from)]).is_some();
    assert!(bent(Name::Tanh, 0, 44, 8, 14) && bent(Name::Gelu, 0, 8, 8, 24) && bent(Name::Silu, 0, 52, 0, 14));
    assert!(bent(Name::Elu, 1, 44, 8, 14) && bent(Name::Elu, 4096, 44, 8, 14) && bent(Name::HardSigmoid, 256, 44, 8, 14));
    // A table of [-4, 4); bits that the input does not have; too many rounded away; a gradient of too many.
    assert!(!bent(Name::Tanh, 0, 44, 9, 14) && !bent(Name::Tanh, 0, 7, 8, 14) && !bent(Name::Tanh, 0, 61, 8, 14) && !bent(Name::Tanh, 0, 44, 8, 25));
    for (name, alpha) in [(Name::Tanh, 1), (Name::Elu, 0), (Name::Elu, 4097), (Name::LeakyRelu, 0), (Name::HardSigmoid, 255), (Name::Gelu, u32::MAX)]
    {
        assert!(!bent(name, alpha, 44, 8, 14), "{name:?} {alpha}");
    }
    // Without a table there is room for as many as a rounding has.
    assert!(bent(Name::LeakyRelu, 41, 44, 12, 14) && !bent(Name::LeakyRelu, 41, 44, 45, 14));
    let back = |shapes: [&[usize]; 3], bits, of: u32| {
        infer(ActivationGradient { activation: Name::Tanh, alpha: 0, bits }, &[(shapes[0], 50), (shapes[1], of), (shapes[2], 44)])
    };
    assert_eq!(back([&[2], &[2], &[2]], 14, 8), Some((vec![2], 14)));
    assert_eq!([back([&[3], &[2], &[2]], 14, 8), back([&[2], &[3], &[2]], 14, 8), back([&[2], &[2], &[3]], 14, 8)], [None, None, None]);
    assert_eq!([back([&[2], &[2], &[2]], 25, 8), back([&[2], &[2], &[2]], 14, 9), back([&[2], &[2], &[2]], 14, 45)], [None, None, None]);
}

#[test]
fn states_have_the_bits_that_belong_together() {
    for (shift, fits) in [(12, true), (24, true), (48, true), (0, false), (13, false), (60, false)] {
        assert_eq!(infer(Downscale { shift }, &[(&[4, 3], 24)]).is_some(), fits, "{shift}");
    }
    let momentum = |kept: (&[usize], u32), g: (&[usize], u32)| infer(Momentum {}, &[kept, g]);
    assert_eq!(momentum((&[4], 22), (&[4], 22)), Some((vec![4], 22)));
    assert_eq!([momentum((&[4], 22), (&[4], 23)), momentum((&[4], 22), (&[3], 22))], [None, None]);
    let second = |v: (&[usize], u32), g: (&[usize], u32), factor| infer(SecondMoment { factor, within: 0 }, &[v, g]);
    assert_eq!(second((&[4], 48), (&[4], 22), 4095), Some((vec![4], 48)));
    for (v, g, factor) in [((&[4][..], 47), (&[4][..], 22), 1), ((&[4], 48), (&[4], 25), 1), ((&[4], 48), (&[3], 22), 1)] {
        assert_eq!(second(v, g, factor), None, "{v:?} {g:?}");
    }
    assert_eq!([second((&[4], 48), (&[4], 22), 0), second((&[4], 48), (&[4], 22), 4096)], [None, None]);
    let ratio = |m: (&[usize], u32), v: (&[usize], u32), bits, epsilon| infer(Ratio { bits, epsilon, within: 0 }, &[m, v]);
    assert_eq!(ratio((&[4], 24), (&[4], 48), 14, 1), Some((vec![4], 14)));
    assert_eq!([ratio((&[4], 24), (&[4], 47), 14, 1), ratio((&[4], 24), (&[3], 48), 14, 1)], [None, None]);
    for (bits, epsilon, fits) in [(24, 1, true), (14, (1 << 30) - 1, true), (25, 1, false), (14, 0, false), (14, 1 << 30, false)] {
        assert_eq!(ratio((&[4], 24), (&[4], 48), bits, epsilon).is_some(), fits, "{bits} {epsilon}");
    }
    // Something in the root, or beside it; a gradient of fewer bits, and none of more.
    let within = |m: u32, epsilon, within| infer(Ratio { bits: 14, epsilon, within }, &[(&[4], m), (&[4], 48)]).is_some();
    assert_eq!([within(22, 0, 1), within(24, 0, (1 << 52) - 1), within(24, 1, 1)], [true; 3]);
    assert_eq!([within(22, 0, 0), within(24, 0, 1 << 52), within(25, 0, 1)], [false; 3]);
    let of = |within| infer(SecondMoment { factor: 1, within }, &[(&[4], 48), (&[4], 22)]).is_some();
    assert_eq!([of((1 << 52) - 1), of(1 << 52)], [true, false]);
}
