//! What goes wrong inside a node.

/// An error of a node: a message, and the chain of causes below it.
///
/// Any error turns into one with `?` or `.into()`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct NodeError {
    /// What happened.
    pub message: String,
    /// The causes, outermost first.
    pub chain: Vec<String>,
    /// For a panic: where, as `file:line:column`.
    pub panicked_at: Option<String>,
}
