//! Lookups of pairs (i, f(i)) in tables, beside the range lookup: two columns of inverses, which its running sum takes. Tables of two
//! functions, in which triples (i, f(i), g(i)) are looked up, have columns of their own.
//!
//! Entry i of table t stands for `beta + i + 2^20 t + rho f(i) + rho^2`, and of two functions for `.. + rho f(i) + rho^2 g(i) + rho^3`.
//! The last power of rho keeps a pair from ever being a range's entry or a triple, which do not have it alone, and 2^20 t tables apart:
//! an index is below 2^16. A pair's inverse is forced to 0 on rows without a lookup.

use super::algebra::{int, power, signed, E};
use super::gates::{advice, challenge, fixed, Gates};
use ff::{BatchInvert, Field};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Challenge, Column, ConstraintSystem, Fixed, SecondPhase};
use halo2_axiom::poly::Rotation;

/// Bits of an index, and more.
const INDEX_BITS: u32 = 20;

/// Most functions of a table.
pub const MOST: usize = 2;

/// Columns of the lookup; the pair or triple that is looked up stands side by side in columns that belong to others.
#[derive(Clone, Debug)]
pub struct PairLookup {
    /// Its index, then its values.
    pub cells: Vec<Column<Advice>>,
    pub multiplicities: Column<Advice>,
    /// Inverses of pairs that are looked up, and of the tables' times their multiplicities.
    pub used: Column<Advice>,
    pub listed: Column<Advice>,
    /// The tables' entries.
    pub key: Column<Fixed>,
    pub values: Vec<Column<Fixed>>,
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
    pub fn new(cs: &mut ConstraintSystem<Fr>, multiplicities: Column<Advice>, cells: Vec<Column<Advice>>) -> Self {
        let [used, listed] = [(); 2].map(|_| cs.advice_column_in(SecondPhase));
        let key = cs.fixed_column();
        let values = cells[1..].iter().map(|_| cs.fixed_column()).collect();
        Self { cells, multiplicities, used, listed, key, values }
    }

    /// How many functions its tables have.
    pub fn functions(&self) -> usize {
        self.values.len()
    }

    /// On the rows of the range lookup.
    pub fn gates(&self, gates: &mut Gates<'_>, rows: Column<Fixed>, places: &[Place], [beta, rho]: [Challenge; 2]) {
        gates.add("lookup of pairs", |v| {
            let (beta, rho, rows) = (challenge(v, beta), challenge(v, rho), fixed(v, rows));
            let base = beta + power(&rho, self.functions() + 1);
            let mut cells = self.cells.iter().map(|c| advice(v, *c, 0)).collect::<Vec<E>>().into_iter();
            let i = cells.next().expect("an index");
            let (mut active, mut tag): (E, E) = (int(0), int(0));
            for p in places {
                let here = v.query_fixed(p.selector, Rotation(-(p.below as i32)));
                active = active + here.clone();
                tag = tag + here * E::Constant(tagged(p.table));
            }
            let with = |sum: E, (j, f): (usize, E)| sum + power(&rho, j + 1) * f;
            let pair = cells.enumerate().fold(base.clone() + i + tag, with);
            let key = base + fixed(v, self.key);
            let entry = self.values.iter().map(|c| fixed(v, *c)).enumerate().fold(key, with);
            let used = advice(v, self.used, 0) * pair - active;
            let listed = advice(v, self.listed, 0) * entry - advice(v, self.multiplicities, 0);
            vec![("a pair that is looked up", rows.clone() * used), ("a table's pair", rows * listed)]
        });
    }

    /// The tables from row 1 on; up to row `last` their first entry again, so that no row has a pair that is in none.
    pub fn assign_fixed(&self, tables: &Tables, last: usize, put: &mut dyn FnMut(Column<Fixed>, usize, Fr)) {
        for row in 0..=last {
            let (key, values) = row.checked_sub(1).and_then(|i| tables.entries.get(i)).unwrap_or(&tables.entries[0]);
            put(self.key, row, *key);
            self.values.iter().zip(values).for_each(|(column, v)| put(*column, row, *v));
        }
    }
}

/// What keeps a table's indices apart from others'.
fn tagged(table: usize) -> Fr {
    Fr::from((table as u64) << INDEX_BITS)
}

/// A pair or triple that is looked up: its row, the table's number, and the cells, zeros behind them.
pub type Pair = (usize, usize, [i64; 1 + MOST]);

/// All tables of as many functions, one after the other.
pub struct Tables {
    functions: usize,
    /// With the table's number in the key.
    entries: Vec<(Fr, [Fr; MOST])>,
    /// Of each table its number, its first entry and the one after its last.
    places: Vec<[usize; 3]>,
}

impl Tables {
    /// Each table's number, and the values of each of its functions.
    pub fn new(functions: usize, tables: &[(usize, Vec<Vec<u32>>)]) -> Self {
        let (mut entries, mut places) = (vec![], vec![]);
        for (number, values) in tables {
            let first = entries.len();
            let entry = |i: usize| {
                let value = |f: usize| values.get(f).map_or(Fr::ZERO, |v| Fr::from(u64::from(v[i])));
                (tagged(*number) + Fr::from(i as u64), std::array::from_fn(value))
            };
            entries.extend((0..values[0].len()).map(entry));
            places.push([*number, first, entries.len()]);
        }
        Self { functions, entries, places }
    }

    /// The entry that is a pair; none where its table has no such.
    fn find(&self, table: usize, [i, values @ ..]: [i64; 1 + MOST]) -> Option<usize> {
        let [_, first, end] = self.places.iter().find(|p| p[0] == table)?;
        let at = first + usize::try_from(i).ok()?;
        let is = |(j, v): (usize, &i64)| self.entries[at].1[j] == signed((*v).into());
        (at < *end && values.iter().take(self.functions).enumerate().all(is)).then_some(at)
    }

    /// How often each entry is looked up.
    pub fn multiplicities(&self, pairs: &[Pair]) -> Vec<u64> {
        let mut out = vec![0; self.entries.len()];
        pairs.iter().filter_map(|(_, t, pair)| self.find(*t, *pair)).for_each(|at| out[at] += 1);
        out
    }

    /// Both columns of inverses, of rows 0 to `last`. A pair that is in no table has one too: the running sum then does not end at 0.
    pub fn inverses(&self, [beta, rho]: [Fr; 2], multiplicities: &[u64], pairs: &[Pair], last: usize) -> [Vec<Fr>; 2] {
        let base = beta + power(&rho, self.functions + 1);
        let rhos: Vec<Fr> = (1..=self.functions).map(|j| power(&rho, j)).collect();
        let weighted = |values: &mut dyn Iterator<Item = Fr>| -> Fr { rhos.iter().zip(values).map(|(r, v)| *r * v).sum() };
        let mut listed: Vec<Fr> = self.entries.iter().map(|(key, values)| base + key + weighted(&mut values.iter().copied())).collect();
        let cell = |v: &i64| signed((*v).into());
        let pair = |(_, t, [i, values @ ..]): &Pair| base + cell(i) + tagged(*t) + weighted(&mut values.iter().map(cell));
        let mut used: Vec<Fr> = pairs.iter().map(pair).collect();
        listed.iter_mut().chain(&mut used).batch_invert();
        let mut out = [vec![Fr::ZERO; last + 1], vec![Fr::ZERO; last + 1]];
        pairs.iter().zip(used).for_each(|((row, ..), v)| out[0][*row] = v);
        listed.iter().zip(multiplicities).enumerate().for_each(|(i, (v, m))| out[1][1 + i] = *v * Fr::from(*m));
        out
    }
}
