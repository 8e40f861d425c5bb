//! Selectors, tables and constants.

use super::{Config, Parts};
use crate::layout::Matrix;
use crate::scalar::Program;
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Column, Fixed};

impl Config {
    /// Gives every fixed cell that is not 0 to `put`.
    pub fn assign_fixed(&self, parts: &Parts, program: &Program, put: &mut dyn FnMut(Column<Fixed>, usize, Fr)) {
        let layout = &parts.layout;
        self.lookup.assign_fixed(parts.graph.formats().limb_bits, layout.last, put);
        for pairs in &self.lookup.pairs {
            pairs.assign_fixed(&layout.pair_tables(pairs.functions()), layout.last, put);
        }
        if let Some(forest) = &self.forest {
            forest.fixed.assign(parts, put);
        }
        if let Some(scalar) = &self.scalar {
            program.constants.iter().for_each(|(row, v)| put(scalar.constant, *row, *v));
        }
        let mut on = |column: Column<Fixed>, row: usize| put(column, row, Fr::one());
        for (columns, group) in self.weights.iter().zip(&layout.weights) {
            group.matrices.iter().for_each(|m| matrix(&columns.classes[m.class], m, &mut on));
        }
        if let Some(s) = &self.data_selectors {
            s.assign(layout.data.iter().flat_map(|d| &d.runs), &mut on);
            self.data_beyond.assign(&layout.data, self.data.len(), &mut on);
        }
        if let Some(s) = &self.output_selectors {
            s.assign(layout.outputs.iter().flat_map(|o| &o.runs), &mut on);
            self.output_beyond.assign(&layout.outputs, self.outputs.len(), &mut on);
        }
        for (i, s) in self.units.kinds.iter().enumerate() {
            s.assign(layout.units.iter().filter(|u| u.kind == i).flat_map(|u| &u.runs), &mut on);
        }
        if let Some(c) = &self.vectors {
            c.selectors.assign(&layout.vectors, &mut on);
        }
        if let Some(scalar) = &self.scalar {
            program.mul_adds.iter().for_each(|row| on(scalar.mul_add, *row));
            program.constants.iter().for_each(|(row, _)| on(scalar.is_constant, *row));
        }
        if let Some(rates) = self.rates {
            layout.rates.iter().for_each(|row| on(rates, *row));
        }
    }
}

fn matrix(s: &super::config::ClassSelectors, m: &Matrix, on: &mut dyn FnMut(Column<Fixed>, usize)) {
    let fold = s.fold.iter().find(|(stride, _)| *stride == m.chunks).map(|(_, c)| *c);
    for (row, chunk) in (0..m.rows).flat_map(|r| (0..m.chunks).map(move |c| (r, c))) {
        let at = m.row(row, chunk);
        on(s.active, at);
        if let Some(next) = s.next.filter(|_| chunk + 1 < m.chunks) {
            on(next, at);
        }
        if let Some(fold) = fold.filter(|_| chunk == 0 && row + 1 < m.rows) {
            on(fold, at);
        }
    }
    if let Some(end) = s.end {
        on(end, m.run.end());
    }
}
