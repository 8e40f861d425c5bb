//! Activations and their slopes in doubles, from their definitions.

use pot_circuit::ops::activation::{Function, Name};

/// f(x) and f'(x), of an alpha in units of 2^-12.
pub fn curve(f: Function, x: f64) -> [f64; 2] {
    let alpha = f64::from(f.alpha) / 4096.0;
    let sigmoid = 1.0 / (1.0 + (-x).exp());
    match f.name {
        Name::Sigmoid => [sigmoid, sigmoid * (1.0 - sigmoid)],
        Name::Tanh => [x.tanh(), 1.0 - x.tanh().powi(2)],
        Name::Softplus => [(1.0 + x.exp()).ln(), sigmoid],
        Name::Elu => [if x > 0.0 { x } else { alpha * (x.exp() - 1.0) }, if x > 0.0 { 1.0 } else { alpha * x.exp() }],
        Name::LeakyRelu => [x.max(alpha * x), if x > 0.0 { 1.0 } else { alpha }],
        Name::Gelu => {
            let density = |x: f64| (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
            let h = x / 4000.0;
            let sum: f64 = (0..4000).map(|i| density(h * (f64::from(i) + 0.5))).sum();
            let below = 0.5 + h * sum;
            [x * below, below + x * density(x)]
        }
        Name::GeluTanh => {
            let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x * x * x);
            let slope = (2.0 / std::f64::consts::PI).sqrt() * (1.0 + 0.134145 * x * x);
            let t = inner.tanh();
            [0.5 * x * (1.0 + t), 0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * slope]
        }
        Name::Silu => [x * sigmoid, sigmoid + x * sigmoid * (1.0 - sigmoid)],
        Name::HardSigmoid => [(alpha * x + 0.5).clamp(0.0, 1.0), if (alpha * x).abs() < 0.5 { alpha } else { 0.0 }],
        Name::HardSwish => {
            let slope = if x <= -3.0 { 0.0 } else { 1.0 };
            [x * (x / 6.0 + 0.5).clamp(0.0, 1.0), if x.abs() < 3.0 { x / 3.0 + 0.5 } else { slope }]
        }
        Name::Softsign => [x / (1.0 + x.abs()), 1.0 / (1.0 + x.abs()).powi(2)],
    }
}

/// The table's entry of a value of 8 fractional bits: f of 8, and f' of 11; at its ends what the function becomes.
pub fn entry(f: Function, z: i128) -> [i128; 2] {
    let nearest = |v: f64| (v + 0.5).floor() as i128;
    let [value, slope] = curve(f, z as f64 / 256.0);
    let line = [Name::Softplus, Name::Elu, Name::Gelu, Name::GeluTanh, Name::Silu, Name::HardSwish].contains(&f.name);
    let low = match f.name {
        Name::Tanh => -256,
        Name::Elu => nearest(f64::from(f.alpha) / -16.0),
        Name::Softsign => -228,
        _ => 0,
    };
    match z {
        ..=-2048 => [low, 0],
        2047.. if line => [z, 2048],
        2047.. => [if f.name == Name::Softsign { 228 } else { 256 }, 0],
        _ => [nearest(value * 256.0), nearest(slope * 2048.0)],
    }
}
