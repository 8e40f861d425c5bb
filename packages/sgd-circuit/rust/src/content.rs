//! What a window is given, as the tensors of its graph have it.

use crate::spec::{Kind, Mode, SgdSpec};
use pot_circuit::graph::Graph;
use pot_circuit::tensor::Role;

/// What a window is given.
pub struct Content<'a> {
    /// A checkpoint: weights, then states.
    pub weights: &'a [i64],
    pub base: &'a [i64],
    pub x: &'a [i32],
    pub y: &'a [i32],
    /// Weights after a step with a tolerance.
    pub taken: &'a [i64],
}

impl Content<'_> {
    /// Entries by tensor, in the order of the forward graph, or of one of its steps: of data and labels as they are given, of weights from a checkpoint, of the
    /// base. Those of further steps follow, then states, then weights after a step with a tolerance.
    pub(crate) fn tensors(&self, graph: &Graph, spec: &SgdSpec, steps: usize) -> Vec<Vec<i128>> {
        let lens = |role: Role| -> Vec<usize> {
            let tensors = graph.tensors().iter().enumerate();
            tensors.filter(|(_, t)| t.role == role).map(|(v, _)| graph.facts(v).len()).collect()
        };
        let (trained, states) = (lens(Role::Trained), spec.optimizer().map_or(0, |o| o.states()));
        let (weights, of_states) = self.weights.split_at(spec.weights().min(self.weights.len()));
        let [mut of_trained, mut of_frozen] =
            [(trained.clone(), weights), (lens(Role::Frozen), self.base)].map(|(lens, flat)| parted(&lens, flat).into_iter());
        let window = spec.kind == Kind::Window;
        let mut data = (0..if window { steps } else { 0 }).flat_map(|t| self.data(spec, t));
        let next = |role: Role| match role {
            Role::Trained => of_trained.next(),
            Role::Frozen => of_frozen.next(),
            Role::Data | Role::Label => data.next(),
            _ => None,
        };
        let mut all: Vec<Vec<i128>> = graph.tensors().iter().map(|t| t.role).filter_map(next).collect();
        all.extend(data);
        if window {
            all.extend(parted(&trained.repeat(states), of_states));
        }
        if window && spec.mode == Mode::Tolerance {
            all.extend(parted(&trained, self.taken));
        }
        all
    }

    /// Data and labels of step `t`; of a given gradient its two limbs.
    pub(crate) fn data(&self, spec: &SgdSpec, t: usize) -> Vec<Vec<i128>> {
        let (nx, ny) = (spec.batch * spec.inputs(), spec.batch * spec.outputs());
        let (x, y) = (wide(&self.x[t * nx..][..nx]), wide(&self.y[t * ny..][..ny]));
        if !spec.local() {
            return vec![x, y];
        }
        let limb = 1i128 << spec.scales.b;
        let limbs = [|v: i128, limb: i128| v.rem_euclid(limb), |v: i128, limb: i128| v.div_euclid(limb)];
        let [low, high] = limbs.map(|of| y.iter().map(|v| of(*v, limb)).collect());
        vec![x, low, high]
    }
}

fn wide<T: Copy + Into<i128>>(v: &[T]) -> Vec<i128> {
    v.iter().map(|v| (*v).into()).collect()
}

/// Entries one behind the other as parts of these lengths; where there are too few, the last ones are short, which the executor refuses.
pub(crate) fn parted(lens: &[usize], flat: &[i64]) -> Vec<Vec<i128>> {
    let mut rest = flat;
    let part = |len: &usize| {
        let (part, behind) = rest.split_at((*len).min(rest.len()));
        rest = behind;
        wide(part)
    };
    lens.iter().map(part).collect()
}
