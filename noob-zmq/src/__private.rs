//! What generated code names; nothing here is for people.

pub use inventory;
pub use serde_json;
