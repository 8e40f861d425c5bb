//! Phase 2: what lookups sum.

use super::{Closed, Witness};
use crate::gadgets::pairs::Pair;
use crate::gadgets::range::{multiplicities, sums};
use halo2_axiom::halo2curves::bn256::Fr;

impl Witness {
    /// Columns that the range lookup covers.
    fn looked_up(&self) -> Vec<&[i64]> {
        self.data.iter().chain(&self.units).chain(self.beside.iter().flatten()).map(|c| &c[..]).collect()
    }

    /// How often each entry of the range table stands in them.
    pub(super) fn counted(&self) -> Vec<u64> {
        let counted = || multiplicities(self.parts().graph.formats().limb_bits, self.parts().layout.last, &self.looked_up());
        self.multiplicities.clone().unwrap_or_else(counted)
    }

    /// Pairs that are looked up, as the cells say.
    fn pairs(&self) -> Vec<Pair> {
        self.parts().layout.pairs().map(|(row, table)| (row, table, [self.units[0][row], self.units[1][row]])).collect()
    }

    /// How often each entry of the tables of pairs is looked up.
    pub(super) fn counted_pairs(&self) -> Vec<u64> {
        self.parts().layout.pair_tables().multiplicities(&self.pairs())
    }

    /// The running sums, and the inverses of pairs where there are any.
    pub(super) fn lookups(&self, beta: Fr, rho: Fr) -> (Vec<Vec<Fr>>, Option<[Vec<Fr>; 2]>) {
        let layout = &self.parts().layout;
        let (counted, columns) = (self.counted(), self.looked_up());
        let mut inverses = (!layout.tables.is_empty()).then(|| {
            let (tables, pairs) = (layout.pair_tables(), self.pairs());
            tables.inverses([beta, rho], &tables.multiplicities(&pairs), &pairs, layout.last)
        });
        let all = |inverses: &Option<[Vec<Fr>; 2]>| sums(beta, &counted, layout.last, &columns, inverses.as_ref());
        let mut sums = all(&inverses);
        let lacks = -*sums.last().and_then(|c| c.last()).expect("the table's");
        match (self.changes.closed, &mut inverses) {
            (Some(Closed::Sum(column, row)), _) => close(&mut sums, (column, row), lacks),
            (Some(Closed::Used(row)), Some([used, _])) => used[row] += lacks,
            (Some(Closed::Listed(row)), Some([_, listed])) => listed[row] -= lacks,
            _ => {}
        }
        if let Some(Closed::Used(_) | Closed::Listed(_)) = self.changes.closed {
            sums = all(&inverses);
        }
        (sums, inverses)
    }
}

/// Moves a running sum from (column, row) on by what it lacks at its end.
fn close(sums: &mut [Vec<Fr>], (column, row): (usize, usize), lacks: Fr) {
    for (c, cells) in sums.iter_mut().enumerate() {
        let from = if c < column { row + 1 } else { row };
        cells.iter_mut().skip(from).for_each(|v| *v += lacks);
    }
}
