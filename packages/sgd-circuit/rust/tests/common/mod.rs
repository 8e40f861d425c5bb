//! Small random windows for circuit tests.
#![allow(dead_code)]

use pot_circuit::prove::{Executed, GraphCircuit};
use pot_circuit::witness::{Blinding, Witness};
use pot_mock::MockProver;
use pot_proof_system::error::PotError;
use pot_sgd::executor::Executor;
use pot_sgd::network::Network;
use pot_sgd::optimizer::Optimizer;
use pot_sgd::plan::{plan, Constraints};
use pot_sgd::prover::{Base, Prover, WindowInput};
use pot_sgd::spec::{Activation, Adapter, Kind, Labels, Layer, Lora, Loss, Mode, Scales, SgdSpec};
use pot_sgd::statement::{base_digest, data_digest, field_to_hex, weights_digest, Public};
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
                (true, Loss::SoftmaxCrossEntropy | Loss::SmoothedCrossEntropy { .. }) => Activation::Softmax,
                (true, Loss::SigmoidCrossEntropy { .. }) => Activation::Sigmoid,
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
        optimizer: None,
        rates_per_step: false,
        penalties: vec![],
        shape: None,
    }
}

/// The same with adapters of these (rank, alpha), on a frozen base of 12 fractional bits.
pub fn with_adapters(mut spec: SgdSpec, adapters: &[Option<(usize, u64)>]) -> SgdSpec {
    let adapters = adapters.iter().map(|a| a.map(|(rank, alpha)| Adapter { rank, alpha })).collect();
    spec.lora = Some(Lora { adapters, base_bits: 12, local: false, optimizer: None });
    spec
}

/// The same with an optimiser of what is trained: adapters, where there are some.
pub fn with_optimizer(mut spec: SgdSpec, optimizer: Optimizer) -> SgdSpec {
    match &mut spec.lora {
        Some(lora) => lora.optimizer = Some(optimizer),
        None => spec.optimizer = Some(optimizer),
    }
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
            } else if spec.loss.labels() == Labels::Bits {
                row.iter_mut().for_each(|v| *v = (rng.next_u64() % 2) as i32);
            } else {
                row.iter_mut().for_each(|v| *v = (rng.next_u64() % 32) as i32 - spec.y_offset as i32 / 2);
            }
        }
        // Last, so that windows without a base are what they were.
        let unit = 1i64 << spec.base_bits().unwrap_or(0);
        let base = (0..spec.base_weights()).map(|_| (rng.next_u64() % unit as u64) as i64 - unit / 2).collect();
        let mut w0: Vec<i64> = w0;
        let n = spec.weights();
        let [states, squares] = spec.optimizer().map_or([0, 0], |o| [o.states(), usize::from(o.squares())]);
        w0.extend((0..n * (states - squares)).map(|_| (rng.next_u64() % (1 << 17)) as i64 - (1 << 16)));
        w0.extend((0..n * squares).map(|_| (rng.next_u64() % (1 << 36)) as i64));
        Self { spec, w0, base, x, y }
    }
    /// The first from this seed on whose steps stay in range.
    pub fn in_range(spec: SgdSpec, seed: u64, eta: i64) -> Self {
        let spec = plan(&spec, Constraints::default()).expect("a small window has a shape").0;
        (seed..seed + 50).map(|seed| Self::random(spec.clone(), seed)).find(|c| c.executed(eta).is_ok()).expect("one of them is in range")
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
    /// What the graph makes of it, and the checkpoint after the window: that of the executor, to the last bit.
    pub fn executed(&self, eta: i64) -> Result<(Arc<Network>, Executed, Vec<i64>), PotError> {
        let network = Arc::new(Network::new(&self.spec)?);
        let (executed, after) = Prover::executed(&self.spec, &network, &self.input(), &etas(&self.spec, eta), FIRST)?;
        assert_eq!(after, self.stepped(eta));
        Ok((network, executed, after))
    }
    /// The checkpoint after the window.
    pub fn after(&self) -> Vec<i64> {
        self.executed(ETA).expect("an honest window").2
    }
    fn stepped(&self, eta: i64) -> Vec<i64> {
        let s = &self.spec;
        let mut executor = Executor::on(s, self.w0.clone(), self.base.clone()).expect("in range");
        let (nx, ny) = (s.batch * s.inputs(), s.batch * s.outputs());
        let etas = etas(s, eta);
        for t in 0..s.steps {
            let eta = etas[t % etas.len()];
            executor.step(&self.x[t * nx..][..nx], &self.y[t * ny..][..ny], eta, Some(FIRST + t as u64)).expect("in range");
        }
        executor.weights().to_vec()
    }
}

/// The base rates of a window: one, or where each step has its own one that falls and rises.
pub fn etas(spec: &SgdSpec, eta: i64) -> Vec<i64> {
    match spec.rates_per_step {
        false => vec![eta],
        true => (0..spec.steps as i64).map(|t| eta + [0, -9, 4][t as usize % 3]).collect(),
    }
}

/// The same as public inputs have them.
fn stated(spec: &SgdSpec, eta: i64) -> (String, Vec<String>) {
    let list: Vec<String> = etas(spec, eta).iter().map(i64::to_string).collect();
    match spec.rates_per_step {
        false => (list[0].clone(), vec![]),
        true => ("0".into(), list),
    }
}

/// Whether an honest window satisfies its circuit.
pub fn holds(c: &Case, eta: i64) {
    let (network, executed, _) = c.executed(eta).expect("an honest window");
    satisfied(c, &network, &executed, eta);
}

/// Whether what was executed satisfies the circuit.
pub fn satisfied(c: &Case, network: &Arc<Network>, executed: &Executed, eta: i64) {
    let parts = &network.parts;
    let mut w = Witness::new(parts.clone(), &executed.run, Blinding::none(parts)).expect("blinded");
    if let Some(taken) = &executed.taken {
        w = w.taken(&executed.run, taken);
    }
    let field = |v: u64| field_to_hex(&v.into());
    let base = if c.spec.base_bits().is_some() { field(4) } else { String::new() };
    let [weights_in, weights_out, data] = [1, 2, 3].map(field);
    let (eta, etas) = stated(&c.spec, eta);
    let public = Public { run_id: field(7), first_step: FIRST, epoch: 0, eta, etas, weights_in, weights_out, data, base };
    let instance = public.instance(&c.spec, &parts.layout.rates).expect("in range");
    let circuit = GraphCircuit::new(parts.clone(), Some(Arc::new(w)));
    let verdict = MockProver::run(parts.layout.shape.k, &circuit, vec![instance]).expect("a witness").verify();
    verdict.unwrap_or_else(|e| panic!("{:?}", e.iter().take(3).map(|f| f.to_string()).collect::<Vec<_>>()));
}

/// The statement of a window from the case's weights to `w1`.
pub fn public(p: &mut Prover, c: &Case, w1: &[i64]) -> Public {
    let a = p.commit_weights(&c.spec, &c.w0, &[1; 32]).unwrap();
    let b = p.commit_weights(&c.spec, w1, &[2; 32]).unwrap();
    let d = p.commit_data(&c.spec, &c.x, &c.y, &[3; 32]).unwrap();
    let base = c.spec.base_bits().map(|_| p.commit_base(&c.spec, &c.input().base).unwrap());
    let (eta, etas) = stated(&c.spec, ETA);
    Public {
        run_id: field_to_hex(&7u64.into()),
        first_step: FIRST,
        epoch: 0,
        eta,
        etas,
        weights_in: field_to_hex(&weights_digest(&c.spec, &a).unwrap()),
        weights_out: field_to_hex(&weights_digest(&c.spec, &b).unwrap()),
        data: field_to_hex(&data_digest(&c.spec, &d).unwrap()),
        base: base.map_or(String::new(), |points| field_to_hex(&base_digest(&c.spec, &points).unwrap())),
    }
}

/// Weights after a step that deviate by -3 .. 3 units.
pub fn near(c: &Case) -> Vec<i64> {
    c.stepped(ETA).iter().enumerate().map(|(i, w)| w + (i % 7) as i64 - 3).collect()
}
