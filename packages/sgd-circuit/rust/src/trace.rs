//! Every integer of one step, as the executor computed it.

/// One layer in one step; matrices are `[sample][unit]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LayerTrace {
    /// Input h of the layer at scale a, `batch x inputs`.
    pub input: Vec<i64>,
    /// Rounded pre-activation at scale a, `batch x outputs`.
    pub z: Vec<i64>,
    /// `zraw + 2^(w-1) - 2^w z`, in `[0, 2^w)`.
    pub r: Vec<u64>,
    /// Gradient with respect to the pre-activation at scale d, `batch x outputs`.
    pub delta: Vec<i64>,
    /// Rounded gradient with respect to the input at scale d, `batch x inputs`; empty in the lowest trained layer and below.
    pub g: Vec<i64>,
    /// `graw + 2^(w-1) - 2^w g`, in `[0, 2^w)`.
    pub rg: Vec<u64>,
    /// Where the layer has an adapter.
    pub adapter: Option<AdapterTrace>,
}

/// An adapter in one step: the units between A and B'.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdapterTrace {
    /// `round(A h, w)` at scale a, `batch x rank`, and its remainder.
    pub z: Vec<i64>,
    pub r: Vec<u64>,
    /// `round(B'^T delta, w)` at scale d, `batch x rank`, and its remainder.
    pub g: Vec<i64>,
    pub rg: Vec<u64>,
}

/// The softmax's integers, `[sample][unit]` or one a sample.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SoftmaxTrace {
    pub max: Vec<i64>,
    pub arg_max: Vec<usize>,
    pub hi: Vec<u64>,
    pub lo: Vec<u64>,
    pub e_hi: Vec<u64>,
    pub e_lo: Vec<u64>,
    /// Sum of the exponentials, one a sample.
    pub sum: Vec<u64>,
    pub q: Vec<u64>,
    /// `2^(d+1) E + S - 2 S q`, in `[0, 2 S)`.
    pub rem: Vec<u64>,
}

/// One step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepTrace {
    pub layers: Vec<LayerTrace>,
    pub softmax: Option<SoftmaxTrace>,
}
