//! What JavaScript calls, in JSON and bytes: the functions and methods behind packages/halo2-wasm/src/exports.ts, from
//! which the faces of the WebAssembly module and of the Node addon are made.

use crate::execute::run;
use crate::front::dense;
use crate::front::reveal::{said, Predicate};
use crate::graph::{schema, Graph};
use crate::limits::MAX_JSON;
use crate::ops::Value;
use crate::plan::Like;
use crate::prove::{content_digest, Hidden, Prover, Salt, Salts, Secrets, Verifier, MAX_USES};
use crate::statement::field::{from_hex, to_hex};
use crate::statement::{graph_digest, Group, Kind, Named, Spec, Statement};
use crate::tensor::Role;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine as _;
use pot_proof_system::engine::{Srs, Transcript};
use pot_proof_system::error::PotError;
use pot_proof_system::srs;
use rand_core::OsRng;
use serde::Deserialize;
use serde_json::{json, Value as Json};
use std::collections::BTreeMap;

fn invalid(what: &str, e: impl std::fmt::Display) -> PotError {
    PotError::new("SPEC_INVALID", format!("{what}: {e}"))
}

/// What a graph can be made of, as JSON.
pub fn graph_schema() -> Result<String, PotError> {
    Ok(schema().to_string())
}

/// The graph of a network of dense layers that goes forward, as its canonical text; with `reveal`, predicates of its last layer's values
/// in their place. Errors: `SPEC_INVALID`, `GRAPH_*`.
pub fn dense_inference(network_json: &str) -> Result<String, PotError> {
    if network_json.len() > MAX_JSON {
        return Err(invalid("network", format!("{} bytes: at most {MAX_JSON}", network_json.len())));
    }
    let mut given: BTreeMap<String, Json> = serde_json::from_str(network_json).map_err(|e| invalid("network", e))?;
    let reveal = given.remove("reveal");
    let network: dense::Dense = serde_json::from_value(json!(given)).map_err(|e| invalid("network", e))?;
    let Some(reveal) = reveal else { return Ok(dense::dense_inference(&network)?.to_json()) };
    let predicates: Vec<Predicate> = serde_json::from_value(reveal).map_err(|e| invalid("reveal", e))?;
    Ok(dense::dense_predicates(&network, &predicates)?.to_json())
}

/// What is to be proven of a graph.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Request {
    kind: Kind,
    weights: Named,
    /// What the shape must have in common with another's.
    #[serde(default)]
    like: LikeJson,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LikeJson {
    k: Option<u32>,
    weight_columns: Option<usize>,
    frozen_columns: Option<usize>,
}

/// The settings of the cheapest circuit, as their canonical text. Errors: `SPEC_INVALID`, `GRAPH_*`, `CIRCUIT_TOO_LARGE`.
pub fn plan_graph(graph_json: &str, request_json: &str) -> Result<String, PotError> {
    let graph = Graph::from_json(graph_json)?;
    let request: Request = serde_json::from_str(request_json).map_err(|e| invalid("request", e))?;
    let LikeJson { k, weight_columns, frozen_columns } = request.like;
    let like = Like { k, weight_columns, frozen_columns, aggregated: false };
    Ok(Spec::planned(&graph, request.kind, request.weights, like)?.settings_text())
}

/// The outputs that a graph makes of its tensors' entries, one after the other in the order of the nodes. Errors: those of the executor.
pub fn run_graph(graph_json: &str, tensors: &[i64]) -> Result<Vec<i64>, PotError> {
    let graph = Graph::from_json(graph_json)?;
    let run = run(&graph, &parted(&lens(&graph, Kind::Infer), tensors)?, None)?;
    let narrow = |v: &i128| i64::try_from(*v).map_err(|_| PotError::new("VALUE_RANGE", "an output does not fit 64 bits".into()));
    outputs(&graph).iter().flat_map(|v| &run.values[*v]).map(narrow).collect()
}

/// As a statement shows them: in the order of the nodes, whatever the text's.
fn outputs(graph: &Graph) -> Vec<Value> {
    let mut outputs = graph.outputs().to_vec();
    outputs.sort_unstable();
    outputs
}

/// Entries of each of these tensors. Errors: `INPUT_SHAPE`.
fn parted(lens: &[usize], flat: &[i64]) -> Result<Vec<Vec<i128>>, PotError> {
    let wanted: usize = lens.iter().sum();
    if wanted != flat.len() {
        return Err(PotError::new("INPUT_SHAPE", format!("{} entries, expected {wanted}", flat.len())));
    }
    let mut rest = flat;
    let part = |len: &usize| {
        let (part, behind) = rest.split_at(*len);
        rest = behind;
        part.iter().map(|v| i128::from(*v)).collect()
    };
    Ok(lens.iter().map(part).collect())
}

/// Entries of each tensor that a proof of this kind is given, in the order of [`Secrets`].
fn lens(graph: &Graph, kind: Kind) -> Vec<usize> {
    let of = |roles: &[Role]| -> Vec<usize> {
        let tensors = graph.tensors().iter().enumerate();
        tensors.filter(|(_, t)| roles.contains(&t.role)).map(|(i, _)| graph.facts(i).len()).collect()
    };
    let all = of(&[Role::Data, Role::Label, Role::Trained, Role::Frozen]);
    match kind {
        Kind::Infer => all,
        Kind::Genesis => of(&[Role::Trained, Role::Frozen]),
        kind if kind.tolerance_limbs() > 0 => [all, of(&[Role::Trained])].concat(),
        Kind::Train { steps, optimizer, .. } | Kind::Scheduled { steps, optimizer, .. } | Kind::Local { steps, optimizer, .. } => {
            let states = of(&[Role::Trained]).repeat(optimizer.states());
            [all, of(&[Role::Data, Role::Label]).repeat(steps.saturating_sub(1)), states].concat()
        }
        Kind::Step { .. } => [all, of(&[Role::Trained])].concat(),
    }
}

/// Everything secret that a proof of a graph is about. A salt is empty where the content is public.
pub struct GraphSecrets {
    pub tensors: Vec<i64>,
    pub weights_salt: Vec<u8>,
    pub after_salt: Vec<u8>,
    pub frozen_salt: Vec<u8>,
    pub state_salt: Vec<u8>,
    pub state_after_salt: Vec<u8>,
    pub inputs_salt: Vec<u8>,
    pub outputs_salt: Vec<u8>,
}

/// What a proof is to be bound to, and how often its salts were used.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ProofRequest {
    context: String,
    #[serde(default)]
    rate: i64,
    #[serde(default)]
    first_step: u64,
    #[serde(default)]
    uses: Uses,
}

/// In how many proofs each salt was used before.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Uses {
    weights: u32,
    after: u32,
    frozen: u32,
    state: u32,
    state_after: u32,
    inputs: u32,
    outputs: u32,
}

fn hidden(name: &str, salt: &[u8], uses: u32) -> Result<Hidden, PotError> {
    match salt.len() {
        0 => Ok(Hidden::Public),
        _ => Ok(Hidden::By(Salt::used(bytes(name, salt)?, uses))),
    }
}

fn bytes(name: &str, salt: &[u8]) -> Result<[u8; 32], PotError> {
    salt.try_into().map_err(|_| PotError::new("INPUT_SHAPE", format!("{name} must have 32 bytes, not {}", salt.len())))
}

impl GraphSecrets {
    fn salts(&self, uses: &Uses) -> Result<Salts, PotError> {
        Ok(Salts {
            weights: hidden("weightsSalt", &self.weights_salt, uses.weights)?,
            after: hidden("afterSalt", &self.after_salt, uses.after)?,
            frozen: hidden("frozenSalt", &self.frozen_salt, uses.frozen)?,
            state: hidden("stateSalt", &self.state_salt, uses.state)?,
            state_after: hidden("stateAfterSalt", &self.state_after_salt, uses.state_after)?,
            inputs: hidden("inputsSalt", &self.inputs_salt, uses.inputs)?,
            outputs: hidden("outputsSalt", &self.outputs_salt, uses.outputs)?,
        })
    }
}

/// Proves and verifies what one specification says, over one SRS. Keys are made when they are needed first, and kept.
pub struct GraphProver {
    spec: Spec,
    srs: Srs,
    prover: Option<Prover>,
    verifier: Option<Verifier>,
}

impl GraphProver {
    /// `graph_json`, `settings_json`: the canonical texts. Errors: `SRS_*`, `GRAPH_*`, `SPEC_INVALID`.
    pub fn new(srs_bytes: &[u8], graph_json: &str, settings_json: &str) -> Result<Self, PotError> {
        let spec = Spec::read(graph_json, settings_json)?;
        Ok(Self { spec, srs: srs::from_bytes(srs_bytes)?, prover: None, verifier: None })
    }

    /// What is proven, as JSON: `digest` and `graphDigest` of specification and graph; `kind`; `k`, log2 of the rows; `maxUses`, the
    /// proofs that one salt may blind; `tensors` as the graph has them; `outputs` in the order of the nodes, each `{"name", "shape", "bits"}`,
    /// and of a predicate `"says": {"of", "bits", "predicate"}`, of which value of so many fractional bits it is.
    pub fn info(&self) -> Result<String, PotError> {
        let (spec, graph) = (&self.spec, self.spec.graph());
        let output = |v: &Value| {
            let mut output = json!({ "name": graph.name(*v), "shape": graph.facts(*v).shape, "bits": graph.facts(*v).bits });
            if let Some((of, predicate)) = said(graph, *v) {
                output["says"] = json!({ "of": graph.name(of), "bits": graph.facts(of).bits, "predicate": predicate });
            }
            output
        };
        let info = json!({
            "digest": to_hex(&spec.digest()),
            "graphDigest": to_hex(&graph_digest(graph)),
            "kind": spec.settings().kind,
            "k": spec.settings().shape.k,
            "maxUses": MAX_USES,
            "tensors": graph.tensors(),
            "outputs": outputs(graph).iter().map(output).collect::<Vec<_>>(),
        });
        Ok(info.to_string())
    }

    fn prover(&mut self) -> Result<&mut Prover, PotError> {
        match &mut self.prover {
            Some(prover) => Ok(prover),
            none => Ok(none.insert(Prover::new(&self.spec, &self.srs)?)),
        }
    }

    fn verifier(&mut self) -> Result<&mut Verifier, PotError> {
        match &mut self.verifier {
            Some(verifier) => Ok(verifier),
            none => Ok(none.insert(Verifier::new(&self.spec, &self.srs)?)),
        }
    }

    /// Makes and keeps the proving key: `{"vkDigest"}`. Errors: `SRS_TOO_SMALL`, `GRAPH_*`, `CIRCUIT_*`.
    pub fn keygen(&mut self) -> Result<String, PotError> {
        Ok(json!({ "vkDigest": to_hex(&self.prover()?.key().transcript_repr()) }).to_string())
    }

    /// Digest of the verifying key, derived from the specification alone. Errors: as of [`Self::keygen`].
    pub fn vk_digest(&mut self) -> Result<String, PotError> {
        Ok(to_hex(&self.verifier()?.key().transcript_repr()))
    }

    /// The digest that a statement shows of a group's content (`weights`, `weightsAfter`, `frozen`, `state`, `stateAfter`, `inputs`, `outputs`) under a salt.
    ///
    /// Errors: `OPTION_INVALID` (no such group), those of [`content_digest`].
    pub fn digest(&self, group: &str, entries: &[i64], salt: &[u8]) -> Result<String, PotError> {
        let group = Group::from_name(group).ok_or_else(|| PotError::new("OPTION_INVALID", format!("there is no group {group:?}")))?;
        let salt = if salt.is_empty() { [0; 32] } else { bytes("salt", salt)? };
        let entries: Vec<i128> = entries.iter().map(|v| i128::from(*v)).collect();
        Ok(to_hex(&content_digest(&self.spec, &self.srs, group, &entries, &salt)?))
    }

    /// A proof: `{"statement", "proof"}`, the latter base64url without padding. Errors: those of [`Prover::prove`], `INPUT_SHAPE`.
    pub fn prove(&mut self, request_json: &str, secrets: &GraphSecrets, transcript: &str) -> Result<String, PotError> {
        let transcript = Transcript::from_name(transcript)?;
        let request: ProofRequest = serde_json::from_str(request_json).map_err(|e| invalid("request", e))?;
        let tensors = parted(&lens(self.spec.graph(), self.spec.settings().kind), &secrets.tensors)?;
        let mut salts = secrets.salts(&request.uses)?;
        let context = from_hex("context", &request.context)?;
        let prover = self.prover()?;
        prover.set_transcript(transcript);
        let secrets = Secrets { tensors: &tensors, rate: request.rate, first_step: request.first_step, context, salts: &mut salts };
        let (statement, proof) = prover.prove(secrets, &mut OsRng)?;
        Ok(json!({ "statement": statement, "proof": URL_SAFE_NO_PAD.encode(proof) }).to_string())
    }

    /// Verifies one proof with the key that follows from the specification. Errors: those of [`Verifier::verify`].
    pub fn verify(&mut self, statement_json: &str, proof: &[u8], transcript: &str) -> Result<(), PotError> {
        let transcript = Transcript::from_name(transcript)?;
        let statement = Statement::from_json(statement_json)?;
        let verifier = self.verifier()?;
        verifier.set_transcript(transcript);
        verifier.verify(&statement, proof)
    }
}
