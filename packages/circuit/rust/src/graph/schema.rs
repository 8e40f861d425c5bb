//! What graphs there are, as data.

use crate::limits;
use crate::ops;
use serde_json::{json, Value};

/// Version, limits, roles and operators with their attributes: front ends, types and documents are made from it. What is `emitted`
/// comes with gradients alone, and is not read.
///
/// ```
/// let schema = pot_circuit::graph::schema();
/// assert_eq!(schema["operators"][0]["name"], "matmul");
/// ```
pub fn schema() -> Value {
    json!({
        "version": limits::VERSION,
        "limits": limits::all(),
        "roles": ["data", "label", "trained", "frozen"],
        "emittedRoles": ["rate", "correctedRate", "moment", "secondMoment"],
        "operators": ops::schema(),
    })
}
