//! The public description of a circuit: a forward graph, what is proven of it, and rows and columns. A verifier derives the key from it.

use crate::autodiff::{optimised, scheduled, window};
use crate::circuit::Parts;
use crate::claims::Claims;
use crate::graph::Graph;
use crate::layout::Shape;
use crate::ops::Op;
use crate::optimizer::Optimizer;
use crate::plan::{plan_claims, Like};
use ff::PrimeField;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_proof_system::error::PotError;
use pot_proof_system::poseidon::hash_chain;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The version of the settings' format, and of what a proof says.
pub const VERSION: u32 = 1;
const MAX_SETTINGS: usize = 4096;
const GRAPH_DOMAIN: u64 = 0x706f746747;
const SPEC_DOMAIN: u64 = 0x706f746753;

/// What a proof says of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Kind {
    /// The outputs are what the graph makes of weights and inputs.
    Infer,
    /// The weights after are so many steps on those before, with these inputs and a public rate of so many fractional bits. No optimiser
    /// is named for plain SGD.
    #[serde(rename_all = "camelCase")]
    Train {
        rate_bits: u32,
        steps: usize,
        #[serde(default, skip_serializing_if = "Optimizer::is_plain")]
        optimizer: Optimizer,
    },
    /// The same with a rate of its own for each step: in windows of pot-sgd, whose statement lists them. A graph's alone has none.
    #[serde(rename_all = "camelCase")]
    Scheduled {
        rate_bits: u32,
        steps: usize,
        #[serde(default, skip_serializing_if = "Optimizer::is_plain")]
        optimizer: Optimizer,
    },
    /// As `Train`, with gradients that are taken as given, as are the inputs: of a part of a network, about which nothing else is said.
    #[serde(rename_all = "camelCase")]
    Local {
        rate_bits: u32,
        steps: usize,
        #[serde(default, skip_serializing_if = "Optimizer::is_plain")]
        optimizer: Optimizer,
        /// Of a single step by plain SGD that somebody else took, as of `Step`; 0 without.
        #[serde(default, skip_serializing_if = "is_zero")]
        tolerance_limbs: usize,
    },
    /// A single step that somebody else took: each weight after it deviates by `-2^(n b - 1) <= v < 2^(n b - 1)` from what SGD gives, n
    /// the limbs.
    #[serde(rename_all = "camelCase")]
    Step { rate_bits: u32, tolerance_limbs: usize },
    /// The weights, trained and frozen, are in the ranges that the bounds of every graph of them assume.
    Genesis,
}

impl Kind {
    /// Fractional bits of the rate, and how many steps; none where nothing is trained.
    pub fn training(self) -> Option<(u32, usize)> {
        match self {
            Kind::Infer | Kind::Genesis => None,
            Kind::Train { rate_bits, steps, .. } | Kind::Scheduled { rate_bits, steps, .. } | Kind::Local { rate_bits, steps, .. } => {
                Some((rate_bits, steps))
            }
            Kind::Step { rate_bits, .. } => Some((rate_bits, 1)),
        }
    }

    /// The update rule; plain SGD where nothing is trained.
    pub fn optimizer(self) -> Optimizer {
        match self {
            Kind::Train { optimizer, .. } | Kind::Scheduled { optimizer, .. } | Kind::Local { optimizer, .. } => optimizer,
            Kind::Infer | Kind::Step { .. } | Kind::Genesis => Optimizer::default(),
        }
    }

    /// Limbs of what a single step's weights may deviate by; 0 without a tolerance.
    pub fn tolerance_limbs(self) -> usize {
        match self {
            Kind::Step { tolerance_limbs, .. } | Kind::Local { tolerance_limbs, .. } => tolerance_limbs,
            Kind::Infer | Kind::Genesis | Kind::Train { .. } | Kind::Scheduled { .. } => 0,
        }
    }

    /// Steps of plain SGD.
    pub fn sgd(rate_bits: u32, steps: usize) -> Self {
        Self::Train { rate_bits, steps, optimizer: Optimizer::default() }
    }
}

/// What the digest of the trained weights is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Named {
    /// Of the graph's tensors: what numbers they are, whatever is computed with them.
    Graph,
    /// Of a dense network, as windows of pot-sgd under this loss have it: or under another one of linear outputs.
    MeanSquaredError,
    SoftmaxCrossEntropy,
    SigmoidCrossEntropy,
}

/// What shapes a circuit beside its graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Settings {
    pub version: u32,
    pub kind: Kind,
    pub weights: Named,
    pub shape: Shape,
}

/// A graph and settings, checked.
#[derive(Clone, Debug)]
pub struct Spec {
    graph: Graph,
    settings: Settings,
}

fn is_zero(v: &usize) -> bool {
    *v == 0
}

fn invalid(m: String) -> PotError {
    PotError::new("SPEC_INVALID", m)
}

/// SHA-256 under a tag, as one element.
fn text_digest(tag: &str, domain: u64, texts: &[&str]) -> Fr {
    let mut h = Sha256::new();
    h.update(tag);
    for t in texts {
        h.update((t.len() as u64).to_le_bytes());
        h.update(t);
    }
    let hash = h.finalize();
    let half = |at: usize| Fr::from_u128(u128::from_be_bytes(hash[at..at + 16].try_into().expect("16 bytes")));
    hash_chain(domain, &[half(0), half(16)])
}

/// The digest of a graph: of its canonical text.
pub fn graph_digest(graph: &Graph) -> Fr {
    text_digest("proof-of-training/graph/v1", GRAPH_DOMAIN, &[&graph.to_json()])
}

/// What a circuit is of, and what it claims.
fn claimed(graph: &Graph, kind: Kind) -> Result<(Graph, Claims), PotError> {
    Ok(match kind {
        Kind::Infer => (graph.clone(), Claims::forward(graph)?),
        Kind::Step { rate_bits, .. } | Kind::Local { rate_bits, .. } if kind.tolerance_limbs() > 0 => {
            let training = window(graph, 1, rate_bits)?;
            let claims = Claims::tolerant(&training, kind.tolerance_limbs())?;
            (training.graph, claims)
        }
        Kind::Train { rate_bits, steps, optimizer } | Kind::Local { rate_bits, steps, optimizer, .. } => {
            let training = optimised(graph, steps, rate_bits, &optimizer)?;
            let claims = Claims::training(&training)?;
            (training.graph, claims)
        }
        Kind::Scheduled { rate_bits, steps, optimizer } => {
            let training = scheduled(graph, steps, rate_bits, &optimizer)?;
            let claims = Claims::training(&training)?;
            (training.graph, claims)
        }
        Kind::Step { .. } => return Err(invalid("kind: a step with a tolerance of no limbs".into())),
        Kind::Genesis => (graph.weights(), Claims::genesis(graph)),
    })
}

impl Spec {
    /// A forward graph with the cheapest shape, or one like another circuit's. Errors: as [`Spec::parts`].
    pub fn planned(graph: &Graph, kind: Kind, weights: Named, like: Like) -> Result<Self, PotError> {
        let (of, claims) = claimed(graph, kind)?;
        let shape = plan_claims(&of, &claims, like)?;
        Self::new(graph.clone(), Settings { version: VERSION, kind, weights, shape })
    }

    /// Errors: `SPEC_INVALID`.
    pub fn new(graph: Graph, settings: Settings) -> Result<Self, PotError> {
        if settings.version != VERSION {
            return Err(invalid(format!("version {}: this library reads {VERSION}", settings.version)));
        }
        if settings.kind == Kind::Genesis && graph.weights().tensors().is_empty() {
            return Err(invalid("a graph without weights has no genesis proof".into()));
        }
        if let Kind::Local { steps, optimizer, tolerance_limbs, .. } = settings.kind {
            if tolerance_limbs > 0 && (steps != 1 || !optimizer.is_plain()) {
                return Err(invalid("kind: a tolerance is of a single step by plain SGD".into()));
            }
        }
        let given = graph.nodes().iter().any(|n| matches!(n.op, Op::GivenGradient(_)));
        if settings.kind != Kind::Genesis && given != matches!(settings.kind, Kind::Local { .. }) {
            let rule = "a proof whose gradients are given is of the kind \"local\", and no other is";
            return Err(invalid(format!("kind: {rule}")));
        }
        Ok(Self { graph, settings })
    }

    /// Of the same weights in the same places: that they are in their ranges.
    ///
    /// Errors: `SPEC_INVALID` where there are none.
    pub fn genesis(&self) -> Result<Self, PotError> {
        let shape = Shape { data_columns: 1, output_columns: 1, lanes: 1, lane_columns: 1, ..self.settings.shape };
        Self::new(self.graph.clone(), Settings { kind: Kind::Genesis, shape, ..self.settings })
    }

    /// Reads both canonical texts. Errors: `GRAPH_INVALID`, `GRAPH_BOUNDS`, `SPEC_INVALID`.
    pub fn read(graph: &str, settings: &str) -> Result<Self, PotError> {
        if settings.len() > MAX_SETTINGS {
            return Err(invalid(format!("{} bytes of settings: at most {MAX_SETTINGS}", settings.len())));
        }
        let parsed: Settings = serde_json::from_str(settings).map_err(|e| invalid(format!("settings: {e}")))?;
        if let Kind::Scheduled { .. } = parsed.kind {
            return Err(invalid("kind: rates of single steps are those of windows of pot-sgd, which list them".into()));
        }
        let me = Self::new(Graph::from_json(graph)?, parsed)?;
        if me.settings_text() != settings {
            return Err(invalid("the settings are not in their canonical form".into()));
        }
        Ok(me)
    }

    pub fn graph(&self) -> &Graph {
        &self.graph
    }
    pub fn settings(&self) -> &Settings {
        &self.settings
    }
    /// The update rule; plain SGD where nothing is trained.
    pub fn optimizer(&self) -> Optimizer {
        self.settings.kind.optimizer()
    }
    /// The rates of a proof's steps, of which the first has this number: one for all, where steps have none of their own.
    pub fn rates(&self, rate: i64, first_step: u64) -> Vec<i64> {
        let (optimizer, steps) = (self.optimizer(), self.settings.kind.training().map_or(0, |t| t.1));
        let unit = optimizer.unit(self.graph.tensors()).unwrap_or(1);
        optimizer.rates(self.graph.formats(), unit, rate, first_step, steps)
    }
    pub fn graph_text(&self) -> String {
        self.graph.to_json()
    }
    /// Canonical JSON: keys in the order of the fields, without spaces.
    pub fn settings_text(&self) -> String {
        serde_json::to_string(&self.settings).expect("settings always serialise")
    }

    /// What a proof's public inputs have of it.
    pub fn digest(&self) -> Fr {
        text_digest("proof-of-training/graph-spec/v1", SPEC_DOMAIN, &[&self.settings_text(), &self.graph_text()])
    }

    /// The circuit. Errors: `GRAPH_UNSUPPORTED`, `CIRCUIT_SHAPE`, `CIRCUIT_TOO_LARGE`; of a training also `GRAPH_INVALID`,
    /// `GRAPH_BOUNDS`.
    pub fn parts(&self) -> Result<Arc<Parts>, PotError> {
        let (of, claims) = claimed(&self.graph, self.settings.kind)?;
        Parts::of(&of, claims, self.settings.shape)
    }
}
