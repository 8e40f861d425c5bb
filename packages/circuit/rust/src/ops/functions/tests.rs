//! Tables are what the functions are, correctly rounded.

use super::*;
use std::f64::consts::{FRAC_2_PI, PI};

/// Each function, with parameters where it has one.
fn functions(limb_bits: u32) -> Vec<Function> {
    let each = |name: &Name| {
        let alphas = name.alphas(limb_bits);
        let mut some = vec![*alphas.start(), (alphas.start() + alphas.end()) / 2, *alphas.end()];
        some.dedup();
        some.into_iter().map(|alpha| Function { name: *name, alpha }).collect::<Vec<_>>()
    };
    Name::ALL.iter().flat_map(each).collect()
}

/// f and f', written once more: each in another way than above.
fn reference(f: Function, x: f64, b: u32, normal: f64) -> [f64; 2] {
    let alpha = f64::from(f.alpha) / f64::from(b).exp2();
    let (density, sigmoid) = ((-x * x / 2.0).exp() / (2.0 * PI).sqrt(), (1.0 + (x / 2.0).tanh()) / 2.0);
    match f.name {
        Name::Sigmoid => [sigmoid, 1.0 / (2.0 + 2.0 * x.cosh())],
        Name::Tanh => [x.sinh() / x.cosh(), 1.0 - x.tanh() * x.tanh()],
        Name::Softplus => [x / 2.0 + (2.0 * (x / 2.0).cosh()).ln(), sigmoid],
        Name::Elu if x > 0.0 => [x, 1.0],
        Name::Elu => [alpha * (x.exp() - 1.0), alpha * x.exp()],
        Name::LeakyRelu => [x.max(alpha * x), if x > 0.0 { 1.0 } else { alpha }],
        Name::Gelu => [x * normal, normal + x * density],
        Name::GeluTanh => {
            let t = (FRAC_2_PI.sqrt() * (x + 0.044715 * x.powi(3))).tanh();
            [x * (1.0 + t) / 2.0, (1.0 + t) / 2.0 + x * (1.0 - t * t) / 2.0 * FRAC_2_PI.sqrt() * (1.0 + 3.0 * 0.044715 * x * x)]
        }
        Name::Silu => [x * sigmoid, sigmoid + x / (2.0 + 2.0 * x.cosh())],
        Name::HardSigmoid => [(alpha * x + 0.5).clamp(0.0, 1.0), if (alpha * x).abs() < 0.5 { alpha } else { 0.0 }],
        Name::HardSwish => [x * (x / 6.0 + 0.5).clamp(0.0, 1.0), if x.abs() < 3.0 { x / 3.0 + 0.5 } else { f64::from(u8::from(x > 0.0)) }],
        Name::Softsign => [x / (1.0 + x.abs()), (1.0 + x.abs()).powi(-2)],
    }
}

/// Phi at the n-th multiple of `h`, by Simpson's rule.
fn normals(h: f64, count: usize) -> Vec<f64> {
    let density = |x: f64| (-x * x / 2.0).exp() / (2.0 * PI).sqrt();
    let steps = (h * 1024.0).max(1.0) as usize;
    let part = |n: usize| (0..steps).map(|i| simpson(&density, h * (n as f64 + i as f64 / steps as f64), h / steps as f64)).sum::<f64>();
    let mut sum = 0.5;
    let mut out = vec![sum];
    for n in 0..count {
        sum += part(n);
        out.push(sum);
    }
    out
}

fn simpson(f: &dyn Fn(f64) -> f64, x: f64, h: f64) -> f64 {
    h / 6.0 * (f(x) + 4.0 * f(x + h / 2.0) + f(x + h))
}

/// Halves up.
fn nearest(v: f64) -> i128 {
    (v + 0.5).floor() as i128
}

#[test]
fn entries_are_the_functions_to_the_nearest_integer() {
    for (bits, b) in [(0, 4), (2, 6), (8, 12), (3, 12), (9, 13)] {
        let normals = normals(1.0 / f64::from(bits).exp2(), 1 << (b - 1));
        for f in functions(b) {
            for index in 1..(1usize << b) - 1 {
                let n = index as i128 - (1 << (b - 1));
                let x = n as f64 / f64::from(bits).exp2();
                let normal = normals[n.unsigned_abs() as usize];
                let wanted = reference(f, x, b, if n < 0 { 1.0 - normal } else { normal });
                let rounded = [nearest(wanted[0] * f64::from(bits).exp2()), nearest(wanted[1] * f64::from(b - 1).exp2())];
                assert_eq!(f.entry(index, bits, b), rounded, "{f:?} at {x}, {bits} bits of {b}");
                let real = f.real(x, b);
                assert!((real[0] - wanted[0]).abs() + (real[1] - wanted[1]).abs() < 1e-12 * (1.0 + x.abs()), "{f:?} at {x}: {real:?} {wanted:?}");
            }
        }
    }
}

/// What is computed is within 2^-50, times x where the function is: so what is rounded is rounded as the function is.
#[test]
fn no_entry_of_any_table_is_too_near_to_a_half() {
    for (bits, b) in (4..=12).flat_map(|b| (0..=b - 4).map(move |bits| (bits, b))).chain([(9, 13), (12, 16)]) {
        for f in functions(b) {
            for n in -(1i128 << (b - 1))..1 << (b - 1) {
                let values = f.name.at(&At { n, bits, alpha: f.fraction(b) });
                for (v, bits) in values.iter().zip([bits, b - 1]) {
                    // Of small denominators it is exact, and so is the function of 0.
                    if v.d < 1 << 62 || n == 0 {
                        continue;
                    }
                    let over = (v.n << bits).rem_euclid(v.d) - v.d / 2;
                    // Where exp(x) is next to nothing, ELU is next to -alpha, and never below it.
                    let rest = if f.name == Name::Elu && over >= 0 { v.d } else { over.abs() };
                    assert!(rest > v.d >> 36, "{f:?} of {n}, {bits} bits of {b}");
                }
            }
        }
    }
}

#[test]
fn entries_fit_their_limbs_and_ends_are_what_the_functions_become() {
    for (bits, b) in (4..=16).flat_map(|b| [0, (b - 4) / 2, b - 4].map(|bits| (bits, b))) {
        for f in functions(b).into_iter().filter(Function::tabled) {
            let (table, last) = (f.table(bits, b), (1usize << b) - 1);
            assert!(table.iter().all(|c| c.len() == last + 1 && c.iter().all(|v| *v <= last as u32)), "{f:?}, {bits} bits of {b}");
            let slopes = f.slopes(b).map(|s| s << (b - 1));
            assert_eq!([f.entry(0, bits, b)[1], f.entry(last, bits, b)[1]], slopes, "{f:?}");
            // No step at the ends but that of a rounding, and in tables of few values of what the function still lacks there.
            for (end, next) in [(0, 1), (last, last - 1)] {
                let [end, next] = [end, next].map(|i| f.entry(i, bits, b)[0]);
                assert!((end - next).abs() <= 2 + (1 << bits >> 7), "{f:?}, {bits} bits of {b}: {end} {next}");
            }
        }
    }
}

#[test]
fn values_of_zero() {
    let at = |name: Name, alpha: u32| Function { name, alpha }.entry(2048, 8, 12);
    let wanted = [
        (Name::Sigmoid, 0, [128, 512]),
        (Name::Tanh, 0, [0, 2048]),
        (Name::Softplus, 0, [177, 1024]),
        (Name::Elu, 4096, [0, 2048]),
        (Name::Gelu, 0, [0, 1024]),
        (Name::GeluTanh, 0, [0, 1024]),
        (Name::Silu, 0, [0, 1024]),
        (Name::HardSigmoid, 683, [128, 342]),
        (Name::HardSwish, 0, [0, 1024]),
        (Name::Softsign, 0, [0, 2048]),
    ];
    for (name, alpha, entry) in wanted {
        assert_eq!(at(name, alpha), entry, "{name:?}");
    }
}

/// The largest errors of values and slopes, of 8 fractional bits in limbs of 12: within the table, and beyond it. The numbers of
/// docs/operators/activations.md.
#[test]
fn the_largest_errors_are_those_that_the_documentation_says() {
    let stated = [
        (Name::Sigmoid, 0, [0.50, 0.69], [0.09, 0.69]),
        (Name::Tanh, 0, [0.50, 0.50], [0.01, 0.01]),
        (Name::Softplus, 0, [0.50, 0.69], [0.09, 0.69]),
        (Name::Elu, 4096, [0.50, 0.69], [0.09, 0.69]),
        (Name::Gelu, 0, [0.50, 0.50], [0.01, 0.01]),
        (Name::GeluTanh, 0, [0.50, 0.50], [0.01, 0.01]),
        (Name::Silu, 0, [0.70, 4.9], [0.70, 4.9]),
        (Name::HardSigmoid, 683, [0.50, 0.50], [0.01, 0.01]),
        (Name::HardSwish, 0, [0.50, 0.34], [0.01, 0.01]),
        (Name::Softsign, 0, [0.50, 25.4], [28.0, 25.3]),
    ];
    for (name, alpha, within, beyond) in stated {
        let f = Function { name, alpha };
        let error = |n: i128| {
            let index = (n + 2048).clamp(0, 4095);
            let [v, slope] = f.entry(index as usize, 8, 12);
            let [low, high] = f.slopes(12);
            let by = n + 2048 - index;
            let real = f.real(n as f64 / 256.0, 12);
            let v = v + by * if by < 0 { low } else { high };
            [(v as f64 - real[0] * 256.0).abs(), (slope as f64 - real[1] * 2048.0).abs()]
        };
        let largest = |ns: Vec<i128>| ns.into_iter().map(error).fold([0.0; 2], |m: [f64; 2], e| [m[0].max(e[0]), m[1].max(e[1])]);
        let far = (11..24).flat_map(|i| [-(1i128 << i) - 1, 1i128 << i]).chain(-3000..-2048).chain(2048..3000);
        for (found, stated) in [(largest((-2048..2048).collect()), within), (largest(far.collect()), beyond)] {
            // Rounded up to what is said.
            assert!((0..2).all(|i| found[i] <= stated[i] + 1e-9 && found[i] > stated[i] - 0.11), "{name:?}: {found:?}, stated {stated:?}");
        }
    }
}

#[test]
fn parameters_that_a_function_does_not_take_are_refused() {
    for b in [4, 12, 16] {
        for name in Name::ALL {
            let alphas = name.alphas(b);
            let taken = |alpha: u32| Function { name: *name, alpha }.check(b).is_ok();
            assert!(taken(*alphas.start()) && taken(*alphas.end()));
            assert!(!taken(alphas.end() + 1) && (*alphas.start() == 0 || !taken(alphas.start() - 1)), "{name:?}");
        }
    }
}
