//! Small random windows for circuit tests.
#![allow(dead_code)]

pub mod held;
pub mod mirror;

use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::Error;
use pot_mock::MockProver;
use pot_sgd::circuit::{Params, Tamper, WindowCircuit};
use pot_sgd::optimizer::Optimizer;
use pot_sgd::plan::{plan, Constraints};
use pot_sgd::prover::{Base, Prover, WindowInput};
use pot_sgd::spec::{Activation, Adapter, Kind, Layer, Lora, Loss, Mode, Scales, SgdSpec};
use pot_sgd::statement::{base_digest, data_digest, field_to_hex, weights_digest, Public};
use pot_sgd::witness::Witness;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::sync::Arc;

/// w = 24 in four 6-bit limbs: small tables, so that the mock prover stays small.
pub const TINY: Scales = Scales { a: 6, d: 10, e: 8, b: 6, p: 6 };
pub const ETA: i64 = 37;
/// Number of the first step of these windows.
pub const FIRST: u64 = 5;

pub fn spec(widths: &[usize], hidden: &[Activation], loss: Loss, batch: usize, steps: usize) -> SgdSpec {
    let n = widths.len() - 1;
    let layers = (0..n)
        .map(|i| Layer {
            inputs: widths[i],
            outputs: widths[i + 1],
            activation: match (i + 1 == n, loss) {
                (true, Loss::SoftmaxCrossEntropy) => Activation::Softmax,
                (true, _) => Activation::Linear,
                _ => hidden[i],
            },
            bias: true,
        })
        .collect();
    SgdSpec {
        kind: Kind::Window,
        mode: Mode::Exact,
        layers,
        loss,
        batch,
        steps,
        scales: TINY,
        x_offset: 0,
        y_offset: 0,
        tolerance_limbs: 0,
        lora: None,
        shape: None,
    }
}

/// The same with adapters of these (rank, alpha), on a frozen base of 12 fractional bits.
pub fn with_adapters(mut spec: SgdSpec, adapters: &[Option<(usize, u64)>]) -> SgdSpec {
    let adapters = adapters.iter().map(|a| a.map(|(rank, alpha)| Adapter { rank, alpha })).collect();
    spec.lora = Some(Lora { adapters, base_bits: 12, local: false, optimizer: None });
    spec
}

/// The same with an optimiser.
pub fn with_optimizer(mut spec: SgdSpec, optimizer: Optimizer) -> SgdSpec {
    spec.lora.as_mut().expect("adapters").optimizer = Some(optimizer);
    spec
}

/// Layer-local mode: one layer, its input and gradient given.
pub fn layer_local(inputs: usize, outputs: usize, rank: usize, alpha: u64, batch: usize, steps: usize) -> SgdSpec {
    let mut s = spec(&[inputs, outputs], &[], Loss::MeanSquaredError, batch, steps);
    s.layers[0].bias = false;
    s.lora = Some(Lora { adapters: vec![Some(Adapter { rank, alpha })], base_bits: 0, local: true, optimizer: None });
    s
}

/// Private inputs of one window.
pub struct Case {
    pub spec: SgdSpec,
    pub w0: Vec<i64>,
    pub base: Vec<i64>,
    pub x: Vec<i32>,
    pub y: Vec<i32>,
}

impl Case {
    /// Random weights of size about 1/2, data in [0, 1), one-hot or small labels; in the planner's shape where it has none.
    pub fn random(mut spec: SgdSpec, seed: u64) -> Self {
        if spec.shape.is_none() {
            spec = plan(&spec, Constraints::default()).expect("a small window has a shape").0;
        }
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let s = spec.scales;
        let half = 1i64 << (s.w() - 1);
        let w0 = (0..spec.weights()).map(|_| (rng.next_u64() % (2 * half as u64)) as i64 - half).collect();
        let samples = spec.batch * spec.steps;
        let x = (0..samples * spec.inputs()).map(|_| (rng.next_u64() % (1 << s.b)) as i32 - spec.x_offset as i32).collect();
        let mut y = vec![0; samples * spec.outputs()];
        for row in y.chunks_mut(spec.outputs()) {
            if spec.local() {
                row.iter_mut().for_each(|v| *v = (rng.next_u64() % 1024) as i32 - 512);
            } else if spec.softmax() {
                row[(rng.next_u64() % row.len() as u64) as usize] = 1;
            } else {
                row.iter_mut().for_each(|v| *v = (rng.next_u64() % 32) as i32 - spec.y_offset as i32 / 2);
            }
        }
        // Last, so that windows without a base are what they were.
        let unit = 1i64 << spec.base_bits().unwrap_or(0);
        let base = (0..spec.base_weights()).map(|_| (rng.next_u64() % unit as u64) as i64 - unit / 2).collect();
        let mut w0: Vec<i64> = w0;
        let (n, states) = (spec.weights(), spec.optimizer().map_or(0, |o| o.states()));
        if states > 0 {
            w0.extend((0..n).map(|_| (rng.next_u64() % (1 << 17)) as i64 - (1 << 16)));
        }
        if states > 1 {
            w0.extend((0..n).map(|_| (rng.next_u64() % (1 << 36)) as i64));
        }
        Self { spec, w0, base, x, y }
    }
    pub fn input(&self) -> WindowInput<'_> {
        WindowInput {
            w0: &self.w0,
            salt0: &[1; 32],
            wk: None,
            salt_k: &[2; 32],
            x: &self.x,
            y: &self.y,
            data_salt: &[3; 32],
            base: Base { weights: &self.base, salt: &[0; 32] },
            points: Default::default(),
        }
    }
    pub fn witness(&self) -> Witness {
        let (mut w, _) = Prover::witness(&self.spec, &self.input(), ETA, FIRST).expect("an honest witness");
        // Leave the rows that halo2 blinds itself.
        w.salts.truncate(30);
        w
    }
}

/// A window in the mock prover, with some cells changed.
pub fn mock_prover(w: Witness, eta: i64, tamper: &[Tamper]) -> Result<MockProver, Error> {
    let k = w.params.0.shape.expect("planned").k;
    let mut circuit = WindowCircuit::new(Params(Some(w.params.clone())), Some(Arc::new(w)));
    circuit.tamper = tamper.to_vec();
    let (spec, lay) = circuit.params.get();
    let mut instance = vec![Fr::from(0); 8 + usize::from(spec.base_bits().is_some())];
    instance[0] = Fr::from(eta as u64);
    if let Some(rates) = lay.updates.as_ref().and_then(|u| u.rates) {
        instance.resize(rates, Fr::from(0));
        instance.extend((0..spec.steps as u64).map(|t| Fr::from(spec.step_rate(eta, FIRST + t) as u64)));
    }
    MockProver::run(k, &circuit, vec![instance])
}

/// The mock prover's verdict on a window. Many of one shape: `Held`.
pub fn mock(w: Witness, eta: i64) -> Result<(), String> {
    let prover = mock_prover(w, eta, &[]).map_err(|e| e.to_string())?;
    // As in `Verdict::of`.
    let verdict = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| prover.verify()));
    match verdict {
        Ok(v) => v.map_err(|f| f.iter().take(3).map(|f| f.to_string()).collect::<Vec<_>>().join("\n")),
        Err(_) => Err("a constraint failed (its report could not be printed)".into()),
    }
}

/// The statement of a window from the case's weights to `w1`.
pub fn public(p: &mut Prover, c: &Case, w1: &[i64]) -> Public {
    let a = p.commit_weights(&c.spec, &c.w0, &[1; 32]).unwrap();
    let b = p.commit_weights(&c.spec, w1, &[2; 32]).unwrap();
    let d = p.commit_data(&c.spec, &c.x, &c.y, &[3; 32]).unwrap();
    let base = c.spec.base_bits().map(|_| p.commit_base(&c.spec, &c.input().base).unwrap());
    Public {
        run_id: field_to_hex(&7u64.into()),
        first_step: FIRST,
        epoch: 0,
        eta: ETA.to_string(),
        weights_in: field_to_hex(&weights_digest(&c.spec, &a).unwrap()),
        weights_out: field_to_hex(&weights_digest(&c.spec, &b).unwrap()),
        data: field_to_hex(&data_digest(&c.spec, &d).unwrap()),
        base: base.map_or(String::new(), |points| field_to_hex(&base_digest(&c.spec, &points).unwrap())),
    }
}

/// A maker of witnesses of a step whose result deviates by -3 .. 3 units, and the circuit's columns.
pub fn tolerance_witness(c: &Case) -> (impl Fn() -> Witness + '_, pot_sgd::config::WindowConfig) {
    let mut exact = c.spec.clone();
    (exact.mode, exact.tolerance_limbs) = (Mode::Exact, 0);
    let wk: Vec<i64> = Prover::witness(&exact, &c.input(), ETA, FIRST).expect("an honest witness").0.wk;
    let near: Vec<i64> = wk.iter().enumerate().map(|(i, w)| w + (i % 7) as i64 - 3).collect();
    let mut cs = halo2_axiom::plonk::ConstraintSystem::default();
    let lay = pot_sgd::layout::Layout::new(&c.spec).expect("a layout");
    let cf = pot_sgd::config::WindowConfig::new(&mut cs, &c.spec, &lay);
    let make = move || {
        let input = WindowInput { wk: Some(&near), ..c.input() };
        let (mut w, _) = Prover::witness(&c.spec, &input, ETA, FIRST).expect("within the tolerance");
        w.salts.truncate(30);
        w
    };
    (make, cf)
}
