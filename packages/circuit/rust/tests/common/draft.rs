//! Random graphs: residuals, fan-out, products of activations, views, all losses. All values have 12 fractional bits.

use super::Numbers;
use pot_circuit::graph::{Builder, Graph};
use pot_circuit::ops::activation::Name;
use pot_circuit::ops::round::Range;
use pot_circuit::ops::{
    Activation, Clamp, Emit, GivenGradient, Huber, L2Penalty, Matmul, MeanAbsoluteError, MeanSquaredError, Op, Round, SigmoidCrossEntropy,
    SoftmaxCrossEntropy, Sum, View,
};
use pot_circuit::tensor::{Formats, RateFactor, Role, Tensor};
use pot_proof_system::error::PotError;

pub const BITS: u32 = 12;
pub const WEIGHT_BITS: u32 = 36;
const FORMATS: Formats = Formats { limb_bits: 12, table_bits: 12 };

/// A graph that is not checked yet, by names.
#[derive(Clone, Default)]
pub struct Draft {
    pub tensors: Vec<Tensor>,
    pub nodes: Vec<(String, Op, Vec<String>)>,
}

impl Draft {
    pub fn tensor(&mut self, role: Role, shape: &[usize], bits: u32) -> String {
        let name = format!("t{}", self.tensors.len());
        let offset = if role == Role::Data || (role == Role::Label && bits > 0) { 1 << 11 } else { 0 };
        self.tensors.push(Tensor { name: name.clone(), role, shape: shape.to_vec(), bits, offset, rate_factor: RateFactor::ONE });
        name
    }

    pub fn node(&mut self, op: impl Into<Op>, inputs: &[&str]) -> String {
        let name = format!("n{}", self.nodes.len());
        self.nodes.push((name.clone(), op.into(), inputs.iter().map(|s| s.to_string()).collect()));
        name
    }

    fn builder(&self) -> Result<Builder, PotError> {
        let mut b = Builder::new(FORMATS)?;
        self.tensors.iter().try_for_each(|t| b.tensor(t.clone()).map(drop))?;
        for (name, op, inputs) in &self.nodes {
            let inputs: Vec<usize> = inputs.iter().map(|i| b.value(i).expect("drafted before")).collect();
            b.node(name, op.clone(), &inputs)?;
        }
        Ok(b)
    }

    pub fn shape(&self, name: &str) -> Vec<usize> {
        let b = self.builder().expect("drafts are built as they grow");
        b.facts(b.value(name).expect("drafted")).shape.clone()
    }

    /// With these nodes as outputs.
    pub fn graph(&self, outputs: &[&str]) -> Result<Graph, PotError> {
        let b = self.builder()?;
        let outputs: Vec<usize> = outputs.iter().map(|o| b.value(o).expect("drafted")).collect();
        b.finish(&outputs)
    }

    fn unused(&self) -> Vec<String> {
        let used = |name: &str| self.nodes.iter().any(|(_, _, inputs)| inputs.iter().any(|i| i == name));
        let names = self.tensors.iter().map(|t| &t.name).chain(self.nodes.iter().map(|n| &n.0));
        names.filter(|n| !used(n)).cloned().collect()
    }
}

/// An activation by table, of 8 fractional bits, is added to data of as many as all have.
fn bent(d: &mut Draft, n: &mut Numbers, raw: &str) -> String {
    let activation = *n.pick(Name::ALL);
    let alpha = match activation {
        Name::Elu | Name::LeakyRelu => *n.pick(&[41, 4096]),
        Name::HardSigmoid => *n.pick(&[683, 819]),
        _ => 0,
    };
    let bits = if activation == Name::LeakyRelu { BITS } else { 8 };
    let h = d.node(Activation { activation, alpha, bits, gradient_bits: BITS }, &[raw]);
    let more = d.tensor(Role::Data, &d.shape(&h), BITS);
    d.node(Sum::of(2), &[&h, &more])
}

fn rounded(d: &mut Draft, n: &mut Numbers, raw: &str) -> String {
    if n.chance(4) {
        return bent(d, n, raw);
    }
    let range = *n.pick(&[Range::Half, Range::Wide, Range::Relu]);
    let round = d.node(Round { bits: BITS, gradient_bits: BITS, range }, &[raw]);
    match n.below(5) {
        0 => {
            let (minimum, maximum) = *n.pick(&[(-300, 700), (0, 900), (-500, 0), (-1, 1)]);
            d.node(Clamp { maximum, minimum }, &[&round])
        }
        _ => round,
    }
}

/// A matrix product with weights, maybe a bias.
fn dense(d: &mut Draft, n: &mut Numbers, x: &str, role: Role) -> Option<String> {
    let k = *d.shape(x).last().filter(|_| d.shape(x).len() >= 2)?;
    let (m, transpose_b) = (1 + n.below(4), n.chance(2));
    let w = d.tensor(role, &if transpose_b { [m, k] } else { [k, m] }, WEIGHT_BITS);
    let mut raw = d.node(Matmul { transpose_a: false, transpose_b }, &[x, &w]);
    if n.chance(2) {
        let bias = d.tensor(Role::Trained, &[m], WEIGHT_BITS);
        raw = d.node(Sum::of(2), &[&raw, &bias]);
    }
    Some(rounded(d, n, &raw))
}

/// A product of an activation with itself, or of the transposed of a trained matrix with it.
fn product(d: &mut Draft, n: &mut Numbers, x: &str) -> Option<String> {
    let shape = d.shape(x);
    let rank = shape.len();
    if rank < 2 {
        return None;
    }
    let transpose_a = n.chance(2);
    let raw = if n.chance(2) {
        d.node(Matmul { transpose_a, transpose_b: !transpose_a }, &[x, x])
    } else {
        let rows = shape[rank - 2];
        let w = d.tensor(Role::Trained, &if transpose_a { [rows, 2] } else { [2, rows] }, WEIGHT_BITS);
        d.node(Matmul { transpose_a, transpose_b: false }, &[&w, x])
    };
    Some(rounded(d, n, &raw))
}

fn sum(d: &mut Draft, n: &mut Numbers, x: &str, other: &str) -> Option<String> {
    let (a, b) = (d.shape(x), d.shape(other));
    let fits = a.ends_with(&b) || b.ends_with(&a);
    let coefficient = |n: &mut Numbers| *n.pick(&[1, -1, 2, -3]);
    let rank = if fits { a.len().max(b.len()) } else { a.len() };
    let reduce = if n.chance(3) { n.below(rank + 1) } else { 0 };
    Some(match fits {
        true => d.node(Sum { coefficients: vec![coefficient(n), coefficient(n)], reduce }, &[x, other]),
        false => d.node(Sum { coefficients: vec![coefficient(n)], reduce }, &[x]),
    })
}

fn view(d: &mut Draft, n: &mut Numbers, x: &str) -> Option<String> {
    let shape = d.shape(x);
    let rank = shape.len();
    let axis = n.below(rank.max(1));
    let kind = n.below(6);
    if rank == 0 && kind != 0 && kind != 5 {
        return None;
    }
    let view = match kind {
        0 => View::Reshape { shape: vec![shape.iter().product::<usize>(), 1] },
        1 => {
            let mut axes: Vec<usize> = (0..rank).collect();
            axes.rotate_left(axis);
            axes.swap(0, rank - 1);
            View::Transpose { axes }
        }
        2 => {
            let start = n.below(shape[axis]);
            View::Slice { axis, length: 1 + n.below(shape[axis] - start), start }
        }
        3 => return Some(d.node(View::Concat { axis }, &[x, x])),
        4 => View::Pad { after: n.below(2), axis, before: 1 },
        _ if rank > 3 => return None,
        _ => View::Broadcast { shape: vec![2] },
    };
    Some(d.node(view, &[x]))
}

/// Losses of all that nothing uses. Where they are several, all have one factor: as many rows of a softmax or entries of an absolute
/// error, and twice as many entries of a squared one, with zeros for what lacks.
fn losses(d: &mut Draft, n: &mut Numbers) -> Vec<String> {
    let unused = d.unused();
    let entries = |d: &Draft, v: &str| d.shape(v).iter().product::<usize>();
    let rows = unused.iter().map(|v| entries(d, v)).max().unwrap_or(0);
    let (mut out, mut factor) = (vec![], RateFactor::ONE);
    for mut v in unused.iter().cloned() {
        let loss = if d.shape(&v).is_empty() { 2 + n.below(3) } else { *n.pick(&[0, 0, 1, 2, 3, 5]) };
        if unused.len() > 1 {
            let len = entries(d, &v);
            let width = [2 + n.below(2), 2, 1, 1, 2, 1][loss];
            v = d.node(View::Reshape { shape: vec![len] }, &[&v]);
            let lacks = rows * width - len;
            let before = n.below(lacks + 1);
            v = d.node(View::Pad { after: lacks - before, axis: 0, before }, &[&v]);
            v = d.node(View::Reshape { shape: if loss == 0 || n.chance(2) { vec![rows, width] } else { vec![rows * width] } }, &[&v]);
        }
        // A loss of which the gradient alone is known has a factor of its own.
        if unused.len() == 1 && n.chance(4) {
            let g = d.tensor(Role::Data, &d.shape(&v), BITS);
            out.push(d.node(GivenGradient {}, &[&v, &g]));
            continue;
        }
        let (len, last) = (entries(d, &v) as u64, d.shape(&v).last().copied().unwrap_or(1) as u64);
        factor = match loss {
            0 => RateFactor::new(1, len / last),
            2 | 3 | 5 => RateFactor::new(1, len),
            _ => RateFactor::new(2, len),
        };
        let y = d.tensor(Role::Label, &d.shape(&v), if [0, 5].contains(&loss) { 0 } else { BITS });
        let loss: Op = match loss {
            0 => SoftmaxCrossEntropy { gradient_bits: BITS, smoothing: *n.pick(&[0, 0, 100]) }.into(),
            5 => SigmoidCrossEntropy { gradient_bits: BITS, smoothing: *n.pick(&[0, 300]) }.into(),
            2 => MeanAbsoluteError { gradient_bits: BITS }.into(),
            3 => Huber { delta: 600, gradient_bits: BITS }.into(),
            _ => MeanSquaredError { gradient_bits: BITS }.into(),
        };
        out.push(d.node(loss, &[&v, &y]));
    }
    if let Some(w) = d.tensors.iter().find(|t| t.role == Role::Trained).map(|t| t.name.clone()).filter(|_| n.chance(3)) {
        let coefficient = 1 + n.below(1 << 26) as u64;
        out.push(d.node(L2Penalty { bits: 24, coefficient, factor, fraction: 24 }, &[&w]));
    }
    out
}

/// A graph whose losses depend on all that it has; `steps` operators and more.
pub fn random(n: &mut Numbers, steps: usize) -> Graph {
    let mut d = Draft::default();
    let mut pool = vec![d.tensor(Role::Data, &[2, 1 + n.below(4)], BITS)];
    while d.nodes.len() < steps {
        // What is large would be slow, and leave the ranges.
        pool.retain(|v| d.shape(v).iter().product::<usize>() <= 48 && d.shape(v).len() <= 4);
        let (x, other) = (n.pick(&pool).clone(), n.pick(&pool).clone());
        let made = match n.below(6) {
            0 => dense(&mut d, n, &x, Role::Trained),
            1 => dense(&mut d, n, &x, Role::Frozen),
            2 => product(&mut d, n, &x),
            3 => sum(&mut d, n, &x, &other),
            _ => view(&mut d, n, &x),
        };
        pool.extend(made);
    }
    // The weights of at least one layer.
    let last = pool.iter().rev().find(|v| d.shape(v).len() >= 2).expect("the data has two axes").clone();
    dense(&mut d, n, &last, Role::Trained);
    let losses = losses(&mut d, n);
    d.graph(&losses.iter().map(String::as_str).collect::<Vec<_>>()).expect("a graph by the rules")
}

/// Entries for all tensors but the rate: weights up to 2^`bits`.
pub fn entries(g: &Graph, n: &mut Numbers, bits: u32) -> Vec<Vec<i128>> {
    let each = |t: &Tensor| {
        let len: usize = t.shape.iter().product();
        match t.role {
            Role::Label if t.bits == 0 => {
                let classes = *t.shape.last().expect("an axis");
                (0..len / classes).flat_map(|_| (0..classes).map(|_| 0).collect::<Vec<i128>>()).collect()
            }
            Role::Data | Role::Label => (0..len).map(|_| n.signed(1 << 10).into()).collect(),
            Role::SecondMoment => (0..len).map(|_| if n.chance(2) { 0 } else { n.below(1 << 40) as i128 }).collect(),
            _ => (0..len).map(|_| n.signed(1 << if t.role.is_state() { 24 } else { bits }).into()).collect(),
        }
    };
    let mut all: Vec<Vec<i128>> = g.tensors().iter().map(each).collect();
    for (t, v) in g.tensors().iter().zip(&mut all).filter(|(t, _)| t.role == Role::Label && t.bits == 0) {
        let classes = *t.shape.last().expect("an axis");
        v.chunks_mut(classes).for_each(|row| row[n.below(classes)] = 1);
    }
    all
}
