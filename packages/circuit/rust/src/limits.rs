//! What a graph may be: each of these numbers is written here alone.

use serde_json::{json, Value};

/// The version of the JSON format.
pub const VERSION: u32 = 1;
/// Bytes of a graph's JSON, and characters of a name.
pub const MAX_JSON: usize = 1 << 22;
pub const MAX_NAME: usize = 64;
/// Characters that a step of training adds to a name: `@` and its number, below [`MAX_VALUES`].
pub const MAX_STEP_NAME: usize = 5;
/// Tensors and nodes together; inputs of a node; axes of a value.
pub const MAX_VALUES: usize = 4096;
/// The same of a graph with gradients and updates, which is made of one and of a number of steps below [`MAX_VALUES`].
pub const MAX_TRAINING_VALUES: usize = 1 << 16;
pub const MAX_INPUTS: usize = 64;
pub const MAX_RANK: usize = 6;
/// Entries of a value.
pub const MAX_ENTRIES: u64 = 1 << 26;
/// What an execution of a graph may take, its gradients included: integers that are held (entries of all values and cells of units,
/// 16 bytes each, so 1 GiB of wasm32's 4; the node that is executed copies its inputs and cells besides), and multiplications.
pub const MAX_TOTAL: u64 = 1 << 26;
pub const MAX_WORK: u64 = 1 << 36;
/// Fractional bits of a value.
pub const MAX_BITS: u32 = 128;
/// Absolute value of a coefficient of a sum, log2.
pub const COEFFICIENT_BITS: u32 = 32;
/// Limb bits (the range table has 2^b entries), and output bits of an exponential's table.
pub const LIMB_BITS: std::ops::RangeInclusive<u32> = 4..=16;
pub const MIN_TABLE_BITS: u32 = 4;
/// Most fractional bits of the gradients that units give, and of a rate.
pub const MAX_GRADIENT_BITS: u32 = 24;
pub const MAX_RATE_BITS: u32 = 20;
/// Most bits that a unit rounds away.
pub const MAX_SHIFT: u32 = 52;
/// A trained weight stays below 2^55 in absolute value: the executor refuses a step that leaves this.
pub const WEIGHT_BITS: u32 = 55;
/// No trained weight exceeds 2^168, whatever a prover does, in a run of fewer than 2^53 steps: shown for each update rule from what
/// the genesis proof says of the first weights.
pub const PROVEN_WEIGHT_BITS: u32 = 168;
pub const STEP_BITS: u32 = 53;
/// Integer bits that the range of a first weight has beyond its fractional bits, before it is rounded up to whole limbs.
pub const WEIGHT_MARGIN: u32 = 4;
/// Limbs of what a weight may deviate by from its step, and bits of all of them: more would say nothing.
pub const MAX_TOLERANCE_LIMBS: usize = 4;
pub const MAX_TOLERANCE_BITS: u32 = 48;
/// A rate lies in `1..2^17`.
pub const RATE_BITS: u32 = 17;
/// Numerator and denominator of what the rate is multiplied by for one tensor.
pub const MAX_RATE_FACTOR: u64 = 1 << 20;
/// Adam's rate lies in `1..2^20`; corrected for the number of a step in `0..2^36`, with at most so many fractional bits.
pub const ADAM_RATE_BITS: u32 = 20;
pub const CORRECTED_RATE_BITS: u32 = 36;
pub const MAX_CORRECTED_BITS: u32 = 48;
/// Fractional bits of Adam's moments, unless gradients have more.
pub const MOMENT_BITS: u32 = 24;
/// With as many fractional bits a gradient lies in `-2^40..2^40` for the executor, and a second moment in `0..2^62`.
pub const MOMENT_GRADIENT_BITS: u32 = 40;
pub const SECOND_MOMENT_BITS: u32 = 62;
/// No state of an optimiser exceeds 2^100, whatever a prover does: shown for each from what gives it.
pub const PROVEN_STATE_BITS: u32 = 100;
/// Adam's epsilon lies in `1..2^30`, in units of a moment's last place.
pub const EPSILON_BITS: u32 = 30;
/// What is added to a second moment below its root lies in `1..2^52`, in units of the second moment's last place.
pub const SQUARE_EPSILON_BITS: u32 = 52;
/// The executor's integers are below 2^126 in absolute value, partial sums included.
pub const EXECUTED_BITS: u32 = 126;
/// An identity in BN254's scalar field is one of integers where both sides are at most 2^252 in absolute value.
pub const FIELD_BITS: u32 = 252;

/// Those that a reader or a writer of graphs needs.
pub fn all() -> Value {
    json!({
        "maxJson": MAX_JSON,
        "maxName": MAX_NAME,
        "maxValues": MAX_VALUES,
        "maxInputs": MAX_INPUTS,
        "maxRank": MAX_RANK,
        "maxEntries": MAX_ENTRIES,
        "maxTotal": MAX_TOTAL,
        "maxWork": MAX_WORK,
        "maxBits": MAX_BITS,
        "coefficientBits": COEFFICIENT_BITS,
        "limbBits": [LIMB_BITS.start(), LIMB_BITS.end()],
        "minTableBits": MIN_TABLE_BITS,
        "maxGradientBits": MAX_GRADIENT_BITS,
        "maxRateBits": MAX_RATE_BITS,
        "maxShift": MAX_SHIFT,
        "weightBits": WEIGHT_BITS,
        "provenWeightBits": PROVEN_WEIGHT_BITS,
        "rateBits": RATE_BITS,
        "maxRateFactor": MAX_RATE_FACTOR,
        "executedBits": EXECUTED_BITS,
        "fieldBits": FIELD_BITS,
    })
}
