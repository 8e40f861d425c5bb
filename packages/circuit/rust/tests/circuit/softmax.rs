//! What a prover could put into the cells of a softmax: a row is written anew, as it follows from the lie.

use super::networks::{classification, smoothed};
use super::solve::{header, solved, Lie, Made};
use super::{Case, FORMATS};
use halo2_axiom::halo2curves::bn256::Fr;
use pot_circuit::claims::matrix;
use pot_circuit::gadgets::algebra::signed;
use pot_circuit::layout::{UnitRuns, HEADER};
use pot_circuit::ops::softmax_cross_entropy::exp_tables;
use pot_circuit::ops::Op;
use pot_circuit::witness::{Closed, Witness};
use std::sync::Arc;

pub const LAST: &str = "zero after the last row";
const SUMMED: &str = "the last sum so far is the sum and a label";

/// An entry's numbers: both parts of t with their exponentials, the quotient, the remainder and what that lacks, the label.
pub const HI: usize = 0;
pub const E_HI: usize = 1;
pub const LO: usize = 2;
pub const E_LO: usize = 3;
const Q: usize = 4;
const REM: usize = 5;
const LABEL: usize = 7;
/// And its row cells, behind the maximum.
const SUM: usize = 1;
pub const PART: usize = 2;
pub const MET: usize = 3;

#[derive(Clone)]
pub struct Entry {
    pub n: [i128; 8],
    pub row: [i128; 4],
}

/// A row of a case's softmax.
#[derive(Clone)]
pub struct Site {
    pub unit: UnitRuns,
    number: usize,
    labels: usize,
    gradient_bits: u32,
    /// Bits of a label in the sum so far.
    pub one: u32,
    pub bits: u32,
    z: Vec<i128>,
    y: Vec<i128>,
}

impl Site {
    pub fn of(case: &Case, number: usize) -> Option<Self> {
        let g = &case.parts.graph;
        let unit = case.parts.layout.units.iter().find(|u| matches!(g.nodes()[u.nodes[0]].op, Op::SoftmaxCrossEntropy(_)))?;
        let node = &g.nodes()[unit.nodes[0]];
        let Op::SoftmaxCrossEntropy(op) = node.op else { return None };
        let values = case.run(None).expect("in range").values;
        let (_, width) = matrix(g.facts(node.inputs[0]));
        let row = |v: usize| values[v][number * width..][..width].to_vec();
        let [z, y] = [row(node.inputs[0]), row(node.inputs[1])];
        let kind = &case.parts.layout.kinds[unit.kind];
        let one = 6 * kind.numbers().nth(REM).expect("a remainder").limbs as u32;
        Some(Self {
            unit: unit.clone(),
            number,
            labels: node.inputs[1],
            gradient_bits: op.gradient_bits,
            one,
            bits: g.facts(node.inputs[0]).bits,
            z,
            y,
        })
    }

    pub fn max(&self) -> i128 {
        *self.z.iter().max().expect("an entry")
    }
    fn arg_max(&self) -> usize {
        self.z.iter().position(|z| *z == self.max()).expect("an entry")
    }
    pub fn width(&self) -> usize {
        self.z.len()
    }
    /// The first or the last entry: one that is not the maximum.
    fn end(&self) -> usize {
        if self.arg_max() == 0 {
            self.width() - 1
        } else {
            0
        }
    }

    /// Parts of `max - z` and their exponentials.
    pub fn exponentials(&self, max: impl Fn(usize) -> i128) -> Vec<[i128; 4]> {
        let (high, low, shift) = (exp_tables(&FORMATS, self.bits).0, exp_tables(&FORMATS, self.bits).1, self.bits - 2);
        let parts = |(i, z): (usize, &i128)| {
            let t = max(i) - z;
            let (hi, lo) = (t >> shift, t & ((1 << shift) - 1));
            [hi, high[hi as usize].into(), lo, low[lo as usize].into()]
        };
        self.z.iter().enumerate().map(parts).collect()
    }

    /// All that follows, under these sums.
    pub fn entries(&self, max: impl Fn(usize) -> i128, parts: Vec<[i128; 4]>, sum: impl Fn(usize, i128) -> i128) -> Vec<Entry> {
        let e: Vec<i128> = parts.iter().map(|p| p[E_HI] * p[E_LO]).collect();
        let total: i128 = e.iter().sum();
        let entry = |(i, p): (usize, [i128; 4])| {
            let s = sum(i, total);
            let n = (e[i] << (self.gradient_bits + 1)) + s;
            let (q, rem) = (n / (2 * s), n % (2 * s));
            let met = i128::from(i <= self.arg_max());
            let row = [max(i), s, e[i..].iter().sum::<i128>() + (self.y[i..].iter().sum::<i128>() << self.one), met];
            Entry { n: [p[0], p[1], p[2], p[3], q, rem, 2 * s - 1 - rem, self.y[i]], row }
        };
        parts.into_iter().enumerate().map(entry).collect()
    }

    pub fn honest(&self) -> Vec<Entry> {
        let max = |_| self.max();
        self.entries(max, self.exponentials(max), |_, s| s)
    }

    /// The same with other labels.
    pub fn labelled(&self, mut entries: Vec<Entry>, labels: impl Fn(usize) -> i128) -> Vec<Entry> {
        let mut more = 0;
        for (i, e) in entries.iter_mut().enumerate().rev() {
            more += labels(i) - e.n[LABEL];
            e.n[LABEL] = labels(i);
            e.row[PART] += more << self.one;
        }
        entries
    }

    /// Writes them, and the labels that they say.
    pub fn write(&self, w: &mut Witness, entries: &[Entry]) {
        let parts = w.parts().clone();
        let (layout, kind) = (&parts.layout, &parts.layout.kinds[self.unit.kind]);
        let run = self.unit.runs[self.number];
        for (i, e) in entries.iter().enumerate() {
            let mut limb = 0;
            for (v, n) in e.n.iter().zip(kind.numbers()) {
                for l in 0..n.limbs {
                    let rest = v >> (6 * l);
                    let slot = kind.slot(&layout.shape, 0, limb);
                    w.units[slot.column][run.row(i) + slot.row] = if l + 1 == n.limbs { rest } else { rest & 63 } as i64;
                    limb += 1;
                }
            }
            e.row.iter().enumerate().for_each(|(r, v)| w.free[0][run.row(i) + r] = signed(*v));
        }
        let labels = layout.data_rows(self.labels).expect("labels are data").runs[self.number];
        let (columns, offset) = (w.data.len(), parts.graph.tensors()[self.labels].offset);
        for (i, e) in entries.iter().enumerate() {
            w.data[i % columns][labels.row(i / columns)] = e.n[LABEL] as i64 + offset;
        }
    }
}

/// Rows that one constraint of the softmax is to refuse, by its name.
fn rows(site: &Site) -> Vec<(&'static str, Vec<Entry>)> {
    let (max, last) = (site.max(), site.width() - 1);
    let above = |_| max + 1;
    let false_maximum = site.entries(above, site.exponentials(above), |_, s| s);
    let mut not_met = false_maximum.clone();
    not_met.iter_mut().for_each(|e| e.row[MET] = 0);
    let one = |i: usize| max + i128::from(i == site.end());
    let honest = |sum: &dyn Fn(usize, i128) -> i128| site.entries(|_| max, site.exponentials(|_| max), sum);
    let mut not_added = honest(&|_, s| s + 1);
    not_added[0].row[PART] += 1;
    let mut out = vec![
        ("what is met is the maximum", false_maximum),
        ("the maximum is met", not_met),
        ("one sum a row", honest(&|i, s| s + i128::from(i == last))),
        ("the sum so far", not_added),
        (SUMMED, honest(&|_, s| s + 1)),
        // No label, two for one, and two ones.
        (SUMMED, site.labelled(site.honest(), |_| 0)),
        (SUMMED, site.labelled(site.honest(), |i| 2 * site.y[i])),
        // No label, and a sum that makes up for it; the same for two.
        (LAST, site.labelled(honest(&|_, s| s - (1 << site.one)), |_| 0)),
        (LAST, site.labelled(honest(&|_, s| s + (1 << site.one)), |i| 2 * site.y[i])),
    ];
    if last > 0 {
        out.push(("one maximum a row", site.entries(one, site.exponentials(one), |_, s| s)));
        out.push((SUMMED, site.labelled(site.honest(), |_| 1)));
        // 2 and -1: all labels but one more are less.
        out.push((LAST, site.labelled(site.honest(), |i| if i == 0 { 2 } else { -i128::from(i == 1) })));
    }
    let mut quotient = |name, change: &dyn Fn(&mut Entry)| {
        let mut entries = site.honest();
        change(&mut entries[site.arg_max()]);
        out.push((name, entries));
    };
    quotient("quotient and remainder", &|e| e.n[Q] -= 1);
    quotient("the remainder is below the divisor", &|e| {
        e.n[Q] -= 1;
        e.n[REM] += 2 * e.row[SUM];
    });
    out
}

/// A row in which one entry's exponentials are others.
pub fn other(site: &Site, at: usize, change: impl Fn(&mut [i128; 4])) -> Vec<Entry> {
    let mut parts = site.exponentials(|_| site.max());
    change(&mut parts[at]);
    site.entries(|_| site.max(), parts, |_, s| s)
}

pub fn made(case: &Case, header: &[Fr; HEADER], name: &'static str, change: impl Fn(&mut Witness) + 'static) -> Witness {
    solved(case, header, &Lie::Made(Made(name, Arc::new(change)))).unwrap_or_else(|| panic!("{name}: it cannot be made to fit"))
}

/// Lies that one constraint of a softmax, or of its lookup, alone refuses, by its name. None where a case has no softmax.
pub fn lies(case: &Case, header: &[Fr; HEADER]) -> Vec<(String, Witness)> {
    let Some(site) = Site::of(case, 0) else { return vec![] };
    let mut out: Vec<(String, Witness)> = rows(&site)
        .into_iter()
        .map(|(name, entries)| {
            let at = site.clone();
            (name.to_string(), made(case, header, name, move |w| at.write(w, &entries)))
        })
        .collect();
    // A pair that is in no table, and the sum closed at one of the lookup's constraints.
    let row = site.unit.runs[0].row(0) + 1;
    for (name, closed) in [
        (LAST, None),
        ("a pair that is looked up", Some(Closed::Used(0, row))),
        ("a table's pair", Some(Closed::Listed(0, 1))),
        ("the table's entry", Some(Closed::Sum(0, row))),
    ] {
        let (entries, at) = (other(&site, 0, |p| p[E_LO] -= 1), site.clone());
        let change = move |w: &mut Witness| {
            at.write(w, &entries);
            w.changes.closed = closed;
        };
        out.push((name.to_string(), made(case, header, name, change)));
    }
    out
}

/// Witnesses of which nothing is wrong but that a softmax's inputs are others: a row's maximum with all that it is the distance of, and
/// a label that is committed.
pub fn other_inputs(case: &Case) -> Vec<Witness> {
    let Some(site) = Site::of(case, 0) else { return vec![] };
    let (mut maximum, mut label) = (case.honest(), case.honest());
    let run = site.unit.runs[0];
    (0..run.len).for_each(|i| maximum.free[0][run.row(i)] += Fr::one());
    let labels = case.parts.layout.data_rows(site.labels).expect("labels are data").runs[0];
    label.data[0][labels.end()] += 1;
    vec![maximum, label]
}

pub fn case() -> Case {
    Case::lively(|seed| Case::new(&classification(2, [4, 3]), seed))
}

#[test]
fn each_constraint_refuses_its_own_lie() {
    each_constraint(case());
}

/// Targets of which the label has what the other classes leave.
#[test]
fn each_constraint_of_smoothed_labels_refuses_its_own_lie() {
    each_constraint(Case::lively(|seed| Case::new(&smoothed(2, [4, 3], 41), seed)));
}

fn each_constraint(case: Case) {
    let header = header(&case);
    // What the tests write is what the executor and the witness say.
    for row in [0, 1] {
        let (site, mut w, honest) = (Site::of(&case, row).expect("a softmax"), case.honest(), case.honest());
        site.write(&mut w, &site.honest());
        assert_eq!((&w.units, &w.free, &w.data), (&honest.units, &honest.free, &honest.data));
    }
    for (name, witness) in lies(&case, &header) {
        let violations = case.violated(&witness);
        assert!(violations.len() == 1 && violations.iter().all(|v| v.ends_with(&name)), "{name}: {violations:?}");
    }
}
