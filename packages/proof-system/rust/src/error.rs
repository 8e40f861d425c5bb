//! The one error type of the Rust side: a stable code, a message for people, details for programs.

use serde_json::{json, Map, Value};
use std::fmt;

/// What went wrong. `code` is stable and is what callers branch on; `message` may be reworded.
/// Neither may hold weights, data or salts.
#[derive(Clone, Debug, PartialEq)]
pub struct PotError {
    pub code: &'static str,
    pub message: String,
    /// A JSON object, or null.
    pub details: Value,
}

impl PotError {
    /// An error without details.
    pub fn new(code: &'static str, message: String) -> Self {
        Self { code, message, details: Value::Null }
    }

    /// The same error with one more detail.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        if !self.details.is_object() {
            self.details = Value::Object(Map::new());
        }
        self.details[key] = value.into();
        self
    }

    /// `{"code", "message", "details"?}`: the message of the JavaScript error that crosses the WASM border.
    pub fn to_json(&self) -> String {
        let mut out = json!({ "code": self.code, "message": self.message });
        if !self.details.is_null() {
            out["details"] = self.details.clone();
        }
        out.to_string()
    }
}

impl fmt::Display for PotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for PotError {}

#[cfg(test)]
mod tests {
    use super::PotError;

    #[test]
    fn json_has_code_message_and_details_only_where_given() {
        let plain = PotError::new("A_CODE", "why \"so\"".into());
        assert_eq!(plain.to_json(), r#"{"code":"A_CODE","message":"why \"so\""}"#);
        let detailed = plain.with("layer", 2).with("quantity", "z");
        assert_eq!(detailed.to_json(), r#"{"code":"A_CODE","details":{"layer":2,"quantity":"z"},"message":"why \"so\""}"#);
        assert_eq!(detailed.to_string(), "A_CODE: why \"so\"");
    }
}
