//! Cheating provers: each kind of cell changed by itself, and lies with everything downstream made to fit; of the wide circuit and of a packed one.

use crate::block::{t_cell, Block, Gate, Kind, LimbPlace, Source, CARRIES, HEIGHT, M, MULTIPLICITY, NEXT, ORIGIN, QUOTIENTS, SIGN, SLOPE};
use crate::builder::curve::native;
use crate::cell::LIMBS;
use crate::config::CHUNKS;
use crate::fill::{chain_points, Random};
use crate::layout::{reserved, Layout, SUM_ROW, TABLE_ROWS};
use crate::limbs::CHUNK_BITS;
use crate::packing::{AdviceSlot, FixedSlot, Packing, PUBLIC_ROWS};
use crate::poseidon::{is_full, COPIES, ENDS as ENDS_OF_HASH, UNITS};
use crate::{Builder, Cell, Change, ChipCircuit, ChipConfig, Point};
use ff::Field;
use group::Curve;
use halo2_axiom::dev::{CellValue, VerifyFailure};
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_axiom::plonk::ConstraintSystem;
use pot_mock::MockProver;
use std::sync::Arc;

mod cells;
mod forgeries;
mod forms;
mod limbs;
mod selectors;

const WIDE: Packing = Packing { factor: 1 };
const PACKED: Packing = Packing { factor: 3 };
/// The form before the chain (compression in packages/aggregator/rust).
const COMPRESSION: Packing = Packing { factor: 7 };
const CHORD: &str = "slope^2 = x + x_T + x'";
const LINK: &str = "both blocks give the same y";
const TANGENT: &str = "slope (2y - q) = 3x (x - q)";
const LOAD: &str = "T holds a point of range-checked limbs";
const CURVE: &str = "a point of the curve";
const BELOW: &str = "coordinates below q";
const RESIDUES: &str = "coordinates modulo r";
const SUM: &str = "running sum";
const ENDS: &str = "the running sum is 0 at both ends";
const COPY: &str = "copy";

fn point(k: u64) -> G1Affine {
    (G1Affine::generator() * Fr::from(k)).to_affine()
}

/// A free point and a fixed one, their sum with two scalars, a permutation, a product, a range check.
fn build(values: [u64; 4]) -> (Builder, Point) {
    let mut b = Builder::default();
    let p = b.point(point(values[0]));
    let fixed = b.constant_point(point(5));
    let scalars = [values[1], values[2]].map(|v| b.witness(Fr::from(v)));
    let sum = b.msm(&[(scalars[0], p), (scalars[1], fixed)]);
    let state = b.permute([sum.x, sum.y, scalars[0]]);
    let x = b.witness(Fr::from(values[3]));
    b.range(x, 60);
    let product = b.mul(x, scalars[1]);
    b.expose(&[state[0], product]);
    (b, sum)
}

fn base() -> (Arc<Builder>, Point) {
    let (b, sum) = build([3, 1234567, 1 << 40, 99]);
    (Arc::new(b), sum)
}

/// log2 of the rows: the least of the form.
fn rows(packing: Packing) -> u32 {
    match packing {
        COMPRESSION => 19,
        PACKED => 18,
        _ => 17,
    }
}

fn config(packing: Packing) -> ChipConfig {
    ChipConfig::packed(&mut ConstraintSystem::default(), packing)
}

/// Names of the gates that fail in some logical rows and those of the public inputs, and "copy" where copies do anywhere.
fn failures(builder: &Arc<Builder>, packing: Packing, changes: Vec<Change>, at: Vec<usize>) -> Vec<String> {
    failures_for(builder, packing, changes, at, builder.instance())
}

/// The same for other public inputs than the builder's.
fn failures_for(builder: &Arc<Builder>, packing: Packing, changes: Vec<Change>, at: Vec<usize>, instance: Vec<Fr>) -> Vec<String> {
    failed(&mock(builder, packing, changes, instance), builder, packing, at)
}

/// The circuit with these changes, filled: most of an attack's time.
fn mock(builder: &Arc<Builder>, packing: Packing, changes: Vec<Change>, instance: Vec<Fr>) -> MockProver {
    let mut circuit = ChipCircuit::packed(builder.clone(), rows(packing), packing).unwrap();
    circuit.changes = changes;
    MockProver::run(circuit.k, &circuit, vec![instance]).unwrap()
}

fn failed(mock: &MockProver, builder: &Builder, packing: Packing, at: Vec<usize>) -> Vec<String> {
    let rows = at.into_iter().chain([SUM_ROW, builder.layout(packing).sum_end()]);
    // All physical rows of a logical one: nothing but the base row's gates may fail.
    let rows = rows.flat_map(|row| packing.base(row)..packing.base(row + 1)).chain(0..builder.public.len());
    let Err(failures) = mock.verify_at_rows_par(&rows.collect::<Vec<_>>()) else {
        return vec![];
    };
    let mut out: Vec<String> = failures
        .iter()
        .map(|f| match f {
            VerifyFailure::ConstraintNotSatisfied { constraint, .. } => {
                let text = constraint.to_string();
                // "Constraint 1 ('its name') in gate 2 ('its gate')".
                text.rsplit_once("('").and_then(|t| t.1.split_once("')")).map_or(text.clone(), |t| t.0.to_string())
            }
            VerifyFailure::Permutation { .. } => COPY.into(),
            other => other.to_string(),
        })
        .collect();
    out.sort();
    out.dedup();
    out
}

fn find(b: &Builder, wanted: impl Fn(&Block) -> bool) -> usize {
    b.blocks.iter().position(wanted).expect("a block of this kind")
}

/// Rows of the gates that read a block.
fn near(lay: &Layout, block: usize) -> Vec<usize> {
    let first = lay.origin(block) - ORIGIN as usize;
    (first..first + 3 * HEIGHT as usize).collect()
}

#[test]
fn nothing_changed_is_accepted() {
    let (b, _) = base();
    assert_eq!(b.refusal(), None);
    for packing in [WIDE, PACKED] {
        assert_eq!(failures(&b, packing, vec![], (0..b.layout(packing).hash(1)).collect()), Vec::<String>::new());
    }
}

/// Keys come from any values: nothing that a key is made of depends on them.
#[test]
fn the_circuit_does_not_depend_on_values() {
    let shape = |b: &Builder| {
        let blocks: Vec<_> = b.blocks.iter().map(|b| (b.kind.flags(), b.key)).collect();
        let public: Vec<_> = b.public.iter().map(|c| c.place).collect();
        (b.copies.clone(), b.flex.clone(), b.digit.clone(), b.constants.clone(), blocks, b.hashes.len(), public)
    };
    let (first, _) = build([3, 1234567, 1 << 40, 99]);
    for values in [[4, 2, 8, 1], [9, 0, 0, 0], [1, 0, 1, u64::MAX], [0, 1, 1, 1]] {
        let (other, _) = build(values);
        assert_eq!(shape(&other), shape(&first));
    }
}
