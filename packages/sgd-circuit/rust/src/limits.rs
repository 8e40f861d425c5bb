//! What the circuit takes, and what it keeps for itself. The engine says it as JSON, and packages/sgd-circuit/src/limits.ts is made of that:
//! each of these numbers is written here alone.

use pot_circuit::layout::BLINDING_ROWS;
use serde_json::{json, Value};

/// Least and most rows of a circuit, log2.
pub const MIN_K: u32 = 8;
pub const MAX_K: u32 = 20;
/// Rows at the end of each column that hold only secret random values (salt and halo2's own blinding).
pub const RESERVED_ROWS: usize = BLINDING_ROWS;
/// The same for the columns of a frozen base, which every window of a fine-tuning opens: one row of so many, 64 at least.
pub const BASE_RESERVED_OF: usize = 16;
/// Most columns of weights, of data and of a frozen base.
pub const MAX_COLUMNS: usize = 256;
/// Most units side by side, and most columns of one.
pub const MAX_LANES: usize = 64;
pub const MAX_LANE_COLUMNS: usize = 256;
/// Most layers, and widest.
pub const MAX_LAYERS: usize = 32;
pub const MAX_WIDTH: usize = 65536;
/// Most weights, of all layers together.
pub const MAX_WEIGHTS: usize = 1 << 26;
/// Most samples a step, and steps a window.
pub const MAX_BATCH: usize = 4096;
pub const MAX_WINDOW: usize = 1024;
/// Largest rank and alpha of an adapter.
pub const MAX_RANK: usize = 64;
pub const MAX_ALPHA: u64 = 1024;
/// eta lies in `1..MAX_ETA`, Adam's in `1..MAX_ADAM_ETA`.
pub const MAX_ETA: i64 = 1 << 17;
pub const MAX_ADAM_ETA: i64 = 1 << 20;
/// Steps are numbered below this.
pub const MAX_STEPS: u64 = 1 << 53;

/// Domain tags of the digests.
pub const WEIGHTS_DOMAIN: u64 = 0x706f7457;
pub const DATA_DOMAIN: u64 = 0x706f7444;
pub const BASE_DOMAIN: u64 = 0x706f7442;

/// All of them.
pub fn all() -> Value {
    json!({
        "minK": MIN_K,
        "maxK": MAX_K,
        "reservedRows": RESERVED_ROWS,
        "baseReservedOf": BASE_RESERVED_OF,
        "maxColumns": MAX_COLUMNS,
        "maxLanes": MAX_LANES,
        "maxLaneColumns": MAX_LANE_COLUMNS,
        "maxLayers": MAX_LAYERS,
        "maxWidth": MAX_WIDTH,
        "maxWeights": MAX_WEIGHTS,
        "maxBatch": MAX_BATCH,
        "maxWindow": MAX_WINDOW,
        "maxRank": MAX_RANK,
        "maxAlpha": MAX_ALPHA,
        "maxEta": MAX_ETA,
        "maxAdamEta": MAX_ADAM_ETA,
        "maxSteps": MAX_STEPS,
        "weightsDomain": WEIGHTS_DOMAIN,
        "baseDomain": BASE_DOMAIN,
        "dataDomain": DATA_DOMAIN,
    })
}
