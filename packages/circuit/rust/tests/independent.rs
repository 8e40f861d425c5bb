//! Random graphs against an evaluator that is written here, from docs/operators/graph.md, and shares no code with the executor: every
//! entry by its coordinates, one after the other.

use crate::common::curves::entry as table;
use crate::common::draft::{entries, random};
use crate::common::Numbers;
use crate::optimizers::{rate_bits, RULES};
use pot_circuit::autodiff::optimised;
use pot_circuit::execute::run;
use pot_circuit::graph::{Builder, Graph};
use pot_circuit::ops::activation::{Function, Name};
use pot_circuit::ops::round::Range;
use pot_circuit::ops::{ArgMax, Compare, Op, Trees, Value, View};
use pot_circuit::tensor::{Formats, RateFactor, Role, Tensor};

/// A value: shape, bits, entries.
struct Held {
    shape: Vec<usize>,
    bits: u32,
    entries: Vec<i128>,
}

impl Held {
    fn at(&self, index: &[usize]) -> i128 {
        assert_eq!(index.len(), self.shape.len());
        self.entries[index.iter().zip(&self.shape).fold(0, |at, (i, d)| at * d + i)]
    }
}

/// All coordinates of a shape, in row-major order.
fn coordinates(shape: &[usize]) -> Vec<Vec<usize>> {
    shape.iter().fold(vec![vec![]], |all, d| all.iter().flat_map(|c| (0..*d).map(|i| [&c[..], &[i]].concat())).collect())
}

fn matmul(a: &Held, b: &Held, ta: bool, tb: bool, at: &[usize]) -> i128 {
    let (batch, ij) = at.split_at(at.len() - 2);
    let k = a.shape[a.shape.len() - if ta { 2 } else { 1 }];
    let entry = |x: &Held, i: usize, j: usize| x.at(&[if x.shape.len() > 2 { batch } else { &[] }, &[i, j]].concat());
    (0..k).map(|q| if ta { entry(a, q, ij[0]) } else { entry(a, ij[0], q) } * if tb { entry(b, ij[1], q) } else { entry(b, q, ij[1]) }).sum()
}

fn sum(inputs: &[&Held], coefficients: &[i64], reduce: usize, at: &[usize]) -> i128 {
    let longest = inputs.iter().max_by_key(|x| x.shape.len()).expect("an input");
    let bits = inputs.iter().map(|x| x.bits).max().expect("an input");
    let mut total = 0;
    for lead in coordinates(&longest.shape[..reduce]) {
        let index = [&lead[..], at].concat();
        for (x, c) in inputs.iter().zip(coefficients) {
            total += i128::from(*c) * (1i128 << (bits - x.bits)) * x.at(&index[index.len() - x.shape.len()..]);
        }
    }
    total
}

fn view(v: &View, inputs: &[&Held], at: &[usize], number: usize) -> i128 {
    let x = inputs[0];
    let moved = |axis: usize, to: usize| [&at[..axis], &[to], &at[axis + 1..]].concat();
    match v {
        View::Reshape { .. } => x.entries[number],
        View::Transpose { axes } => x.at(&(0..axes.len()).map(|a| at[axes.iter().position(|b| *b == a).expect("an order")]).collect::<Vec<_>>()),
        View::Slice { axis, start, .. } => x.at(&moved(*axis, at[*axis] + start)),
        View::Pad { axis, before, .. } => match at[*axis].checked_sub(*before) {
            Some(i) if i < x.shape[*axis] => x.at(&moved(*axis, i)),
            _ => 0,
        },
        View::Broadcast { shape } => x.at(&at[shape.len()..]),
        View::Concat { axis } => {
            let mut i = at[*axis];
            let part = inputs.iter().find(|x| {
                let inside = i < x.shape[*axis];
                i -= if inside { 0 } else { x.shape[*axis] };
                inside
            });
            part.expect("within the parts").at(&moved(*axis, i))
        }
    }
}

/// Half up, or none where it leaves `least..=most`.
fn rounded(v: i128, shift: u32, least: i128, most: i128) -> Option<i128> {
    let q = (2 * v + (1i128 << shift)).div_euclid(1i128 << (shift + 1));
    (least..=most).contains(&q).then_some(q)
}

/// The nearest number of a range, or none where it is farther away than 2^24.
fn clamped(x: i128, least: i128, most: i128) -> Option<i128> {
    let near = if x < least { least } else { x.min(most) };
    ((x - near).abs() <= 1 << 24).then_some(near)
}

/// `floor(x + 1/2)` of the table's real entry.
fn exponential(real: f64) -> i128 {
    (4095.0 * real.exp()).round() as i128
}

fn softmax(z: &Held, y: &Held, (bits, smoothing): (u32, u32), at: &[usize]) -> Option<i128> {
    let (row, class) = at.split_at(at.len() - 1);
    let of = |x: &Held, i: usize| x.at(&[row, &[i]].concat());
    let classes = *z.shape.last().expect("an axis");
    let max = (0..classes).map(|i| of(z, i)).max().expect("a class");
    let low = 1i128 << (z.bits - 2);
    let e = |i: usize| {
        let t = max - of(z, i);
        (t / low < 4096).then(|| exponential(-((t / low) as f64) / 4.0) * exponential(-((t % low) as f64) / f64::from(z.bits).exp2()))
    };
    let s: i128 = (0..classes).map(e).sum::<Option<i128>>()?;
    let others = i128::from(smoothing);
    let target = if of(y, class[0]) == 1 { (1i128 << bits) - (classes as i128 - 1) * others } else { others };
    Some((2 * e(class[0])? * (1i128 << bits) + s).div_euclid(2 * s) - target)
}

/// What a tree adds to an output, from a node on.
fn leaf(t: &Trees, tree: usize, node: usize, x: &Held, at: &[usize]) -> i128 {
    let child = t.children[node] as usize;
    if child > 0 {
        let below = x.at(&[at[0], t.features[node] as usize]) <= t.thresholds[node].into();
        return leaf(t, tree, if below { child } else { child + 1 }, x, at);
    }
    let each = t.targets.len() / t.roots.len();
    let number = t.children[..node].iter().filter(|c| **c == 0).count();
    let targets = &t.targets[tree * each..][..each];
    targets.iter().enumerate().filter(|(_, target)| **target == at[1]).map(|(k, _)| i128::from(t.leaves[number * each + k])).sum()
}

/// 1 where all entries before one are less, and none behind it is more.
fn is_choice(z: &Held, at: &[usize]) -> i128 {
    let (last, lead) = at.split_last().expect("an axis");
    let of = |i: usize| z.at(&[lead, &[i]].concat());
    let beats = |i: usize| if i < *last { of(i) < of(*last) } else { of(i) <= of(*last) };
    (0..*z.shape.last().expect("an axis")).all(beats).into()
}

/// By its formula: the share of exp(z) in exp(z) + 1, of exponentials as the softmax has them.
fn sigmoid(z: i128, bits: u32, y: i128, (d, smoothing): (u32, u32)) -> Option<i128> {
    let (t, low) = (z.abs(), 1i128 << (bits - 2));
    let e = (t / low < 4096).then(|| exponential(-((t / low) as f64) / 4.0) * exponential(-((t % low) as f64) / f64::from(bits).exp2()))?;
    let (s, share) = (4095 * 4095 + e, if z < 0 { e } else { 4095 * 4095 });
    let target = if y == 1 { (1i128 << d) - i128::from(smoothing) } else { smoothing.into() };
    Some((2 * share * (1i128 << d) + s).div_euclid(2 * s) - target)
}

/// What an optimiser keeps, and what it makes of it.
fn of_state(op: &Op, inputs: &[&Held], at: &[usize]) -> Option<i128> {
    let within = |v: i128, limit: i128| (-limit <= v && v < limit).then_some(v);
    let (a, of) = (inputs[0].at(at), |i: usize| inputs[i].at(at));
    match op {
        Op::Downscale(d) => rounded(a, d.shift, -(1 << 35), (1 << 35) - 1),
        Op::Momentum(_) => within(a + of(1), 1 << 35),
        Op::SecondMoment(m) => {
            let g = within(of(1) << (inputs[0].bits / 2 - inputs[1].bits), 1 << 40)?;
            rounded(i128::from(m.factor) * a + (4096 - i128::from(m.factor)) * g * g, 12, 0, (1 << 62) - 1)
        }
        Op::Ratio(r) => {
            let (a, v) = (a << (inputs[1].bits / 2 - inputs[0].bits), of(1) + i128::from(r.within));
            let d = (v as f64).sqrt() as i128;
            let root = (d - 2..=d + 2).filter(|s| *s >= 0 && s * s <= v).max().expect("near");
            let d = within(2 * (root + i128::from(r.epsilon)), 1 << 35)?;
            within((2 * (a << r.bits) + d / 2).div_euclid(d), 1 << 23)
        }
        other => unreachable!("{}", other.name()),
    }
}

/// An activation, or the slope that its gradient has, in units of 2^-12.
fn activated(f: Function, z: i128, slope: bool) -> i128 {
    match (f.name, slope) {
        (Name::LeakyRelu, true) if z > 0 => 4096,
        (Name::LeakyRelu, true) => f.alpha.into(),
        (Name::LeakyRelu, false) if z > 0 => z,
        (Name::LeakyRelu, false) => (2 * i128::from(f.alpha) * z + 4096).div_euclid(8192),
        (_, slope) => [table(f, z)[0], 2 * table(f, z)[1]][usize::from(slope)],
    }
}

/// Values of all nodes; none where one leaves its range.
fn evaluate(g: &Graph, tensors: &[Vec<i128>]) -> Option<Vec<Vec<i128>>> {
    let mut held: Vec<Held> =
        tensors.iter().zip(g.tensors()).map(|(e, t)| Held { shape: t.shape.clone(), bits: t.bits, entries: e.clone() }).collect();
    let b = 1i128 << 24;
    for (i, node) in g.nodes().iter().enumerate() {
        let facts = g.facts(tensors.len() + i);
        let inputs: Vec<&Held> = node.inputs.iter().map(|v| &held[*v]).collect();
        let entry = |(number, at): (usize, Vec<usize>)| match &node.op {
            Op::Matmul(m) => Some(matmul(inputs[0], inputs[1], m.transpose_a, m.transpose_b, &at)),
            Op::Sum(s) => Some(sum(&inputs, &s.coefficients, s.reduce, &at)),
            Op::View(v) => Some(view(v, &inputs, &at, number)),
            Op::Round(r) => {
                let (least, most) = if r.range == Range::Half { (-b / 2, b / 2 - 1) } else { (1 - b, b) };
                let q = rounded(inputs[0].at(&at), inputs[0].bits - r.bits, least, most)?;
                Some(if r.range == Range::Relu && q < 0 { 0 } else { q })
            }
            Op::RoundGradient(r) => {
                let q = rounded(inputs[0].at(&at), inputs[0].bits - r.bits, -b / 2, b / 2 - 1)?;
                Some(if r.mask && inputs[1].at(&at) <= 0 { 0 } else { q })
            }
            Op::Activation(a) => {
                let z = rounded(inputs[0].at(&at), inputs[0].bits - a.bits, 1 - b, b)?;
                Some(activated(a.function(), z, false))
            }
            Op::ActivationGradient(a) => {
                let g = rounded(inputs[0].at(&at), inputs[0].bits - a.bits, -b / 2, b / 2 - 1)?;
                let z = rounded(inputs[2].at(&at), inputs[2].bits - inputs[1].bits, 1 - b, b)?;
                rounded(g * activated(a.function(), z, true), 12, -b / 2, b / 2 - 1)
            }
            Op::SoftmaxCrossEntropy(s) => softmax(inputs[0], inputs[1], (s.gradient_bits, s.smoothing), &at),
            Op::GivenGradient(_) => Some(inputs[1].at(&at)),
            Op::MeanSquaredError(m) => Some((inputs[0].at(&at) - inputs[1].at(&at)) * (1i128 << (m.gradient_bits - inputs[0].bits))),
            Op::Clamp(c) => clamped(inputs[0].at(&at), c.minimum.into(), c.maximum.into()),
            Op::ClampGradient(_) => Some(if inputs[1].at(&at) == inputs[2].at(&at) { inputs[0].at(&at) } else { 0 }),
            Op::MeanAbsoluteError(m) => clamped(inputs[0].at(&at) - inputs[1].at(&at), -1, 1).map(|v| v << m.gradient_bits),
            Op::SigmoidCrossEntropy(s) => sigmoid(inputs[0].at(&at), inputs[0].bits, inputs[1].at(&at), (s.gradient_bits, s.smoothing)),
            Op::L2Penalty(p) => {
                let shift = inputs[0].bits + p.fraction - p.bits;
                rounded(inputs[0].at(&at) * i128::from(p.coefficient), shift, -(1 << 35), (1 << 35) - 1)
            }
            Op::Huber(h) => {
                let held = clamped(inputs[0].at(&at) - inputs[1].at(&at), -i128::from(h.delta), h.delta.into());
                held.map(|v| v * (1i128 << (h.gradient_bits - inputs[0].bits)))
            }
            Op::Sgd(_) => {
                let shift = inputs[0].bits - inputs[1].bits - inputs[2].bits;
                let w = inputs[0].at(&at) - inputs[2].at(&[]) * inputs[1].at(&at) * (1i128 << shift);
                let w = w - inputs.get(3).map_or(0, |decayed| decayed.at(&at));
                (w.abs() < 1 << 55).then_some(w)
            }
            Op::Downscale(_) | Op::Momentum(_) | Op::SecondMoment(_) | Op::Ratio(_) => of_state(&node.op, &inputs, &at),
            Op::Trees(t) => Some(t.roots.iter().enumerate().map(|(tree, root)| leaf(t, tree, *root as usize, inputs[0], &at)).sum()),
            Op::ArgMax(_) => Some(is_choice(inputs[0], &at)),
            Op::Compare(c) => {
                let v = inputs[0].at(&at);
                Some((c.least.is_none_or(|l| v >= l.into()) && c.most.is_none_or(|m| v <= m.into())).into())
            }
        };
        let entries = coordinates(&facts.shape).into_iter().enumerate().map(entry).collect::<Option<Vec<_>>>()?;
        held.push(Held { shape: facts.shape.clone(), bits: facts.bits, entries });
    }
    Some(held.into_iter().map(|h| h.entries).collect())
}

#[test]
fn random_graphs_and_their_gradients_give_what_the_documents_formulas_give() {
    let mut n = Numbers(0x1de9);
    let (mut taken, mut refused) = (0, 0);
    let mut seen = std::collections::BTreeSet::new();
    for case in 0..400 {
        let steps = 1 + n.below(14);
        let rule = RULES[case % RULES.len()];
        let g = optimised(&random(&mut n, steps), 1, rate_bits(&rule), &rule).expect("differentiable").graph;
        let mut tensors = entries(&g, &mut n, if case % 4 == 0 { 43 } else { 35 });
        *tensors.last_mut().expect("the rate") = vec![1 + n.below(4000) as i128];
        match (run(&g, &tensors, None), evaluate(&g, &tensors)) {
            (Ok(run), Some(values)) => {
                assert_eq!(run.values, values);
                taken += 1;
            }
            (Err(e), None) => {
                assert!(["VALUE_RANGE", "WEIGHT_RANGE"].contains(&e.code), "{e}");
                assert!(e.details["node"].is_string());
                refused += 1;
            }
            (ours, theirs) => panic!("one refuses and one does not: {:?} {:?}", ours.map(|_| ()), theirs.map(|_| ())),
        }
        seen.extend(g.nodes().iter().map(|n| n.op.name()));
    }
    assert!(taken > 250 && refused > 0, "{taken} compared, {refused} refused by both");
    // What has no gradient is below.
    assert_eq!(seen.len() + 3, pot_circuit::ops::NAMES.len(), "{seen:?}");
}

/// Trees that grow at random, each node behind the one whose child it is.
fn grown(n: &mut Numbers, [roots, features, outputs]: [usize; 3]) -> Trees {
    let each = 1 + n.below(outputs);
    let mut children = vec![0; roots];
    let mut asked = vec![(0, 0); roots];
    let mut i = 0;
    while i < children.len() {
        if children.len() < 40 && (i == 0 || n.below(3) > 0) {
            children[i] = children.len() as u32;
            asked[i] = (n.below(features) as u32, n.signed(6));
            children.extend([0, 0]);
            asked.extend([(0, 0); 2]);
        }
        i += 1;
    }
    let leaves = children.iter().filter(|c| **c == 0).count();
    let targets = (0..roots).flat_map(|t| (0..each).map(move |k| (t + k) % outputs)).collect();
    Trees {
        bits: 4,
        features: asked.iter().map(|a| a.0).collect(),
        thresholds: asked.iter().map(|a| a.1).collect(),
        leaves: (0..leaves * each).map(|_| n.signed(1000)).collect(),
        outputs,
        roots: (0..roots as u32).collect(),
        targets,
        children,
    }
}

#[test]
fn trees_are_what_the_document_says() {
    let mut n = Numbers(0x7ee);
    for _ in 0..60 {
        let sizes = [1 + n.below(4), 1 + n.below(4), 1 + n.below(3)];
        let (trees, samples) = (grown(&mut n, sizes), 1 + n.below(3));
        let mut b = Builder::new(Formats { limb_bits: 12, table_bits: 12 }).expect("formats");
        let x = Tensor { name: "x".into(), role: Role::Data, shape: vec![samples, sizes[1]], bits: 8, offset: 8, rate_factor: RateFactor::ONE };
        let x = b.tensor(x).expect("a tensor");
        let z = b.node("z", trees.into(), &[x]).expect("a node");
        let g = b.finish(&[z]).expect("a graph");
        // Few numbers, so that many are as large as a threshold.
        let tensors = vec![(0..samples * sizes[1]).map(|_| n.signed(8).into()).collect()];
        assert_eq!(Some(run(&g, &tensors, None).expect("in range").values), evaluate(&g, &tensors));
        assert_eq!(Graph::from_json(&g.to_json()).expect("canonical"), g);
    }
}

#[test]
fn choices_and_comparisons_are_what_the_documents_say() {
    let mut n = Numbers(0x3c1);
    for _ in 0..60 {
        let (rows, width) = (1 + n.below(3), 1 + n.below(5));
        let mut b = Builder::new(Formats { limb_bits: 12, table_bits: 12 }).expect("formats");
        let x = Tensor { name: "x".into(), role: Role::Data, shape: vec![rows, width], bits: 8, offset: 8, rate_factor: RateFactor::ONE };
        let x = b.tensor(x).expect("a tensor");
        let choice = b.node("choice", ArgMax {}.into(), &[x]).expect("a node");
        let one = b.node("one", View::Slice { axis: 1, length: 1, start: n.below(width) }.into(), &[x]).expect("a node");
        let least = n.signed(6);
        let of = [
            Compare { least: Some(least), most: None },
            Compare { least: None, most: Some(least) },
            Compare { least: Some(least), most: Some(least + 2) },
        ];
        let flags: Vec<Value> = (0..3).map(|i| b.node(&format!("flag{i}"), of[i].into(), &[one]).expect("a node")).collect();
        let g = b.finish(&[&[choice], &flags[..]].concat()).expect("a graph");
        // Few numbers, so that many are equal.
        let tensors = vec![(0..rows * width).map(|_| n.signed(5).into()).collect()];
        assert_eq!(Some(run(&g, &tensors, None).expect("in range").values), evaluate(&g, &tensors));
    }
}
