use super::*;

#[test]
fn roots_are_exact() {
    for v in (0..2000u128).chain([(1 << 62) - 1, 1 << 62, u128::MAX, (1 << 120) - 1, ((1u128 << 60) - 1).pow(2), ((1u128 << 60) - 1).pow(2) - 1]) {
        let r = isqrt(v);
        assert!(r * r <= v && (r + 1).checked_mul(r + 1).is_none_or(|s| s > v), "{v}");
    }
}

#[test]
fn scheduled_rates_follow_the_bias_correction() {
    let adam = Optimizer::Adam { beta1: 3686, beta2: 4092, epsilon: 1, decay: 0 };
    let (b1, b2) = (3686f64 / 4096.0, 4092f64 / 4096.0);
    for number in [0u64, 1, 2, 9, 99, 999, 99_999, 1 << 52] {
        let t = (number + 1) as f64;
        let want = 4194.0 * (1.0 - b2.powf(t)).sqrt() / (1.0 - b1.powf(t));
        for unit in [1u64, 2, 8] {
            let rate = adam.scheduled_rate(12, 4194, number, unit);
            assert_eq!(rate % unit as i64, 0);
            assert!((rate as f64 - want).abs() <= 0.5 * unit as f64 + 1e-6, "{number}: {rate} for {want}");
        }
    }
}

/// Every identity that the circuit holds the numbers to.
#[test]
fn numbers_satisfy_their_identities() {
    let s = Scales { a: 8, d: 14, e: 14, b: 12, p: 12 };
    let mut seed = 7u64;
    let mut random = |bits: u32| {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> (64 - bits)) as i64 - (1 << (bits - 1))
    };
    for _ in 0..2000 {
        let e = Entry { weight: random(40), first: random(28), second: random(50).abs(), gradient: random(26) };
        let rate = Rate { rate: 4000, epsilon: 3 };
        let momentum = Optimizer::Momentum { momentum: 3686, decay: 168 };
        let u = momentum.step(&s, rate, e).unwrap();
        let [q, r, d, dr, ..] = u.numbers.map(i128::from);
        assert_eq!((q << 12) + r - 2048, 3686 * i128::from(e.first));
        assert_eq!(i128::from(u.first), q + i128::from(e.gradient));
        assert_eq!((d << 24) + dr - (1 << 23), 168 * i128::from(e.weight));
        assert_eq!(u.weight, i128::from(e.weight) - 4000 * i128::from(u.first) - d);

        let adam = Optimizer::Adam { beta1: 3686, beta2: 4092, epsilon: 3, decay: 0 };
        let u = adam.step(&s, rate, e).unwrap();
        let [m, mr, root, over, under, vr, ratio, rest, room, ..] = u.numbers.map(i128::from);
        let g = i128::from(e.gradient) << 2;
        assert_eq!((m << 12) + mr - 2048, 3686 * i128::from(e.first) + 410 * g);
        assert_eq!(i128::from(u.second), root * root + over);
        assert_eq!(over + under, 2 * root);
        assert_eq!((i128::from(u.second) << 12) + vr - 2048, 4092 * i128::from(e.second) + 4 * g * g);
        let den = root + 3;
        assert_eq!((m << 15) + den, 2 * den * ratio + rest);
        assert_eq!(rest + room, 2 * den - 1);
        assert_eq!(u.weight, i128::from(e.weight) - 4000 * ratio);
        for (n, v) in adam.numbers(12).iter().zip(u.numbers) {
            let offset = if n.signed { 1i64 << (12 * n.limbs - 1) } else { 0 };
            assert!((0..1i64 << (12 * n.limbs)).contains(&(v + offset)), "{}: {v}", n.name);
        }
    }
}
