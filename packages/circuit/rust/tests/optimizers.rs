//! Optimisers: the integers of docs/operators/optimizers.md, those of pot-sgd, and real numbers.

use crate::common::draft::{entries, random};
use crate::common::Numbers;
use pot_circuit::autodiff::{optimised, step_name, training, Training};
use pot_circuit::execute::Run;
use pot_circuit::graph::Graph;
use pot_circuit::optimizer::Optimizer;
use pot_circuit::tensor::{Formats, Role};

/// Limb bits, and fractional bits of the weights of random graphs; Adam's moments have 24, its ratio 14.
const B: u32 = 12;
const WEIGHT_BITS: u32 = 36;
const MOMENT_BITS: u32 = 24;
const RATIO_BITS: u32 = 14;

pub const RULES: [Optimizer; 9] = [
    Optimizer::Sgd { decay: 0 },
    Optimizer::Sgd { decay: 300_000 },
    Optimizer::Momentum { momentum: 3686, decay: 0 },
    Optimizer::Momentum { momentum: 4095, decay: 1 },
    Optimizer::Adam { beta1: 3686, beta2: 4092, epsilon: 23, decay: 0 },
    Optimizer::Adam { beta1: 1, beta2: 4095, epsilon: 1, decay: 12_345 },
    Optimizer::Nesterov { momentum: 3686, decay: 12_345 },
    Optimizer::RmsProp { rho: 3686, momentum: 0, epsilon: 1 << 26, decay: 0 },
    Optimizer::RmsProp { rho: 4000, momentum: 3686, epsilon: 900, decay: 300 },
];

/// Fractional bits of a rate of this rule.
pub fn rate_bits(o: &Optimizer) -> u32 {
    if o.corrects() {
        WEIGHT_BITS - RATIO_BITS
    } else {
        12
    }
}

fn of_rule(g: &Graph, steps: usize, o: &Optimizer) -> Training {
    optimised(g, steps, rate_bits(o), o).expect("differentiable")
}

/// Halves up.
fn rounded(v: i128, bits: u32) -> i128 {
    (v + (1 << (bits - 1))).div_euclid(1 << bits)
}

/// The largest s with `s^2 <= v`, bit by bit.
fn root(v: i128) -> i128 {
    (0..32).rev().fold(0, |s: i128, bit| if (s + (1 << bit)).pow(2) <= v { s + (1 << bit) } else { s })
}

/// Section 3 of the page: weight and states after a step; of a gradient of so many fractional bits.
fn stepped(o: Optimizer, rate: i128, [w, first, second, g]: [i128; 4], bits: u32) -> [i128; 3] {
    let decayed = rounded(i128::from(o.decay()) * w, 2 * B);
    match o {
        Optimizer::Sgd { .. } => [w - rate * g - decayed, 0, 0],
        Optimizer::Momentum { momentum, .. } => {
            let m = rounded(i128::from(momentum) * first, B) + g;
            [w - rate * m - decayed, m, 0]
        }
        Optimizer::Adam { beta1, beta2, epsilon, .. } => {
            let g = g << (MOMENT_BITS - bits);
            let mixed = |factor: u64, old: i128, of: i128| rounded(i128::from(factor) * old + ((1 << B) - i128::from(factor)) * of, B);
            let (m, v) = (mixed(beta1, first, g), mixed(beta2, second, g * g));
            let d = root(v) + i128::from(epsilon);
            let u = ((m << (RATIO_BITS + 1)) + d).div_euclid(2 * d);
            [w - rate * u - decayed, m, v]
        }
        Optimizer::Nesterov { momentum, .. } => {
            let m = rounded(i128::from(momentum) * first, B) + g;
            [w - rate * (g + rounded(i128::from(momentum) * m, B)) - decayed, m, 0]
        }
        Optimizer::RmsProp { rho, momentum, epsilon, .. } => {
            let (g, rho) = (g << (MOMENT_BITS - bits), i128::from(rho));
            let v = rounded(rho * if momentum > 0 { second } else { first } + ((1 << B) - rho) * g * g, B);
            let d = root(v + i128::from(epsilon));
            let u = ((g << (RATIO_BITS + 1)) + d).div_euclid(2 * d);
            match momentum {
                0 => [w - rate * u - decayed, v, 0],
                _ => {
                    let m = rounded(i128::from(momentum) * first, B) + u;
                    [w - rate * m - decayed, m, v]
                }
            }
        }
    }
}

fn trained(g: &Graph) -> Vec<usize> {
    (0..g.tensors().len()).filter(|v| g.tensors()[*v].role == Role::Trained).collect()
}

/// Compares a step, entry by entry; how many there were.
fn compare(o: Optimizer, rate: i128, t: &Training, before: &[Vec<i128>], run: &Run<i128>) -> usize {
    let mut compared = 0;
    for (i, (weight, next, gradient)) in t.updates.iter().enumerate() {
        let bits = t.graph.facts(*gradient).bits;
        // Of plain products with the rate.
        let rate = if o.corrects() { rate } else { rate << (WEIGHT_BITS - bits - rate_bits(&o)) };
        let states: Vec<_> = t.states.iter().skip(i).step_by(t.updates.len()).collect();
        for (e, g) in run.values[*gradient].iter().enumerate() {
            let state = |s: usize| states.get(s).map_or(0, |s| before[s.0][e]);
            let after = |s: usize| states.get(s).map_or(0, |s| run.values[s.1][e]);
            let found = [run.values[*next][e], after(0), after(1)];
            assert_eq!(found, stepped(o, rate, [before[*weight][e], state(0), state(1), *g], bits), "{o:?}");
            compared += 1;
        }
    }
    compared
}

/// Zeros for all states.
fn fresh(t: &Training, forward: &[Vec<i128>]) -> Vec<Vec<i128>> {
    forward.iter().cloned().chain(t.states.iter().map(|s| vec![0; t.graph.facts(s.0).len()])).collect()
}

#[test]
fn random_graphs_follow_each_rule_bit_for_bit() {
    let mut n = Numbers(0x0471);
    let mut compared = [0; RULES.len()];
    for case in 0..216 {
        let o = RULES[case % RULES.len()];
        let nodes = 2 + n.below(6);
        let g = random(&mut n, nodes);
        let (plain, t) = (training(&g, 12).expect("differentiable"), of_rule(&g, 1, &o));
        let mut tensors = fresh(&t, &entries(&g, &mut n, 34));
        for step in 0..4 {
            let rate = o.rates(g.formats(), 1, 900, step, 1)[0].into();
            let before = tensors.clone();
            let Ok(run) = t.steps(&mut tensors, &[rate], None) else { break };
            // Gradients are those of plain SGD.
            let of_plain = plain.step(&mut before[..g.tensors().len()].to_vec(), 1, None).expect("in range");
            t.updates.iter().zip(&plain.updates).for_each(|(a, b)| assert_eq!(run.values[a.2], of_plain.values[b.2]));
            compared[case % RULES.len()] += compare(o, rate, &t, &before, &run);
            let data = g.tensors().iter().enumerate().filter(|(_, t)| matches!(t.role, Role::Data | Role::Label));
            let other = entries(&g, &mut n, 34);
            data.for_each(|(v, _)| tensors[v].clone_from(&other[v]));
        }
    }
    assert!(compared.iter().all(|c| *c > 200), "{compared:?}");
}

#[test]
fn a_window_is_its_steps_one_after_the_other() {
    const STEPS: usize = 3;
    let mut n = Numbers(0x3a11);
    let mut same = [0; RULES.len()];
    for case in 0..135 {
        let o = RULES[case % RULES.len()];
        let nodes = 2 + n.below(5);
        let g = random(&mut n, nodes);
        let once = of_rule(&g, 1, &o);
        let all = of_rule(&g, STEPS, &o);
        let rates: Vec<i128> = o.rates(g.formats(), 1, 700, 5, STEPS).into_iter().map(i128::from).collect();
        assert_eq!(all.rates.len(), if o.corrects() { STEPS } else { 1 });
        let is_data = |v: usize| matches!(g.tensors()[v].role, Role::Data | Role::Label);
        let batches: Vec<Vec<Vec<i128>>> = (0..STEPS).map(|_| entries(&g, &mut n, 33)).collect();
        let mut tensors = fresh(&once, &batches[0]);
        let run = batches.iter().enumerate().try_for_each(|(step, batch)| {
            (0..g.tensors().len()).filter(|v| is_data(*v)).for_each(|v| tensors[v].clone_from(&batch[v]));
            once.steps(&mut tensors, &[*rates.get(step).unwrap_or(&rates[0])], None).map(drop)
        });
        let mut given = batches[0].clone();
        given.extend(batches[1..].iter().flat_map(|b| b.iter().enumerate().filter(|(v, _)| is_data(*v)).map(|(_, e)| e.clone())));
        let mut given = fresh(&all, &given);
        match (run, all.steps(&mut given, &rates, None)) {
            (Ok(()), Ok(_)) => {
                trained(&g).into_iter().for_each(|v| assert_eq!(given[v], tensors[v]));
                all.states.iter().zip(&once.states).for_each(|(a, b)| assert_eq!(given[a.0], tensors[b.0]));
                same[case % RULES.len()] += 1;
            }
            (Err(one), Err(other)) => assert_eq!(one.code, other.code),
            (one, other) => panic!("{one:?}, and in one graph {:?}", other.map(drop)),
        }
    }
    assert!(same.iter().all(|s| *s > 4), "{same:?}");
}

#[test]
fn in_doubles_the_rules_are_those_of_the_books() {
    let mut n = Numbers(0xf10a);
    for case in 0..90 {
        let o = RULES[case % RULES.len()];
        let g = random(&mut n, 4);
        let t = of_rule(&g, 1, &o);
        let real = |v: usize, e: &i128| *e as f64 / f64::from(g.facts(v).bits).exp2();
        let mut tensors: Vec<Vec<f64>> = entries(&g, &mut n, 34).iter().enumerate().map(|(v, e)| e.iter().map(|e| real(v, e)).collect()).collect();
        tensors.extend(t.states.iter().map(|s| vec![0.25; t.graph.facts(s.0).len()]));
        let run = t.steps(&mut tensors.clone(), &[0.01], None).expect("doubles have no range");
        let part = |factor: u64, bits: u32| factor as f64 / f64::from(bits).exp2();
        for (i, (weight, next, gradient)) in t.updates.iter().enumerate() {
            for (e, g) in run.values[*gradient].iter().enumerate() {
                let w = tensors[*weight][e];
                let (direction, states) = match o {
                    Optimizer::Sgd { .. } => (*g, vec![]),
                    Optimizer::Momentum { momentum, .. } => (part(momentum, B) * 0.25 + g, vec![part(momentum, B) * 0.25 + g]),
                    Optimizer::Adam { beta1, beta2, epsilon, .. } => {
                        let (beta1, beta2) = (part(beta1, B), part(beta2, B));
                        let (m, v) = (beta1 * 0.25 + (1.0 - beta1) * g, beta2 * 0.25 + (1.0 - beta2) * g * g);
                        (m / (v.sqrt() + part(epsilon, MOMENT_BITS)), vec![m, v])
                    }
                    Optimizer::Nesterov { momentum, .. } => {
                        let m = part(momentum, B) * 0.25 + g;
                        (g + part(momentum, B) * m, vec![m])
                    }
                    Optimizer::RmsProp { rho, momentum, epsilon, .. } => {
                        let v = part(rho, B) * 0.25 + (1.0 - part(rho, B)) * g * g;
                        let u = g / (v + part(epsilon, 2 * MOMENT_BITS)).sqrt();
                        let m = part(momentum, B) * 0.25 + u;
                        if momentum == 0 {
                            (u, vec![v])
                        } else {
                            (m, vec![m, v])
                        }
                    }
                };
                let near = |found: f64, wanted: f64| assert!((found - wanted).abs() <= 1e-9 * (1.0 + wanted.abs()), "{o:?}: {found} {wanted}");
                near(run.values[*next][e], w - 0.01 * direction - part(o.decay(), 2 * B) * w);
                let after = t.states.iter().skip(i).step_by(t.updates.len());
                after.zip(states).for_each(|(s, wanted)| near(run.values[s.1][e], wanted));
            }
        }
    }
}

#[test]
fn rates_follow_the_bias_correction() {
    let mut n = Numbers(0x4a7e);
    for b in [9, 12, 14] {
        let formats = Formats { limb_bits: b, table_bits: b };
        for case in 0..200 {
            let one = 1u64 << b;
            let beta = |n: &mut Numbers| if n.chance(2) { one - 1 - n.below(9) as u64 } else { 1 + n.next() % (one - 1) };
            let (beta1, beta2) = (beta(&mut n), beta(&mut n));
            let o = Optimizer::Adam { beta1, beta2, epsilon: 1, decay: 0 };
            let (eta, unit) = (1 + n.below((1 << 20) - 1) as i64, [1, 2, 8][case % 3]);
            let first = if n.chance(8) { (1 << 53) - 4 } else { n.below(3000) as u64 };
            let rates = o.rates(&formats, unit, eta, first, 4);
            assert_eq!(rates.len(), 4);
            for (i, rate) in rates.into_iter().enumerate() {
                let power = |beta: u64| (beta as f64 / one as f64).powf((first + i as u64 + 1) as f64);
                let wanted = eta as f64 * (1.0 - power(beta2)).sqrt() / (1.0 - power(beta1));
                assert!(rate % unit as i64 == 0 && (0..1 << 36).contains(&rate));
                assert!((rate as f64 - wanted).abs() <= 0.5 * unit as f64 + 1e-6 * wanted, "{beta1} {beta2} {first}: {rate} for {wanted}");
            }
        }
    }
    assert_eq!(Optimizer::default().rates(&Formats { limb_bits: 12, table_bits: 12 }, 1, 9, 3, 5), [9]);
}

#[test]
fn tensors_of_an_optimiser_are_named_after_what_is_trained() {
    let mut n = Numbers(11);
    let g = random(&mut n, 4);
    let t = of_rule(&g, 2, &RULES[4]);
    let names = |values: &mut dyn Iterator<Item = usize>| values.map(|v| t.graph.name(v).to_string()).collect::<Vec<_>>();
    let of = |suffix: &str| trained(&g).into_iter().map(|v| format!("{}@{suffix}", g.name(v))).collect::<Vec<_>>();
    assert_eq!(names(&mut t.states.iter().map(|s| s.0)), [of("m"), of("v")].concat());
    assert_eq!(names(&mut t.rates.iter().copied()), ["rate".to_string(), step_name("rate", 1)]);
    for (v, role, bits) in [(t.states[0].0, Role::Moment, 24), (t.states[trained(&g).len()].0, Role::SecondMoment, 48)] {
        assert_eq!((t.graph.tensors()[v].role, t.graph.tensors()[v].bits), (role, bits));
    }
    // No text has them.
    let text = t.graph.to_json();
    assert!(text.contains("secondMoment") && Graph::from_json(&text).is_err());
}

#[test]
fn factors_that_are_none_are_refused() {
    let mut n = Numbers(5);
    let g = random(&mut n, 3);
    let adam = |beta1, beta2, epsilon, decay| Optimizer::Adam { beta1, beta2, epsilon, decay };
    let momentum = |momentum, decay| Optimizer::Momentum { momentum, decay };
    let (b, d) = (1 << B, 1 << (2 * B - 4));
    let rms = |rho, momentum, epsilon| Optimizer::RmsProp { rho, momentum, epsilon, decay: 0 };
    for o in [rms(1, 0, 1), rms(b - 1, b - 1, (1 << 52) - 1), Optimizer::Nesterov { momentum: 1, decay: d - 1 }] {
        assert!(optimised(&g, 1, rate_bits(&o), &o).is_ok(), "{o:?}");
    }
    for o in [momentum(1, d - 1), momentum(b - 1, 0), adam(1, b - 1, (1 << 30) - 1, 0), adam(b - 1, 1, 1, d - 1), Optimizer::Sgd { decay: d - 1 }] {
        assert!(optimised(&g, 1, rate_bits(&o), &o).is_ok(), "{o:?}");
    }
    let outside = [momentum(0, 0), momentum(b, 0), momentum(1, d), adam(0, 1, 1, 0), adam(1, b, 1, 0), adam(1, 1, 0, 0), adam(1, 1, 1 << 30, 0)];
    let others = [rms(0, 0, 1), rms(b, 0, 1), rms(1, b, 1), rms(1, 0, 0), rms(1, 0, 1 << 52), Optimizer::Nesterov { momentum: 0, decay: 0 }];
    for o in outside.into_iter().chain(others).chain([Optimizer::Sgd { decay: d }, adam(u64::MAX, 1, 1, 0)]) {
        let e = optimised(&g, 1, rate_bits(&o), &o).map(drop).expect_err("refused");
        assert_eq!((e.code, e.details["reason"].as_str()), ("GRAPH_INVALID", Some("optimizer")), "{o:?}");
    }
    // A rate of more fractional bits than the weights have leaves the ratio none.
    let e = optimised(&g, 1, 37, &adam(1, 1, 1, 0)).map(drop).expect_err("refused");
    assert_eq!(e.details["reason"], "shape", "{e}");
    for (rule, bits) in [(adam(1, 1, 1, 0), 49), (momentum(1, 0), 21)] {
        let e = optimised(&g, 1, bits, &rule).map(drop).expect_err("refused");
        assert_eq!(e.details["reason"], "tensor", "{e}");
    }
}

#[test]
fn numbers_beyond_their_ranges_are_refused_by_name() {
    let mut n = Numbers(0xed6e);
    let g = random(&mut n, 3);
    let refused = |o: Optimizer, state: usize, value: i128| {
        let t = of_rule(&g, 1, &o);
        let mut tensors = fresh(&t, &entries(&g, &mut Numbers(1), 30));
        tensors[t.states[state * t.updates.len()].0][0] = value;
        t.steps(&mut tensors, &[1], None).map(drop).map_err(|e| (e.code, e.details["quantity"].as_str().map(String::from)))
    };
    let (momentum, adam) = (RULES[3], Optimizer::Adam { beta1: 4095, beta2: 4095, epsilon: 1 << 20, decay: 0 });
    let given = Err(("WEIGHT_RANGE", None));
    for (o, state, most) in [(momentum, 0, (1i128 << 35) - 1), (adam, 0, (1 << 35) - 1), (adam, 1, (1 << 62) - 1)] {
        assert_eq!(refused(o, state, most + 1), given);
        assert_eq!(refused(o, state, -most - 2), given);
        assert!(refused(o, state, most).is_ok() || o == adam && state == 0, "{o:?} {state}");
    }
    // The ratio's limbs, of 23 bits and a sign.
    assert_eq!(refused(adam, 0, (1 << 35) - 1), Err(("VALUE_RANGE", Some("ratio".into()))));
    assert_eq!(refused(adam, 1, -1), given);
}
