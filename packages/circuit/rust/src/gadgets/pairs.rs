//! Lookups of pairs (i, f(i)) in tables, beside the range lookup: two columns of inverses, which its running sum takes.
//!
//! Entry i of table t stands for `beta + i + 2^20 t + rho f(i) + rho^2`. The rho^2 keeps a pair from ever being a range's entry, which
//! has none, and 2^20 t tables apart: an index is below 2^16. A pair's inverse is forced to 0 on rows without a lookup.

use super::algebra::{int, signed, E};
use super::gates::{advice, challenge, fixed, Gates};
use ff::{BatchInvert, Field};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Challenge, Column, ConstraintSystem, Fixed, SecondPhase};
use halo2_axiom::poly::Rotation;

/// Bits of an index, and more.
const INDEX_BITS: u32 = 20;

/// Columns of the lookup; the pair that is looked up stands side by side in columns that belong to others.
#[derive(Clone, Copy, Debug)]
pub struct PairLookup {
    pub cells: [Column<Advice>; 2],
    pub multiplicities: Column<Advice>,
    /// Inverses of pairs that are looked up, and of the tables' times their multiplicities.
    pub used: Column<Advice>,
    pub listed: Column<Advice>,
    /// The tables' entries.
    pub key: Column<Fixed>,
    pub value: Column<Fixed>,
}

/// Rows with a lookup: so many rows below those that a selector has, and in which table. No row is in two.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub selector: Column<Fixed>,
    pub below: usize,
    pub table: usize,
}

impl PairLookup {
    /// Those of the second phase, and fixed ones.
    pub fn new(cs: &mut ConstraintSystem<Fr>, multiplicities: Column<Advice>, cells: [Column<Advice>; 2]) -> Self {
        let [used, listed] = [(); 2].map(|_| cs.advice_column_in(SecondPhase));
        let [key, value] = [(); 2].map(|_| cs.fixed_column());
        Self { cells, multiplicities, used, listed, key, value }
    }

    /// On the rows of the range lookup.
    pub fn gates(&self, gates: &mut Gates<'_>, rows: Column<Fixed>, places: &[Place], [beta, rho]: [Challenge; 2]) {
        gates.add("lookup of pairs", |v| {
            let (beta, rho, rows) = (challenge(v, beta), challenge(v, rho), fixed(v, rows));
            let base = beta + rho.clone() * rho.clone();
            let [i, f] = self.cells.map(|c| advice(v, c, 0));
            let (mut active, mut tag): (E, E) = (int(0), int(0));
            for p in places {
                let here = v.query_fixed(p.selector, Rotation(-(p.below as i32)));
                active = active + here.clone();
                tag = tag + here * E::Constant(tagged(p.table));
            }
            let pair = base.clone() + i + tag + rho.clone() * f;
            let entry = base + fixed(v, self.key) + rho * fixed(v, self.value);
            let used = advice(v, self.used, 0) * pair - active;
            let listed = advice(v, self.listed, 0) * entry - advice(v, self.multiplicities, 0);
            vec![("a pair that is looked up", rows.clone() * used), ("a table's pair", rows * listed)]
        });
    }

    /// The tables from row 1 on; up to row `last` their first entry again, so that no row has a pair that is in none.
    pub fn assign_fixed(&self, tables: &Tables, last: usize, put: &mut dyn FnMut(Column<Fixed>, usize, Fr)) {
        for row in 0..=last {
            let (key, value) = row.checked_sub(1).and_then(|i| tables.entries.get(i)).unwrap_or(&tables.entries[0]);
            put(self.key, row, *key);
            put(self.value, row, *value);
        }
    }
}

/// What keeps a table's indices apart from others'.
fn tagged(table: usize) -> Fr {
    Fr::from((table as u64) << INDEX_BITS)
}

/// A pair that is looked up: its row, the table's number, and the cells.
pub type Pair = (usize, usize, [i64; 2]);

/// All tables, one after the other.
pub struct Tables {
    /// With the table's number in the key.
    entries: Vec<(Fr, Fr)>,
    /// Of each table its first entry.
    first: Vec<usize>,
}

impl Tables {
    pub fn new(tables: &[Vec<u32>]) -> Self {
        let (mut entries, mut first) = (vec![], vec![]);
        for (t, values) in tables.iter().enumerate() {
            first.push(entries.len());
            entries.extend(values.iter().enumerate().map(|(i, f)| (tagged(t) + Fr::from(i as u64), Fr::from(u64::from(*f)))));
        }
        Self { entries, first }
    }

    /// The entry that is a pair; none where its table has no such.
    fn find(&self, table: usize, [i, f]: [i64; 2]) -> Option<usize> {
        let at = self.first[table] + usize::try_from(i).ok()?;
        let end = self.first.get(table + 1).copied().unwrap_or(self.entries.len());
        (at < end && self.entries[at].1 == signed(f.into())).then_some(at)
    }

    /// How often each entry is looked up.
    pub fn multiplicities(&self, pairs: &[Pair]) -> Vec<u64> {
        let mut out = vec![0; self.entries.len()];
        pairs.iter().filter_map(|(_, t, pair)| self.find(*t, *pair)).for_each(|at| out[at] += 1);
        out
    }

    /// Both columns of inverses, of rows 0 to `last`. A pair that is in no table has one too: the running sum then does not end at 0.
    pub fn inverses(&self, [beta, rho]: [Fr; 2], multiplicities: &[u64], pairs: &[Pair], last: usize) -> [Vec<Fr>; 2] {
        let base = beta + rho * rho;
        let mut listed: Vec<Fr> = self.entries.iter().map(|(key, value)| base + key + rho * value).collect();
        let pair = |(_, t, [i, f]): &Pair| base + signed((*i).into()) + tagged(*t) + rho * signed((*f).into());
        let mut used: Vec<Fr> = pairs.iter().map(pair).collect();
        listed.iter_mut().chain(&mut used).batch_invert();
        let mut out = [vec![Fr::ZERO; last + 1], vec![Fr::ZERO; last + 1]];
        pairs.iter().zip(used).for_each(|((row, ..), v)| out[0][*row] = v);
        listed.iter().zip(multiplicities).enumerate().for_each(|(i, (v, m))| out[1][1 + i] = *v * Fr::from(*m));
        out
    }
}
