//! What a prover could put into the cells of an activation, and circuits of all of them at the ends of their tables.

use super::networks::{activations, bent};
use super::softmax::{made, LAST};
use super::solve::header;
use super::{violated, Case, BENT_BITS, RATE, TABLE_BITS};
use halo2_axiom::halo2curves::bn256::Fr;
use pot_circuit::gadgets::algebra::signed;
use pot_circuit::layout::{Shape, UnitRuns, HEADER};
use pot_circuit::ops::activation::{Function, Name};
use pot_circuit::ops::Op;
use pot_circuit::prove::{Columns, GraphCircuit};
use pot_circuit::witness::{Closed, Witness};
use pot_proof_system::engine::{prove_columns, proving_key, verify, verifying_key, Transcript};
use pot_proof_system::srs;
use rand_chacha::rand_core::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::collections::BTreeSet;

/// Numbers of an entry with a table, and of one without.
const INDEX: usize = 0;
const VALUE: usize = 1;
const SLOPE: usize = 2;
const BEYOND: usize = 3;
const PRODUCT_REST: usize = 2;
/// Of the gradient, behind those.
const G: usize = 1;
const REST: usize = 2;
const TIMES: usize = 3;
const B: i128 = 6;

/// The entry of a row's first block in a lane.
#[derive(Clone)]
struct Site {
    unit: UnitRuns,
    function: Function,
    lane: usize,
    /// The first of the gradient's numbers, where there is one.
    gradient: Option<usize>,
    /// Bits by which the loss, of which it is the input, has more: its gradient follows the output.
    loss: Option<u32>,
}

impl Site {
    fn all(case: &Case) -> Vec<Self> {
        let (graph, layout) = (&case.parts.graph, &case.parts.layout);
        let of = |u: &UnitRuns| -> Vec<Self> {
            let Op::Activation(op) = graph.nodes()[u.nodes[0]].op else { return vec![] };
            let kind = &layout.kinds[u.kind];
            let gradient = (kind.members.len() > 1).then(|| kind.members[0].numbers.len());
            let loss = graph.nodes().iter().find(|n| matches!(n.op, Op::MeanSquaredError(_)) && n.inputs[0] == u.values[0]);
            let loss = loss.map(|_| BENT_BITS - TABLE_BITS);
            let site = |lane| Self { unit: u.clone(), function: op.function(), lane, gradient, loss };
            (0..kind.lanes(&layout.shape).0).map(site).collect()
        };
        layout.units.iter().flat_map(of).collect()
    }

    fn slots(&self, w: &Witness, number: usize) -> Vec<(usize, usize)> {
        let (layout, run) = (&w.parts().layout, &self.unit.runs[0]);
        let kind = &layout.kinds[self.unit.kind];
        let first: usize = kind.numbers().take(number).map(|n| n.limbs).sum();
        let limbs = kind.numbers().nth(number).expect("a number").limbs;
        let slot = |l: usize| kind.slot(&layout.shape, self.lane, l);
        (first..first + limbs).map(|l| (slot(l).column, run.row(0) + slot(l).row)).collect()
    }
    fn number(&self, w: &Witness, number: usize) -> i128 {
        self.slots(w, number).iter().rev().fold(0, |v, s| (v << B) + i128::from(w.units[s.0][s.1]))
    }
    fn set(&self, w: &mut Witness, number: usize, v: i128) {
        for (i, s) in self.slots(w, number).into_iter().enumerate() {
            w.units[s.0][s.1] = (v >> (B as usize * i) & 63) as i64;
        }
    }
    fn flag(&self, w: &mut Witness, i: usize, v: i128) {
        let parts = w.parts().clone();
        let slot = parts.layout.kinds[self.unit.kind].plain_slot(self.lane, i);
        w.free[slot.column][self.unit.runs[0].row(0) + slot.row] = signed(v);
    }

    /// Numbers as they stand, and what follows from them of the gradient: its product with this slope, and where the output goes into a
    /// loss, the gradient itself.
    fn follow(&self, w: &mut Witness, slope: i128, moved: i128) {
        let Some(first) = self.gradient else { return };
        let half = 1 << (2 * B - 1);
        let g = self.number(w, first + G) - half + self.loss.map_or(0, |shift| moved << shift);
        let product = g * slope + (1 << (B - 1));
        self.set(w, first + G, g + half);
        self.set(w, first + REST, product & 63);
        self.set(w, first + TIMES, (product >> B) + half);
    }

    /// With the table's entry at `index`, these flags, and so much beyond.
    fn put(&self, w: &mut Witness, index: usize, flags: [i128; 2], beyond: i128) {
        let before = self.number(w, VALUE) + self.honest_beyond(w);
        let [f, slope] = self.function.entry(index, TABLE_BITS, B as u32);
        let [low, high] = self.function.slopes(B as u32);
        self.set(w, INDEX, index as i128);
        self.set(w, VALUE, f + 32);
        self.set(w, SLOPE, slope + 16);
        self.set(w, BEYOND, beyond);
        (0..2).for_each(|i| self.flag(w, i, flags[i]));
        let output = f + 32 + (high * flags[0] - low * flags[1]) * (beyond + 1);
        self.follow(w, 2 * slope, output - before);
    }

    /// What an honest output has more than the table's value.
    fn honest_beyond(&self, w: &Witness) -> i128 {
        let parts = w.parts();
        let slot = parts.layout.kinds[self.unit.kind].plain_slot(self.lane, 0);
        let above = w.free[slot.column][self.unit.runs[0].row(0) + slot.row] == Fr::one();
        let [_, high] = self.function.slopes(B as u32);
        if above {
            high * (self.number(w, BEYOND) + 1)
        } else {
            0
        }
    }
}

/// Lies that one constraint of an activation, of its gradient or of their lookup alone refuses, by its name.
pub fn lies(case: &Case, header: &[Fr; HEADER]) -> Vec<(String, Witness)> {
    let mut out = vec![];
    for site in Site::all(case) {
        let all = if site.function.tabled() { of_table(case, &site) } else { of_mask(&site) };
        for (name, change) in all {
            out.push((name.to_string(), made(case, header, name, change)));
        }
    }
    out
}

type Lie = (&'static str, Box<dyn Fn(&mut Witness)>);

fn of_table(case: &Case, site: &Site) -> Vec<Lie> {
    let at = |name, index: usize, flags: [i128; 2], beyond: i128| -> Lie {
        let site = site.clone();
        (name, Box::new(move |w: &mut Witness| site.put(w, index, flags, beyond)))
    };
    let mut out = vec![
        at("above is 0 or 1", 63, [2, 0], 0),
        at("below is 0 or 1", 0, [0, 2], 0),
        at("above, at the table's end", 40, [1, 0], 0),
        at("below, at the table's end", 30, [0, 1], 0),
        at("nothing beyond within the table", 33, [0, 0], 1),
    ];
    out.extend(of_product(site));
    // A value, a slope and an index that do not belong together; and the sum closed at one of the lookup's constraints.
    let lookup = case.parts.layout.lookups().iter().position(|functions| *functions == 2).expect("a table of two functions");
    let row = site.unit.runs[0].row(0);
    let closed = [
        (LAST, None),
        ("a pair that is looked up", Some(Closed::Used(lookup, row))),
        ("a table's pair", Some(Closed::Listed(lookup, 1))),
        ("the table's entry", Some(Closed::Sum(0, row))),
    ];
    for (number, (name, closed)) in [VALUE, SLOPE, INDEX].into_iter().flat_map(|n| closed.into_iter().map(move |c| (n, c))) {
        let site = site.clone();
        let change = move |w: &mut Witness| {
            // Near the middle every function has another value, or another slope, in the next entry but one.
            site.put(w, 33, [0, 0], 0);
            let [f, slope] = site.function.entry(33, TABLE_BITS, B as u32);
            match number {
                VALUE => site.set(w, VALUE, f + 33),
                SLOPE => site.set(w, SLOPE, slope + 17),
                _ => site.set(w, INDEX, 50),
            }
            let more = i128::from(number == VALUE);
            site.follow(w, 2 * (slope + i128::from(number == SLOPE)), more);
            w.changes.closed = closed;
        };
        out.push((name, Box::new(change)));
    }
    out
}

fn of_product(site: &Site) -> Option<Lie> {
    let (site, first) = (site.clone(), site.gradient?);
    let change = move |w: &mut Witness| {
        let rest = site.number(w, first + REST);
        site.set(w, first + REST, if rest == 0 { 1 } else { rest - 1 });
    };
    Some(("the gradient times the slope", Box::new(change)))
}

/// Without a table: a mask of 2, by which z would be 3 u + 2, and another product.
fn of_mask(site: &Site) -> Vec<Lie> {
    let (masked, other) = (site.clone(), site.clone());
    let alpha = i128::from(site.function.alpha);
    let mask = move |w: &mut Witness| {
        let parts = w.parts().clone();
        let slot = parts.layout.kinds[masked.unit.kind].plain_slot(masked.lane, 0);
        let was = w.free[slot.column][masked.unit.runs[0].row(0) + slot.row] == Fr::one();
        let (u, product) = (masked.number(w, 0), masked.number(w, 1));
        masked.flag(w, 0, 2);
        let before = if was { u + 1 } else { -product };
        masked.follow(w, 2 * (64 - alpha) + alpha, 2 * (u + 1 + product) - product - before);
    };
    let product = move |w: &mut Witness| {
        let rest = other.number(w, PRODUCT_REST);
        other.set(w, PRODUCT_REST, if rest == 0 { 1 } else { rest - 1 });
    };
    let mut out: Vec<Lie> = vec![("the mask is 0 or 1", Box::new(mask)), ("the product", Box::new(product))];
    out.extend(of_product(site));
    out
}

/// Values at both ends of the table, one within and one and more beyond; halves of a rounding, on both sides.
#[test]
fn each_activation_at_the_ends_of_its_table() {
    let graph = activations(16);
    let shape = Shape { k: 10, weight_columns: 1, frozen_columns: 1, data_columns: 3, output_columns: 4, lanes: 2, lane_columns: 4 };
    let mut case = Case::shaped(&graph, shape, 1);
    let small = [0, 7, 8, -8, -9, 0, 7, 8, -8, -9, 0, 0, 31, -32, 31, -32];
    let middle = [0, 0, 0, 0, 0, 31, 31, 31, -32, -32, -32, 1, -1, 5, 31, -32];
    let large = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 31, -32, 1, 31, -31];
    case.tensors = [small, middle, large].map(|v| v.to_vec()).to_vec();
    let run = case.run(None).expect("in range");
    for (i, name) in Name::ALL.iter().enumerate() {
        let function = super::networks::activation(*name).function();
        let values = &run.values[graph.outputs()[i]];
        for (j, found) in values.iter().enumerate() {
            let z = (small[j] + 16 * middle[j] + 1024 * large[j] + 8) >> 4;
            let wanted = if function.tabled() {
                let index = (z + 32).clamp(0, 63);
                let [low, high] = function.slopes(6);
                let by = z + 32 - index;
                function.entry(index as usize, TABLE_BITS, 6)[0] + by * if by < 0 { low } else { high }
            } else if z > 0 {
                z
            } else {
                (21 * z + 32) >> 6
            };
            assert_eq!(*found, wanted, "{name:?} of {z}");
        }
    }
    assert_eq!(violated(case.honest(), &[]), BTreeSet::new());
}

/// A mask that says of a positive number that it is not, with everything behind it as it follows: alpha z would be another output.
#[test]
fn leaky_relu_has_one_sign() {
    let case = Case::lively(|seed| Case::training(&bent(1, [2, 2], &[Name::LeakyRelu]), seed));
    let header = header(&case);
    let site = Site::all(&case).into_iter().next().expect("an activation");
    let honest = case.honest();
    let (u, product) = (site.number(&honest, 0), site.number(&honest, 1));
    let w = made(&case, &header, "the other sign", move |w| {
        let parts = w.parts().clone();
        let slot = parts.layout.kinds[site.unit.kind].plain_slot(site.lane, 0);
        let was = w.free[slot.column][site.unit.runs[0].row(0) + slot.row] == Fr::one();
        site.flag(w, 0, i128::from(!was));
        // z as it was: u + 1 = -u' has no u' that is not negative.
        let other = -(u + 1);
        site.set(w, 0, 0);
        let slots = site.slots(w, 0);
        w.units[slots[0].0][slots[0].1] = other as i64;
        let scaled = 21 * other + 31;
        let slots = site.slots(w, 1);
        site.set(w, 1, 0);
        w.units[slots[0].0][slots[0].1] = (scaled >> 6) as i64;
        site.set(w, 2, scaled & 63);
        let (before, after) = if was { (u + 1, -(scaled >> 6)) } else { (-product, other + 1) };
        site.follow(w, if was { 21 } else { 64 }, after - before);
    });
    let found = case.violated(&w);
    assert!(found.len() == 1 && found.iter().all(|v| v.ends_with(LAST)), "{found:?}");
}

#[test]
fn a_step_through_activations_is_proven_and_verified() {
    let case = Case::in_range(|seed| Case::training(&bent(2, [3, 3, 2, 2], &[Name::Tanh, Name::Elu]), seed));
    assert_eq!(case.parts.layout.lookups(), [1, 2], "the softmax's pairs and the activations' triples");
    let srs = srs::development(case.parts.layout.shape.k).expect("small");
    let circuit = GraphCircuit::new(case.parts.clone(), None);
    let vk = verifying_key(&srs, &circuit).expect("a key");
    let pk = proving_key(&srs, vk.clone(), &circuit).expect("a key");
    let instance = [Fr::from(RATE as u64)];
    let mut rng = ChaCha20Rng::from_seed([3; 32]);
    let mut prove = |w: &Witness| prove_columns(&srs, &pk, &mut Columns::new(w), &instance, &mut rng, Transcript::Blake2b).expect("a proof");
    let bytes = prove(&case.honest());
    verify(&srs, &vk, &instance, &bytes, Transcript::Blake2b).expect("it verifies");
    let site = Site::all(&case).into_iter().next().expect("an activation");
    let mut lie = case.honest();
    let value = site.number(&lie, VALUE);
    site.set(&mut lie, VALUE, (value + 1) & 63);
    let bytes = prove(&lie);
    assert_eq!(verify(&srs, &vk, &instance, &bytes, Transcript::Blake2b).expect_err("false").code, "VERIFY_FAILED");
}
