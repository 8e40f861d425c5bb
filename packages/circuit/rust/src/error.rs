//! How a graph is refused.

use pot_proof_system::error::PotError;

/// A graph that is none. `reason` is one of the words of docs/operators/graph.md, `at` the tensor or node it is about.
pub fn invalid(reason: &str, at: &str, message: impl std::fmt::Display) -> PotError {
    // What is refused may be long, and stand in the message.
    let message: String = message.to_string().chars().take(400).collect();
    let place = if at.is_empty() { String::new() } else { format!("{at}: ") };
    let e = PotError::new("GRAPH_INVALID", format!("graph: {place}{message}")).with("reason", reason);
    if at.is_empty() {
        e
    } else {
        e.with("at", at)
    }
}

/// A graph that can be executed and has no circuit. `at` is the tensor or node that none can show.
pub fn unsupported(at: &str, message: impl std::fmt::Display) -> PotError {
    PotError::new("GRAPH_UNSUPPORTED", format!("graph: {at}: {message}")).with("at", at)
}

/// What was refused of a node that gradients emit, said of the forward graph's tensor or node `at` whose `what` it is: nobody who
/// wrote that graph knows the other.
pub fn emitted(e: PotError, what: &str, at: &str) -> PotError {
    let message = format!("graph: {at}: its {what}: {}", e.message.strip_prefix("graph: ").unwrap_or(&e.message));
    PotError { message, ..e }.with("at", at)
}
