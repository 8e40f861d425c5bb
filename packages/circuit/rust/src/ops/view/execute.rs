//! Entries in their new order.

use super::super::operator::Call;
use super::View;
use crate::number::Number;

impl View {
    pub(super) fn arrange<N: Number>(&self, call: &Call<N>) -> Vec<N> {
        let (x, shape) = (call.inputs[0], &call.facts[0].shape);
        // Entries behind each other along one step of an axis.
        let inner = |axis: usize| shape[axis + 1..].iter().product::<usize>();
        match self {
            Self::Reshape { .. } => x.to_vec(),
            Self::Broadcast { .. } => x.repeat(call.out.len() / x.len()),
            Self::Transpose { axes } => {
                let strides: Vec<usize> = axes.iter().map(|a| inner(*a)).collect();
                let source = |i| source_of(i, &call.out.shape, &strides);
                (0..call.out.len()).map(|i| x[source(i)]).collect()
            }
            Self::Slice { axis, length, start } => {
                let n = inner(*axis);
                x.chunks(shape[*axis] * n).flat_map(|c| &c[start * n..][..length * n]).copied().collect()
            }
            Self::Pad { after, axis, before } => {
                let n = inner(*axis);
                let zeros = |count: usize| std::iter::repeat_n(N::default(), count * n);
                x.chunks(shape[*axis] * n).flat_map(|c| zeros(*before).chain(c.iter().copied()).chain(zeros(*after))).collect()
            }
            Self::Concat { axis } => {
                let outer: usize = shape[..*axis].iter().product();
                let part = |x: &[N], o: usize| x[o * (x.len() / outer)..][..x.len() / outer].to_vec();
                (0..outer).flat_map(|o| call.inputs.iter().flat_map(move |x| part(x, o))).collect()
            }
        }
    }
}

/// Index, in the input, of entry `i` of an output of this shape, whose axes have these strides in the input.
fn source_of(mut i: usize, shape: &[usize], strides: &[usize]) -> usize {
    let mut at = 0;
    for (d, stride) in shape.iter().zip(strides).rev() {
        at += i % d * stride;
        i /= d;
    }
    at
}
