//! Pairs that are in no table, and rows that are none of a softmax's: what stands beside its own cells.

use super::networks::classification;
use super::softmax::{case, made, other, Entry, Site, E_HI, E_LO, HI, LAST, LO, MET, PART};
use super::solve::{header, program};
use super::{Case, BITS, FORMATS};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::ConstraintSystem;
use pot_circuit::circuit::Config;
use pot_circuit::gadgets::range::multiplicities;
use pot_circuit::ops::softmax_cross_entropy::exp_tables;
use std::collections::BTreeMap;

/// Pairs that look like some that there are.
#[test]
fn pairs_of_no_table() {
    let parted = |case: &Case, i: usize| Site::of(case, 0).is_some_and(|s| s.honest()[i].n[HI] > 0 && s.honest()[i].n[LO] > 0);
    let case = (0..).map(|seed| Case::new(&classification(2, [4, 3]), seed)).find(|c| c.run(None).is_some() && parted(c, 1)).expect("a seed");
    let (header, site) = (header(&case), Site::of(&case, 0).expect("a softmax"));
    let (high, low) = exp_tables(&FORMATS, site.bits);
    let high = move |i: i128| i128::from(high[i as usize]);
    let low_at = low.clone();
    let attacks: [(&'static str, Vec<Entry>); 5] = [
        ("the high table's exponential of the low part", other(&site, 1, |p| p[E_LO] = high(p[LO]))),
        ("the low table's of the high part", other(&site, 1, |p| p[E_HI] = low_at[p[HI] as usize].into())),
        ("a low part beyond its table", other(&site, 1, |p| (p[HI], p[E_HI], p[LO]) = (p[HI] - 1, high(p[HI] - 1), p[LO] + low.len() as i128))),
        ("a low part below 0", other(&site, 1, |p| (p[HI], p[E_HI], p[LO]) = (p[HI] + 1, high(p[HI] + 1), p[LO] - low.len() as i128))),
        (RANGED, other(&site, 1, |p| p[E_HI] = 0)),
    ];
    for (name, entries) in attacks {
        let (at, hi) = (site.clone(), entries[1].n[HI] as usize);
        let witness = made(&case, &header, name, move |w| {
            at.write(w, &entries);
            if name == RANGED {
                let columns: Vec<&[i64]> = w.data.iter().chain(&w.units).map(|c| &c[..]).collect();
                let mut counted = multiplicities(FORMATS.limb_bits, w.parts().layout.last, &columns);
                counted[hi] += 1;
                w.multiplicities = Some(counted);
            }
        });
        let violations = case.violated(&witness);
        assert!(violations.len() == 1 && violations.iter().all(|v| v.ends_with(LAST)), "{name}: {violations:?}");
    }
}

/// With 0, an index would be an entry of the range, whose multiplicity is one more.
const RANGED: &str = "the exponential of anything is 0";

/// Rows follow each other without a gap: what the row above has met and summed is none of the next one's.
#[test]
fn rows_do_not_run_into_each_other() {
    let case = case();
    let header = header(&case);
    let (first, second) = (Site::of(&case, 0).expect("a softmax"), Site::of(&case, 1).expect("two rows"));
    let (run, next) = (first.unit.runs[0], second.unit.runs[1]);
    assert_eq!(run.end() + run.height, next.row0, "neighbours");
    let before = first.honest()[0].row;
    let max = second.max();
    // The sum and the label of the row above.
    let mut summed = second.labelled(second.entries(|_| max, second.exponentials(|_| max), |_, s| s + before[PART] - (1 << second.one)), |_| 0);
    summed.iter_mut().for_each(|e| e.row[PART] += before[PART]);
    let above = second.entries(|_| max + 1, second.exponentials(|_| max + 1), |_, s| s);
    let mut met = above.clone();
    met.iter_mut().for_each(|e| e.row[MET] = 1);
    let attacks = [("the sum so far", summed), ("what is met is the maximum", met)];
    for (name, entries) in attacks {
        let at = second.clone();
        let violations = case.violated(&made(&case, &header, name, move |w| at.write(w, &entries)));
        assert!(violations.len() == 1 && violations.iter().all(|v| v.ends_with(name)), "{name}: {violations:?}");
    }
}

/// A multiplicity in a row without an entry would list whatever stands there.
#[test]
fn every_row_of_the_lookup_lists_a_pair_of_a_table() {
    let case = Case::new(&classification(9, [4, 3]), 1);
    let mut cs = ConstraintSystem::default();
    let config = Config::new(&mut cs, &case.parts);
    let pairs = config.lookup.pairs.first().expect("a softmax looks pairs up");
    let program = program(&case.honest(), &header(&case));
    let mut cells: BTreeMap<usize, [Fr; 2]> = BTreeMap::new();
    config.assign_fixed(&case.parts, &program, &mut |column, row, v| {
        for (i, _) in [pairs.key, pairs.values[0]].iter().enumerate().filter(|(_, c)| **c == column) {
            cells.entry(row).or_default()[i] = v;
        }
    });
    let (high, low) = exp_tables(&FORMATS, BITS);
    let of = |tag: u64, values: &[u32]| -> Vec<[Fr; 2]> {
        values.iter().enumerate().map(|(i, v)| [Fr::from((tag << 20) + i as u64), Fr::from(u64::from(*v))]).collect()
    };
    let tables = [of(0, &high), of(1, &low)].concat();
    let listed: Vec<[Fr; 2]> = (1..=case.parts.layout.last).map(|row| cells.get(&row).copied().unwrap_or_default()).collect();
    assert!(case.parts.layout.last > tables.len(), "rows beyond the tables");
    assert!(listed.iter().all(|pair| tables.contains(pair)) && tables.iter().all(|pair| listed.contains(pair)));
}
