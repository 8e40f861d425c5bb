//! What a prover could put into the cells of a binary cross-entropy: an entry is written anew, as it follows from the lie.

use super::networks::binary;
use super::softmax::{made, E_HI, E_LO, HI, LAST, LO};
use super::solve::header;
use super::{Case, FORMATS};
use halo2_axiom::halo2curves::bn256::Fr;
use pot_circuit::claims::matrix;
use pot_circuit::execute::Fault;
use pot_circuit::gadgets::algebra::signed;
use pot_circuit::layout::{UnitRuns, HEADER};
use pot_circuit::ops::softmax_cross_entropy::exp_tables;
use pot_circuit::ops::Op;
use pot_circuit::witness::{Closed, Witness};

const Q: usize = 4;
const REM: usize = 5;
const LACKS: usize = 6;
/// Row cells: whether the logit is positive, the label, the exponential.
const POSITIVE: usize = 0;
const LABEL: usize = 1;
const EXPONENTIAL: usize = 2;

/// `exp(0)` by both tables.
const ONE: i128 = 63 * 63;

/// An entry: parts and exponentials, quotient, remainder and what that lacks; row cells.
#[derive(Clone)]
struct Entry {
    n: [i128; 7],
    row: [i128; 3],
}

/// An entry of a case's loss.
#[derive(Clone)]
struct Site {
    unit: UnitRuns,
    number: usize,
    labels: usize,
    gradient_bits: u32,
    bits: u32,
    z: i128,
    y: i128,
}

/// Entries of the first such loss.
fn sites(case: &Case) -> Vec<Site> {
    let g = &case.parts.graph;
    let of_loss = |u: &&UnitRuns| matches!(g.nodes()[u.nodes[0]].op, Op::SigmoidCrossEntropy(_));
    let Some(unit) = case.parts.layout.units.iter().find(of_loss) else { return vec![] };
    let node = &g.nodes()[unit.nodes[0]];
    let Op::SigmoidCrossEntropy(op) = node.op else { return vec![] };
    let values = case.run(None).expect("in range").values;
    let (labels, bits) = (node.inputs[1], g.facts(node.inputs[0]).bits);
    let site = |(number, (z, y)): (usize, (&i128, &i128))| {
        let unit = unit.clone();
        Site { unit, number, labels, gradient_bits: op.gradient_bits, bits, z: *z, y: *y }
    };
    values[node.inputs[0]].iter().zip(&values[labels]).enumerate().map(site).collect()
}

impl Site {
    /// All that follows from a distance, a factor by which it is the logit (times two, and one), and an exponential that is more.
    fn entry(&self, t: i128, positive: i128, more: i128) -> Entry {
        let (high, low, shift) = (exp_tables(&FORMATS, self.bits).0, exp_tables(&FORMATS, self.bits).1, self.bits - 2);
        let (hi, lo) = (t >> shift, t & ((1 << shift) - 1));
        let [e_hi, e_lo] = [high[hi as usize], low[lo as usize]].map(i128::from);
        self.of([hi, e_hi, lo, e_lo], positive, e_hi * e_lo + more)
    }

    fn of(&self, [hi, e_hi, lo, e_lo]: [i128; 4], positive: i128, e: i128) -> Entry {
        let s = ONE + e;
        let n = ((e + positive * (ONE - e)) << (self.gradient_bits + 1)) + s;
        let (q, rem) = (n.div_euclid(2 * s), n.rem_euclid(2 * s));
        Entry { n: [hi, e_hi, lo, e_lo, q, rem, 2 * s - 1 - rem], row: [positive, self.y, e] }
    }

    fn honest(&self) -> Entry {
        self.entry(self.z.abs(), i128::from(self.z >= 0), 0)
    }

    /// The logit as another multiple of another distance: `z = (2 m - 1) t` with m neither 0 nor 1; none where that leaves the quotient.
    fn multiple(&self) -> Option<Entry> {
        let t = if self.z == 0 { return None } else { 1 << self.z.trailing_zeros() };
        let m = (self.z / t + 1) / 2;
        let entry = self.entry(t, m, 0);
        let fits = ![0, 1].contains(&m) && (1..1 << (self.gradient_bits + 1)).contains(&entry.n[Q]);
        fits.then_some(entry)
    }

    /// Writes an entry, and the label that it says.
    fn write(&self, w: &mut Witness, entry: &Entry) {
        let parts = w.parts().clone();
        let (layout, kind) = (&parts.layout, &parts.layout.kinds[self.unit.kind]);
        let (_, width) = matrix(parts.graph.facts(self.labels));
        let (row, at) = (self.number / width, self.number % width);
        let first = self.unit.runs[row].row(at);
        let mut limb = 0;
        for (v, n) in entry.n.iter().zip(kind.numbers()) {
            for l in 0..n.limbs {
                let rest = v >> (6 * l);
                let slot = kind.slot(&layout.shape, 0, limb);
                w.units[slot.column][first + slot.row] = if l + 1 == n.limbs { rest } else { rest & 63 } as i64;
                limb += 1;
            }
        }
        entry.row.iter().enumerate().for_each(|(i, v)| w.free[0][first + i] = signed(*v));
        let labels = layout.data_rows(self.labels).expect("labels are data").runs[row];
        let (columns, offset) = (w.data.len(), parts.graph.tensors()[self.labels].offset);
        w.data[at % columns][labels.row(at / columns)] = entry.row[LABEL] as i64 + offset;
    }
}

/// Lies that one constraint of the loss, or of its lookup, alone refuses, by its name. None where a case has no such loss.
pub fn lies(case: &Case, header: &[Fr; HEADER]) -> Vec<(String, Witness)> {
    let all = sites(case);
    let Some(site) = all.first() else { return vec![] };
    let honest = site.honest();
    let changed = |change: &dyn Fn(&mut Entry)| {
        let mut entry = honest.clone();
        change(&mut entry);
        entry
    };
    let mut entries = vec![
        ("the label is 0 or 1", changed(&|e| e.row[LABEL] = 2), site),
        ("the label is 0 or 1", changed(&|e| e.row[LABEL] = -1), site),
        ("the exponential of both parts", site.entry(site.z.abs(), honest.row[POSITIVE], if honest.row[EXPONENTIAL] > 0 { -1 } else { 1 }), site),
        ("quotient and remainder", changed(&|e| e.n[Q] += 1), site),
        (
            "the remainder is below the divisor",
            changed(&|e| {
                e.n[Q] -= 1;
                e.n[REM] += 2 * (ONE + e.row[EXPONENTIAL]);
            }),
            site,
        ),
        (
            LAST,
            changed(&|e| {
                e.n[Q] += 1;
                e.n[REM] -= 2 * (ONE + e.row[EXPONENTIAL]);
                e.n[LACKS] += 2 * (ONE + e.row[EXPONENTIAL]);
            }),
            site,
        ),
    ];
    entries.extend(all.iter().find_map(|s| s.multiple().map(|e| ("positive is 0 or 1", e, s))));
    let mut out: Vec<(String, Witness)> = entries
        .into_iter()
        .map(|(name, entry, site)| {
            let at = site.clone();
            (name.to_string(), made(case, header, name, move |w| at.write(w, &entry)))
        })
        .collect();
    // A pair that is in no table, and the sum closed at one of the lookup's constraints.
    let (_, width) = matrix(case.parts.graph.facts(site.labels));
    let row = site.unit.runs[site.number / width].row(site.number % width) + 1;
    let [hi, e_hi, lo, e_lo] = [HI, E_HI, LO, E_LO].map(|i| honest.n[i]);
    let other = site.of([hi, e_hi, lo, e_lo - 1], honest.row[POSITIVE], e_hi * (e_lo - 1));
    for (name, closed) in [
        (LAST, None),
        ("a pair that is looked up", Some(Closed::Used(0, row))),
        ("a table's pair", Some(Closed::Listed(0, 1))),
        ("the table's entry", Some(Closed::Sum(0, row))),
    ] {
        let (other, at) = (other.clone(), site.clone());
        let change = move |w: &mut Witness| {
            at.write(w, &other);
            w.changes.closed = closed;
        };
        out.push((name.to_string(), made(case, header, name, change)));
    }
    out
}

/// Witnesses of which nothing is wrong but that a logit's sign, or a label that is committed, is another one.
pub fn false_values(case: &Case) -> Vec<Witness> {
    let all = sites(case);
    let Some(site) = all.iter().find(|s| s.z != 0) else { return vec![] };
    let node = &case.parts.graph.nodes()[site.unit.nodes[0]].name;
    let sign = case.witness(Some(&Fault { node, rule: "sign", entry: site.number }));
    let mut label = case.honest();
    label.data[0][case.parts.layout.data_rows(site.labels).expect("labels are data").runs[0].end()] += 1;
    sign.into_iter().chain([label]).collect()
}

#[test]
fn each_constraint_refuses_its_own_lie() {
    for smoothing in [0, 40] {
        let case = Case::lively(|seed| Case::new(&binary(2, [3, 2], smoothing), seed));
        let header = header(&case);
        // What the tests write is what the executor and the witness say.
        for site in sites(&case) {
            let (honest, mut w) = (case.honest(), case.honest());
            site.write(&mut w, &site.honest());
            assert_eq!((&w.units, &w.free, &w.data), (&honest.units, &honest.free, &honest.data));
        }
        for (name, witness) in lies(&case, &header) {
            let violations = case.violated(&witness);
            assert!(violations.len() == 1 && violations.iter().all(|v| v.ends_with(&name)), "{name}: {violations:?}");
        }
    }
}
