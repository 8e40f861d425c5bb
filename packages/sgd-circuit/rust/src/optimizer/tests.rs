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
