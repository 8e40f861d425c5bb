//! Graphs as JSON: one writer, and a reader that takes what it writes and nothing else.

use super::builder::clipped;
use super::{Builder, Graph};
use crate::error::invalid;
use crate::limits::{MAX_JSON, MAX_VALUES, VERSION};
use crate::ops::{readable, Op, Value};
use crate::tensor::{Formats, Tensor};
use pot_proof_system::error::PotError;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    version: u32,
    limb_bits: u32,
    table_bits: u32,
    tensors: &'a [Tensor],
    nodes: Vec<WrittenNode<'a>>,
    outputs: Vec<&'a str>,
}

#[derive(Serialize)]
struct WrittenNode<'a> {
    name: &'a str,
    op: &'a str,
    inputs: Vec<&'a str>,
    attributes: &'a Op,
}

#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Read {
    #[serde(rename = "version")]
    _version: u32,
    limb_bits: u32,
    table_bits: u32,
    tensors: Vec<Tensor>,
    nodes: Vec<ReadNode>,
    outputs: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadNode {
    name: String,
    op: String,
    inputs: Vec<String>,
    attributes: serde_json::Value,
}

impl Graph {
    /// Canonical JSON: no spaces, keys in the order of docs/operators/graph.md. That of a graph with gradients is to be looked at, and
    /// is not read again.
    pub fn to_json(&self) -> String {
        let names = |values: &[Value]| values.iter().map(|v| self.name(*v)).collect();
        let nodes = self.nodes.iter().map(|n| WrittenNode { name: &n.name, op: n.op.name(), inputs: names(&n.inputs), attributes: &n.op });
        let written = Written {
            version: VERSION,
            limb_bits: self.formats.limb_bits,
            table_bits: self.formats.table_bits,
            tensors: &self.tensors,
            nodes: nodes.collect(),
            outputs: names(&self.outputs),
        };
        serde_json::to_string(&written).expect("a graph always serialises")
    }

    /// Reads and checks a forward graph, in time linear in the text.
    ///
    /// Errors: `GRAPH_INVALID` with the `reason` and, where it is about one, the tensor or node (`at`); `GRAPH_BOUNDS`.
    ///
    /// ```
    /// let e = pot_circuit::graph::Graph::from_json(r#"{"version":9}"#).unwrap_err();
    /// assert_eq!((e.code, e.details["reason"].as_str()), ("GRAPH_INVALID", Some("version")));
    /// ```
    pub fn from_json(json: &str) -> Result<Self, PotError> {
        let graph = read(json)?;
        let canonical = graph.to_json();
        if let Some(i) = canonical.bytes().zip(json.bytes()).position(|(a, b)| a != b) {
            return Err(invalid("canonical", "", format!("byte {i} is not what the canonical text of this graph has there")));
        }
        if canonical.len() != json.len() {
            return Err(invalid("canonical", "", format!("{} bytes, the canonical text has {}", json.len(), canonical.len())));
        }
        Ok(graph)
    }
}

fn read(json: &str) -> Result<Graph, PotError> {
    if json.len() > MAX_JSON {
        return Err(invalid("size", "", format!("{} bytes of JSON: at most {MAX_JSON}", json.len())));
    }
    let malformed = |e: serde_json::Error| invalid("json", "", e);
    let Versioned { version } = serde_json::from_str(json).map_err(malformed)?;
    if version != VERSION {
        return Err(invalid("version", "", format!("version {version}: this library reads {VERSION}")));
    }
    let file: Read = serde_json::from_str(json).map_err(malformed)?;
    if file.tensors.len() + file.nodes.len() > MAX_VALUES {
        return Err(invalid("size", "", format!("{} tensors and {} nodes: at most {MAX_VALUES}", file.tensors.len(), file.nodes.len())));
    }
    let mut builder = Builder::new(Formats { limb_bits: file.limb_bits, table_bits: file.table_bits })?;
    let all: HashSet<&str> = file.nodes.iter().map(|n| n.name.as_str()).collect();
    for t in file.tensors {
        builder.tensor(t)?;
    }
    for n in &file.nodes {
        builder.check_name(&n.name)?;
        let op = operator(n)?;
        let inputs = n.inputs.iter().map(|i| builder.value(i).ok_or_else(|| missing(&n.name, i, &all)));
        let inputs = inputs.collect::<Result<Vec<_>, _>>()?;
        builder.node(&n.name, op, &inputs)?;
    }
    let outputs = file.outputs.iter().map(|o| builder.value(o).ok_or_else(|| missing("", o, &HashSet::new())));
    let outputs = outputs.collect::<Result<Vec<_>, _>>()?;
    builder.finish(&outputs)
}

fn operator(n: &ReadNode) -> Result<Op, PotError> {
    match Op::parse(&n.op, &n.attributes) {
        Some(op) if readable().contains(&n.op.as_str()) => op.map_err(|e| invalid("attributes", &n.name, e)),
        _ => {
            let message = format!("no operator of a forward graph is called {:?}; there are {}", clipped(&n.op), readable().join(", "));
            Err(invalid("operator", &n.name, message))
        }
    }
}

fn missing(node: &str, input: &str, nodes: &HashSet<&str>) -> PotError {
    if nodes.contains(input) {
        return invalid("cycle", node, format!("it uses {:?}, which stands at or behind it: nodes stand behind what they use", clipped(input)));
    }
    invalid("dangling", node, format!("there is no {:?}", clipped(input)))
}
