//! A small real circuit with the public inputs that an aggregate has: eight halves of an accumulator, then eleven values.
//!
//! It proves nothing about them but that a second column is the first times a challenge: enough for a key, two phases and a
//! permutation. Its accumulator is that of a real opening. Columns that say nothing make it as wide as a test wants.
#![allow(dead_code)]

use halo2_axiom::circuit::{Layouter, SimpleFloorPlanner, Value};
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine, G1};
use halo2_axiom::halo2curves::ff::Field;
use halo2_axiom::halo2curves::group::{Curve, Group};
use halo2_axiom::plonk::{Advice, Challenge, Circuit, Column, ConstraintSystem, Error, FirstPhase, Fixed, Instance, SecondPhase, Selector};
use halo2_axiom::poly::commitment::ParamsProver;
use halo2_axiom::poly::Rotation;
use pot_aggregator::window::Snark;
use pot_aggregator::wrapper::accumulator::halves;
use pot_aggregator::wrapper::inner::{Inner, Layout};
use pot_proof_system::engine::{self, Pk, Srs, Transcript};
use rand_core::OsRng;

/// Rows of the inner circuit, log2.
pub const K: u32 = 6;
pub const INSTANCES: usize = 19;
/// The public input that has one value only.
pub const OWN_KEY: usize = 8;

#[derive(Clone)]
pub struct Config {
    a: Column<Advice>,
    b: Column<Advice>,
    q: Selector,
    instance: Column<Instance>,
    challenge: Challenge,
    /// Columns that make the circuit wide, each with a fixed one of its own.
    filler: Vec<(Column<Advice>, Column<Fixed>)>,
}

/// The public inputs, and the number of columns that make the circuit wide.
#[derive(Clone)]
pub struct Statement(pub Vec<Fr>, pub usize);

impl Circuit<Fr> for Statement {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = usize;

    fn params(&self) -> usize {
        self.1
    }

    fn without_witnesses(&self) -> Self {
        self.clone()
    }

    fn configure(_: &mut ConstraintSystem<Fr>) -> Config {
        unreachable!("it has parameters")
    }

    fn configure_with_params(meta: &mut ConstraintSystem<Fr>, wide: usize) -> Config {
        let a = meta.advice_column_in(FirstPhase);
        let challenge = meta.challenge_usable_after(FirstPhase);
        let b = meta.advice_column_in(SecondPhase);
        let (q, instance) = (meta.selector(), meta.instance_column());
        meta.enable_equality(a);
        meta.enable_equality(instance);
        meta.create_gate("times the challenge", |meta| {
            let q = meta.query_selector(q);
            let (a, b) = (meta.query_advice(a, Rotation::cur()), meta.query_advice(b, Rotation::cur()));
            vec![q * (a * meta.query_challenge(challenge) - b)]
        });
        let filler = (0..wide)
            .map(|_| {
                let (column, fixed) = (meta.advice_column_in(FirstPhase), meta.fixed_column());
                meta.create_gate("three in a row", |meta| {
                    let [x, y, z] = [0, 1, 2].map(|at| meta.query_advice(column, Rotation(at)));
                    vec![meta.query_fixed(fixed, Rotation::cur()) * (x + y - z)]
                });
                (column, fixed)
            })
            .collect();
        Config { a, b, q, instance, challenge, filler }
    }

    fn synthesize(&self, c: Config, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let cells = layouter.assign_region(
            || "statement",
            |mut region| {
                let mut cells = vec![];
                for (row, v) in self.0.iter().enumerate() {
                    c.q.enable(&mut region, row)?;
                    cells.push(region.assign_advice(c.a, row, Value::known(*v)).cell());
                }
                for (i, (column, fixed)) in c.filler.iter().enumerate() {
                    region.assign_fixed(*fixed, i, Fr::ONE);
                    for (at, v) in [2, 3, 5].into_iter().enumerate() {
                        region.assign_advice(*column, i + at, Value::known(Fr::from(v)));
                    }
                }
                region.next_phase();
                let challenge = region.get_challenge(c.challenge);
                for (row, v) in self.0.iter().enumerate() {
                    region.assign_advice(c.b, row, challenge.map(|r| r * v));
                }
                Ok(cells)
            },
        )?;
        cells.iter().enumerate().for_each(|(row, cell)| layouter.constrain_instance(*cell, c.instance, row));
        Ok(())
    }
}

/// What an opening of a polynomial at a point leaves to check: (commitment - value G + point W, W).
pub fn accumulator(srs: &Srs, seed: u64) -> [G1Affine; 2] {
    let n = 8;
    let coefficients: Vec<Fr> = (0..n).map(|i| Fr::from(seed + 3).pow([i + 2])).collect();
    let z = Fr::from(seed).square() + Fr::from(11);
    let value = coefficients.iter().rev().fold(Fr::ZERO, |acc, c| acc * z + c);
    // Synthetic division by X - z.
    let mut quotient = vec![Fr::ZERO; n as usize - 1];
    let mut carry = Fr::ZERO;
    for i in (1..n as usize).rev() {
        carry = carry * z + coefficients[i];
        quotient[i - 1] = carry;
    }
    let commit = |c: &[Fr]| c.iter().zip(srs.get_g()).fold(G1::identity(), |acc, (c, g)| acc + *g * c);
    let w = commit(&quotient);
    [(commit(&coefficients) - G1::generator() * value + w * z).to_affine(), w.to_affine()]
}

/// Public inputs of which a prover could make a true proof, with a false accumulator: each side of another true one in the place of its own.
pub fn false_accumulators(srs: &Srs, instance: &[Fr]) -> [Vec<Fr>; 2] {
    let other = accumulator(srs, 2);
    [0, 1].map(|side| {
        let mut mixed = instance.to_vec();
        mixed[4 * side..4 * side + 4].copy_from_slice(&halves(&other[side]));
        mixed
    })
}

/// A proof with another true accumulator, which it is not about.
pub fn another_accumulator(srs: &Srs, snark: &Snark) -> Snark {
    let mut altered = snark.clone();
    let points = accumulator(srs, 2);
    altered.instance.splice(..OWN_KEY, points.iter().flat_map(halves));
    altered
}

/// Public inputs with a true accumulator.
pub fn instance(srs: &Srs, seed: u64) -> Vec<Fr> {
    let [lhs, rhs] = accumulator(srs, seed);
    let mut out = [halves(&lhs), halves(&rhs)].concat();
    out.push(own_key());
    out.extend((out.len() as u64..INSTANCES as u64).map(|i| Fr::from(seed * 1000 + i).square()));
    out
}

pub fn own_key() -> Fr {
    Fr::from(0x6b6579)
}

pub fn layout() -> Layout {
    Layout { instances: INSTANCES, accumulator: Some(0), constants: vec![(OWN_KEY, own_key())], exposed: (OWN_KEY + 1..INSTANCES).collect() }
}

/// The inner circuit's key, for the prover and for the wrapper. `srs` is the inner circuit's.
pub fn keys(srs: &Srs, wide: usize) -> (Pk, Inner) {
    let circuit = Statement(vec![Fr::ZERO; INSTANCES], wide);
    let vk = engine::verifying_key(srs, &circuit).expect("a key");
    let inner = Inner::new(srs, &vk, layout()).expect("a layout");
    (engine::proving_key(srs, vk, &circuit).expect("a key"), inner)
}

/// A real proof.
pub fn prove(srs: &Srs, pk: &Pk, inner: &Inner, wide: usize, instance: Vec<Fr>) -> Snark {
    let circuit = Statement(instance.clone(), wide);
    let proof = engine::prove_circuit(srs, pk, &circuit, &instance, &mut OsRng, Transcript::Poseidon).expect("a proof");
    engine::verify(srs, pk.get_vk(), &instance, &proof, Transcript::Poseidon).expect("it verifies");
    inner.snark(instance, proof).expect("of the right form")
}
