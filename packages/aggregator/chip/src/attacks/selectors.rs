//! Selectors, and the size of the constraint system.

use super::*;

/// Everything, with two permutations.
fn mixed() -> Arc<Builder> {
    let (mut b, _) = build([3, 1234567, 1 << 40, 99]);
    let state = [1, 2, 3].map(|v| b.witness(Fr::from(v)));
    b.permute(state);
    Arc::new(b)
}

/// No block, no arithmetic, as many public inputs as there may be.
fn permutations_alone() -> Arc<Builder> {
    let mut b = Builder::default();
    let one = b.constant(Fr::ONE);
    let state = b.permute([one; 3]);
    let state = b.permute(state);
    b.expose(&state);
    b.expose(&[one; PUBLIC_ROWS - 3]);
    Arc::new(b)
}

/// F's arithmetic is what the running sum ends below; many constants.
fn long_arithmetic() -> Arc<Builder> {
    let mut b = Builder::default();
    for i in 0..5000 {
        b.constant(Fr::from(i + 7));
    }
    let three = b.witness(Fr::from(3));
    let last = (0..22000).fold(three, |acc, _| b.mul_add(acc, acc, acc));
    b.permute([last; 3]);
    assert!(b.native.len() > TABLE_ROWS);
    Arc::new(b)
}

/// Selectors are products of columns that mean several things: each is on where its gate belongs, and nowhere else.
#[test]
fn selectors_are_on_where_they_mean_something() {
    let forms = [(mixed(), vec![WIDE, PACKED, COMPRESSION]), (permutations_alone(), vec![WIDE, PACKED]), (long_arithmetic(), vec![WIDE, PACKED])];
    for (b, packing) in forms.into_iter().flat_map(|(b, packings)| packings.into_iter().map(move |packing| (b.clone(), packing))) {
        let (cf, lay) = (config(packing), b.layout(packing));
        let circuit = ChipCircuit::packed(b.clone(), rows(packing), packing).unwrap();
        let mock = MockProver::run(circuit.k, &circuit, vec![b.instance()]).unwrap();
        let n = 1isize << circuit.k;
        let cell = |column, row: isize| match mock.fixed_values(column)[row.rem_euclid(n) as usize] {
            CellValue::Assigned(v) => v,
            _ => Fr::ZERO,
        };
        let fx = &cf.fx;
        // As the gates read it from this physical row, so many logical rows away.
        let read = |slot: FixedSlot, row: isize, away: i32| cell(slot.column, row + slot.at(away).0 as isize);
        let base = |row: isize| fx.base.map_or(Fr::ONE, |base| cell(base, row));
        let beyond = |row| base(row) - read(fx.range, row, 0);
        let unit = |row, away| read(fx.flex, row, away) + read(fx.digit, row, away);
        // Physical rows where a selector is not 0, all rows of the column looked at, and the logical rows where it ought to be.
        type Selector<'a> = (&'static str, Box<dyn Fn(isize) -> Fr + 'a>, Vec<usize>);
        let blocks = |gate: Gate| -> Vec<usize> {
            let on = |i: &usize| b.blocks[*i].kind.flags().gates().contains(&(gate, true));
            (0..b.blocks.len()).filter(on).map(|i| lay.origin(i)).collect()
        };
        let units = |full: bool| {
            (0..b.hashes.len())
                .flat_map(|i| (0..UNITS).filter(move |u| is_full(*u) == full).map(move |u| (i, u)))
                .map(|(i, u)| lay.hash(i) + u)
                .collect()
        };
        let ends = (0..b.hashes.len()).flat_map(|i| ENDS_OF_HASH.map(|row| lay.hash(i) + row)).collect();
        let native = |rows: &[u32]| rows.iter().map(|row| lay.start + *row as usize).collect();
        let mut selectors: Vec<Selector<'_>> = vec![
            ("range", Box::new(|row| read(fx.range, row, 0)), (SUM_ROW..=lay.sum_end()).collect()),
            ("origin", Box::new(|row| read(fx.origin, row, 0)), (0..b.blocks.len()).map(|i| lay.origin(i)).collect()),
            ("flex", Box::new(|row| read(fx.range, row, 0) * read(fx.flex, row, 0)), native(&b.flex)),
            ("digit", Box::new(|row| read(fx.range, row, 0) * read(fx.digit, row, 0)), native(&b.digit)),
            ("full", Box::new(|row| beyond(row) * read(fx.flex, row, 0)), units(true)),
            ("partial", Box::new(|row| beyond(row) * read(fx.digit, row, 0)), units(false)),
            ("ends", Box::new(|row| beyond(row) * (unit(row, 0) - unit(row, -1))), ends),
        ];
        for gate in [Gate::Slope, Gate::Link, Gate::Tangent, Gate::Load, Gate::Curve, Gate::Random] {
            selectors.push(("block", Box::new(move |row| read(fx.origin, row, 0) * read(fx.kind, row, gate as i32 - ORIGIN)), blocks(gate)));
        }
        let constants = (PUBLIC_ROWS..lay.start).chain(if packing == WIDE { 0..b.public.len() } else { 0..0 });
        selectors.push(("constant", Box::new(|row| base(row) * read(fx.is_constant, row, 0)), constants.collect()));
        for (name, selector, expected) in selectors {
            let mut expected: Vec<isize> = expected.into_iter().map(|row| packing.base(row) as isize).collect();
            expected.sort();
            let found: Vec<isize> = (0..n).filter(|row| selector(*row) != Fr::ZERO).collect();
            assert_eq!(found, expected, "{name} of {packing:?}");
        }
        if packing != WIDE {
            let public: Vec<isize> = (0..n).filter(|row| base(*row) == Fr::from(2)).collect();
            assert_eq!(public, (0..b.public.len() as isize).collect::<Vec<_>>());
        }
    }
}

/// What docs/protocol/ecc-chip.md counts, and that the reserved rows are enough.
#[test]
fn size_of_the_constraint_system() {
    for factor in 1..=15 {
        let (mut cs, packing) = (ConstraintSystem::<Fr>::default(), Packing { factor });
        ChipConfig::packed(&mut cs, packing);
        assert_eq!(cs.degree(), 4);
        assert!(cs.blinding_factors() < reserved(packing), "{factor}");
    }
    let mut cs = ConstraintSystem::<Fr>::default();
    ChipConfig::configure(&mut cs);
    assert_eq!((cs.num_advice_columns(), cs.num_fixed_columns()), (20, 9));
    assert_eq!((cs.advice_queries().len(), cs.fixed_queries().len()), (86, 21));
}
