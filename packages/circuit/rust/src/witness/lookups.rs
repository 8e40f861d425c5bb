//! Phase 2: what lookups sum.

use super::{Closed, Inverses, Witness};
use crate::gadgets::pairs::Pair;
use crate::gadgets::range::{multiplicities, sums};
use crate::layout::forest::{CELLS, DISTANCE};
use halo2_axiom::halo2curves::bn256::Fr;

impl Witness {
    /// Columns that the range lookup covers.
    fn looked_up(&self) -> Vec<&[i64]> {
        let distances = self.paths.iter().skip(DISTANCE).step_by(CELLS);
        self.data.iter().chain(&self.units).chain(self.beside.iter().flatten()).chain(distances).map(|c| &c[..]).collect()
    }

    /// How often each entry of the range table stands in them.
    pub(super) fn counted(&self) -> Vec<u64> {
        let counted = || multiplicities(self.parts().graph.formats().limb_bits, self.parts().layout.last, &self.looked_up());
        self.multiplicities.clone().unwrap_or_else(counted)
    }

    /// What is looked up in tables of so many functions, as the cells say.
    fn pairs(&self, functions: usize) -> Vec<Pair> {
        let cell = |row: usize, i: usize| if i <= functions { self.units[i][row] } else { 0 };
        self.parts().layout.pairs(functions).map(|(row, table)| (row, table, std::array::from_fn(|i| cell(row, i)))).collect()
    }

    /// How often each entry of these tables is looked up.
    pub(super) fn counted_pairs(&self, functions: usize) -> Vec<u64> {
        self.parts().layout.pair_tables(functions).multiplicities(&self.pairs(functions))
    }

    /// The running sums, and the inverses of pairs and of triples, and of trees, where there are any.
    pub(super) fn lookups(&self, beta: Fr, rho: Fr) -> (Vec<Vec<Fr>>, Vec<[Vec<Fr>; 2]>, Option<Inverses>) {
        let layout = &self.parts().layout;
        let (counted, columns) = (self.counted(), self.looked_up());
        let inverses = |functions: usize| {
            let (tables, pairs) = (layout.pair_tables(functions), self.pairs(functions));
            tables.inverses([beta, rho], &tables.multiplicities(&pairs), &pairs, layout.last)
        };
        let mut inverses: Vec<[Vec<Fr>; 2]> = layout.lookups().into_iter().map(inverses).collect();
        let mut trees = self.tree_inverses(beta, rho);
        let all = |inverses: &[[Vec<Fr>; 2]], trees: &Option<Inverses>| {
            let others = trees.as_ref().map(Inverses::summed);
            let terms: Vec<&[Vec<Fr>; 2]> = inverses.iter().chain(&others).collect();
            sums(beta, &counted, layout.last, &columns, &terms)
        };
        let mut sums = all(&inverses, &trees);
        let lacks = -*sums.last().and_then(|c| c.last()).expect("the table's");
        match self.changes.closed {
            Some(Closed::Sum(column, row)) => close(&mut sums, (column, row), lacks),
            Some(Closed::Used(lookup, row)) => inverses[lookup][0][row] += lacks,
            Some(Closed::Listed(lookup, row)) => inverses[lookup][1][row] -= lacks,
            Some(closed) => trees.iter_mut().for_each(|t| t.close(closed, lacks)),
            None => {}
        }
        if let Some(Closed::Used(..) | Closed::Listed(..) | Closed::Trees(..)) = self.changes.closed {
            sums = all(&inverses, &trees);
        }
        (sums, inverses, trees)
    }
}

/// Moves a running sum from (column, row) on by what it lacks at its end.
fn close(sums: &mut [Vec<Fr>], (column, row): (usize, usize), lacks: Fr) {
    for (c, cells) in sums.iter_mut().enumerate() {
        let from = if c < column { row + 1 } else { row };
        cells.iter_mut().skip(from).for_each(|v| *v += lacks);
    }
}
