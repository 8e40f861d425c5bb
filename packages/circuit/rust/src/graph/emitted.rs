//! Operators that gradients alone have: what their nodes are told, and whether it is so.

use super::Graph;
use crate::ops::round::Range;
use crate::ops::{ActivationGradient, Op, RoundGradient, Sgd, Value};
use crate::tensor::Role;

/// Refuses a node of such an operator, behind all nodes of `graph`, whose inputs are not what its bound and its meaning rest on:
/// `round_gradient` belongs to one `round`, whose output, mask and bits it has; `clamp_gradient` to one `clamp`, whose output and input it
/// has; `activation_gradient` to one `activation`, whose output, input, function and bits it has; `ratio` to one `second_moment`; `sgd` moves a trained
/// tensor, or what the step before made of it, once, by a rate times that tensor's factor, or by a corrected one times its root.
pub(super) fn check(graph: &Graph, op: &Op, inputs: &[Value]) -> Result<(), String> {
    match op {
        Op::RoundGradient(back) => round_gradient(graph, back, inputs[1]),
        Op::ClampGradient(_) => clamp_gradient(graph, inputs[1], inputs[2]),
        Op::ActivationGradient(back) => activation_gradient(graph, back, inputs),
        Op::Ratio(_) => ratio(graph, inputs[1]),
        Op::Sgd(update) => sgd(graph, update, inputs),
        _ => Ok(()),
    }
}

fn round_gradient(graph: &Graph, back: &RoundGradient, h: Value) -> Result<(), String> {
    let Some(Op::Round(round)) = graph.node(h).map(|n| &n.op) else {
        return Err(format!("{} is no round's output, so there is no gradient of one", graph.name(h)));
    };
    let mask = round.range == Range::Relu;
    if (back.bits, back.mask) != (round.gradient_bits, mask) {
        return Err(format!("{} rounds its gradient to {} bits, with the mask of ReLU: {mask}", graph.name(h), round.gradient_bits));
    }
    match graph.nodes().iter().find(|n| matches!(n.op, Op::RoundGradient(_)) && n.inputs[1] == h) {
        Some(n) => Err(format!("{} has the gradient {} already", graph.name(h), n.name)),
        None => Ok(()),
    }
}

fn clamp_gradient(graph: &Graph, output: Value, input: Value) -> Result<(), String> {
    let clamp = graph.node(output).filter(|n| matches!(n.op, Op::Clamp(_)));
    if clamp.is_none_or(|n| n.inputs[0] != input) {
        return Err(format!("{} is no clamp's output of {}, so there is no gradient of one", graph.name(output), graph.name(input)));
    }
    match graph.nodes().iter().find(|n| matches!(n.op, Op::ClampGradient(_)) && n.inputs[1] == output) {
        Some(n) => Err(format!("{} has the gradient {} already", graph.name(output), n.name)),
        None => Ok(()),
    }
}

fn activation_gradient(graph: &Graph, back: &ActivationGradient, inputs: &[Value]) -> Result<(), String> {
    let h = inputs[1];
    let Some((node, Op::Activation(of))) = graph.node(h).map(|n| (n, &n.op)) else {
        return Err(format!("{} is no activation's output, so there is no gradient of one", graph.name(h)));
    };
    if (back.function(), back.bits, inputs[2]) != (of.function(), of.gradient_bits, node.inputs[0]) {
        let (function, input) = (of.function(), graph.name(node.inputs[0]));
        return Err(format!("{} is {function:?} of {input}, and rounds its gradient to {} bits", graph.name(h), of.gradient_bits));
    }
    match graph.nodes().iter().find(|n| matches!(n.op, Op::ActivationGradient(_)) && n.inputs[1] == h) {
        Some(n) => Err(format!("{} has the gradient {} already", graph.name(h), n.name)),
        None => Ok(()),
    }
}

fn ratio(graph: &Graph, moment: Value) -> Result<(), String> {
    if !matches!(graph.node(moment).map(|n| &n.op), Some(Op::SecondMoment(_))) {
        return Err(format!("{} is no second moment that a step gives, so nothing is divided by its root", graph.name(moment)));
    }
    match graph.nodes().iter().find(|n| matches!(n.op, Op::Ratio(_)) && n.inputs[1] == moment) {
        Some(n) => Err(format!("{} divides by the root of {} already", n.name, graph.name(moment))),
        None => Ok(()),
    }
}

fn sgd(graph: &Graph, update: &Sgd, inputs: &[Value]) -> Result<(), String> {
    let (weight, rate) = (inputs[0], inputs[2]);
    let Some(role) = graph.tensors().get(rate).map(|t| t.role).filter(|r| r.is_rate()) else {
        return Err(format!("{} is no rate", graph.name(rate)));
    };
    let corrected = role == Role::CorrectedRate;
    let factor = match graph.node(weight).map(|n| &n.op) {
        Some(Op::Sgd(before)) => Some(*before),
        Some(_) => None,
        None => {
            let tensor = Some(&graph.tensors()[weight]).filter(|t| t.role == Role::Trained);
            let Some(tensor) = tensor else { return Err(not_trained(graph, weight)) };
            let factor = if corrected { tensor.rate_factor.root() } else { Some(tensor.rate_factor) };
            factor.map(|rate_factor| Sgd { rate_factor, corrected })
        }
    };
    match factor {
        None if graph.node(weight).is_some() => return Err(not_trained(graph, weight)),
        Some(wanted) if wanted == *update && corrected == update.corrected => {}
        _ => return Err(format!("{} moves by another multiple of the rate", graph.name(weight))),
    }
    match graph.nodes().iter().find(|n| matches!(n.op, Op::Sgd(_)) && n.inputs[0] == weight) {
        Some(n) => Err(format!("{} is moved by {} already", graph.name(weight), n.name)),
        None => Ok(()),
    }
}

fn not_trained(graph: &Graph, weight: Value) -> String {
    format!("{} is no trained tensor, so no step moves it", graph.name(weight))
}

#[cfg(test)]
mod tests {
    use crate::graph::Builder;
    use crate::ops::activation::Name;
    use crate::ops::round::Range;
    use crate::ops::{Activation, ActivationGradient, Clamp, ClampGradient, Matmul, Op, Round, RoundGradient, Sgd, Value};
    use crate::tensor::{Formats, RateFactor, Role, Tensor};

    /// `z = relu(x w)` and `plain = x w`, rounded, which takes what gradients emit: x 0, w 1, v 2, rate 3, raw 4, z 5, plain 6.
    fn graph() -> Builder {
        let tensor = |name: &str, role, bits| Tensor { name: name.into(), role, shape: vec![], bits, offset: 0, rate_factor: RateFactor::ONE };
        let matrix = |name, role, bits| Tensor { shape: vec![1, 1], ..tensor(name, role, bits) };
        let mut b = Builder::new(Formats { limb_bits: 12, table_bits: 12 }).expect("formats");
        for t in [matrix("x", Role::Data, 12), matrix("w", Role::Trained, 36), matrix("v", Role::Trained, 36)] {
            b.tensor(t).expect("a tensor");
        }
        let raw = b.node("raw", Matmul::default().into(), &[0, 1]).expect("a product");
        let round = |range| Round { bits: 12, gradient_bits: 12, range }.into();
        let z = b.node("z", round(Range::Relu), &[raw]).expect("a unit");
        let plain = b.node("plain", round(Range::Half), &[raw]).expect("a unit");
        let last = b.node("last", Matmul::default().into(), &[plain, 2]).expect("a product");
        let g = b.finish(&[z, last]).expect("a graph");
        Builder::extend(&g, &[tensor("rate", Role::Rate, 12)]).expect("the same")
    }

    fn refused(b: &mut Builder, op: impl Into<Op>, inputs: &[Value]) {
        let e = b.node("emitted", op.into(), inputs).expect_err("refused");
        assert_eq!((e.code, e.details["reason"].as_str(), e.details["at"].as_str()), ("GRAPH_INVALID", Some("operator"), Some("emitted")), "{e}");
    }

    #[test]
    fn a_gradient_belongs_to_one_round_with_its_bits_and_mask() {
        let mut b = graph();
        let (masked, plain) = (RoundGradient { bits: 12, mask: true }, RoundGradient { bits: 12, mask: false });
        // What is no round's output, a round without ReLU, one with, and other bits.
        for (op, h) in [(masked, 0), (masked, 4), (plain, 4), (masked, 6), (plain, 5), (RoundGradient { bits: 0, mask: true }, 5)] {
            refused(&mut b, op, &[0, h]);
        }
        b.node("a", masked.into(), &[0, 5]).expect("as it is emitted");
        b.node("b", plain.into(), &[0, 6]).expect("as it is emitted");
        refused(&mut b, masked, &[0, 5]);
        refused(&mut b, plain, &[0, 6]);
    }

    #[test]
    fn a_gradient_belongs_to_one_clamp_and_its_input() {
        let mut b = graph();
        let clamp = Clamp { maximum: 9, minimum: -9 };
        let held = b.node("held@1", clamp.into(), &[6]).expect("a unit");
        let other = b.node("other@1", clamp.into(), &[5]).expect("a unit");
        // What is no clamp's output, and an input that is another clamp's.
        [[0, 5, 6], [0, 6, 6], [0, held, 5], [0, other, 6]].into_iter().for_each(|inputs| refused(&mut b, ClampGradient {}, &inputs));
        b.node("a", ClampGradient {}.into(), &[0, held, 6]).expect("as it is emitted");
        refused(&mut b, ClampGradient {}, &[0, held, 6]);
        b.node("b", ClampGradient {}.into(), &[0, other, 5]).expect("as it is emitted");
    }

    #[test]
    fn a_gradient_belongs_to_one_activation_with_its_function_bits_and_input() {
        let mut b = graph();
        let elu = Activation { activation: Name::Elu, alpha: 4096, bits: 8, gradient_bits: 12 };
        let bent = b.node("bent@1", elu.into(), &[4]).expect("a unit");
        let back = ActivationGradient { activation: Name::Elu, alpha: 4096, bits: 12 };
        let others = [
            ActivationGradient { activation: Name::LeakyRelu, ..back },
            ActivationGradient { alpha: 2048, ..back },
            ActivationGradient { bits: 11, ..back },
        ];
        others.into_iter().for_each(|op| refused(&mut b, op, &[0, bent, 4]));
        // What is no activation's output, and another input, as many bits as it has.
        [[0, 5, 4], [0, 6, 4], [0, bent, 7]].into_iter().for_each(|inputs| refused(&mut b, back, &inputs));
        b.node("a", back.into(), &[0, bent, 4]).expect("as it is emitted");
        refused(&mut b, back, &[0, bent, 4]);
    }

    #[test]
    fn an_update_moves_a_trained_tensor_once_a_step_by_the_rate() {
        let mut b = graph();
        // Data, a product, a rounded value; a gradient and a weight in the rate's place.
        for inputs in [[0, 0, 3], [4, 0, 3], [5, 0, 3], [1, 0, 0], [1, 0, 2]] {
            refused(&mut b, Sgd::default(), &inputs);
        }
        let next = b.node("next", Sgd::default().into(), &[1, 0, 3]).expect("as it is emitted");
        refused(&mut b, Sgd::default(), &[1, 0, 3]);
        // Another multiple of the rate.
        refused(&mut b, Sgd { rate_factor: RateFactor::new(1, 2), corrected: false }, &[2, 0, 3]);
        b.node("other", Sgd::default().into(), &[2, 0, 3]).expect("as it is emitted");
        // The next step's forward pass, and its update.
        let raw = b.node("raw again", Matmul::default().into(), &[0, next]);
        assert_eq!(raw.expect_err("no name").details["reason"], "name");
        let raw = b.node("raw@1", Matmul::default().into(), &[0, next]).expect("a weight of the next step");
        refused(&mut b, Sgd::default(), &[raw, 0, 3]);
        refused(&mut b, Sgd { rate_factor: RateFactor::new(2, 1), corrected: false }, &[next, 0, 3]);
        b.node("next@1", Sgd::default().into(), &[next, 0, 3]).expect("as it is emitted");
        refused(&mut b, Sgd::default(), &[next, 0, 3]);
    }
}
