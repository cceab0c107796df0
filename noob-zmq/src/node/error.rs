//! Errors of nodes.

use std::error::Error;
use std::fmt;

/// An error of a node: a message, and the chain of causes below it.
///
/// The error is sent between processes, so it holds texts and not the errors themselves. Every
/// [`std::error::Error`] is converted by `?` or `.into()`, including its chain of
/// [`source`](Error::source)s; a text is converted by [`NodeError::new`]. For that reason the type
/// does not implement `std::error::Error`; it can be boxed as one with `Box::<dyn Error + Send +
/// Sync>::from`.
///
/// Displayed, it is one line: the message and the causes, joined by `: `, without causes that the
/// text before them repeats.
///
/// ```
/// use noob_zmq::node::NodeError;
///
/// fn parse(text: &str) -> Result<i64, NodeError> {
///     let number = text.parse::<i64>();
///     let context = format!("`{text}` is no number");
///     Ok(number.map_err(|error| NodeError::from(error).context(context))?)
/// }
///
/// let error = parse("x").unwrap_err();
/// assert_eq!(error.to_string(), "`x` is no number: invalid digit found in string");
/// ```
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct NodeError {
    /// The message.
    pub message: String,
    /// The causes, outermost first.
    pub chain: Vec<String>,
    /// For a panic: where, as `file:line:column`.
    pub panicked_at: Option<String>,
}

/// Kind of a [`NodeError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NodeErrorKind {
    /// The code of the node returned an error.
    Returned,
    /// The code of the node panicked.
    Panicked,
}

impl NodeError {
    /// Returns the kind of the error.
    #[must_use]
    pub const fn kind(&self) -> NodeErrorKind {
        match self.panicked_at {
            Some(_) => NodeErrorKind::Panicked,
            None => NodeErrorKind::Returned,
        }
    }

    /// An error that is a text and nothing more.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            chain: Vec::new(),
            panicked_at: None,
        }
    }

    /// Converts any error that a node may return; see [`IntoNodeError`].
    pub fn wrap<E: IntoNodeError>(error: E) -> Self {
        error.into_node_error()
    }

    /// Puts a message in front; what was the message becomes the first cause.
    #[must_use]
    pub fn context(mut self, message: impl Into<String>) -> Self {
        let cause = std::mem::replace(&mut self.message, message.into());
        self.chain.insert(0, cause);
        self
    }

    fn from_chain(error: &dyn Error) -> Self {
        let mut chain = Vec::new();
        let mut next = error.source();
        while let Some(cause) = next {
            chain.push(cause.to_string());
            next = cause.source();
        }
        Self {
            message: error.to_string(),
            chain,
            panicked_at: None,
        }
    }
}

impl fmt::Display for NodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        let mut before = self.message.as_str();
        for cause in &self.chain {
            if !before.ends_with(cause.as_str()) {
                write!(f, ": {cause}")?;
            }
            before = cause;
        }
        match &self.panicked_at {
            Some(place) => write!(f, " (at {place})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for NodeError {
    /// Writes the same as `Display`: the message, the causes and the place of a panic.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<E: Error> From<E> for NodeError {
    fn from(error: E) -> Self {
        Self::from_chain(&error)
    }
}

/// Errors that a node may return: any [`std::error::Error`] that can be sent to another thread,
/// `String`, `&str`, `Box<dyn Error + Send + Sync>`, `anyhow::Error`, and [`NodeError`].
///
/// That is every type that converts to `Box<dyn Error + Send + Sync>`.
#[diagnostic::on_unimplemented(
    message = "a node cannot fail with `{Self}`",
    label = "not an error",
    note = "a node fails with anything that implements `std::error::Error + Send + Sync`, with \
        `String`, or with `noob_zmq::node::NodeError`"
)]
pub trait IntoNodeError {
    /// The same error, as text.
    fn into_node_error(self) -> NodeError;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Box<dyn Error + Send + Sync>>> IntoNodeError for E {
    fn into_node_error(self) -> NodeError {
        let boxed: Box<dyn Error + Send + Sync> = self.into();
        match boxed.downcast::<Boxed>() {
            Ok(own) => own.0,
            Err(other) => NodeError::from_chain(&*other),
        }
    }
}

/// A result with its error turned into that of a node: see [`IntoNodeError`].
///
/// # Errors
/// That of `result`.
pub fn wrap_err<T, E: IntoNodeError>(result: Result<T, E>) -> Result<T, NodeError> {
    result.map_err(IntoNodeError::into_node_error)
}

/// A [`NodeError`] inside a `Box<dyn Error>`.
#[derive(thiserror::Error)]
#[error("{0}")]
struct Boxed(NodeError);

crate::error_report::debug_as_report!(Boxed);

impl From<NodeError> for Box<dyn Error + Send + Sync> {
    fn from(error: NodeError) -> Self {
        Box::new(Boxed(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the page could not be read")]
    struct Outer(#[source] Middle);

    #[derive(Debug, thiserror::Error)]
    #[error("the line ended early: {0}")]
    struct Middle(#[source] std::num::ParseIntError);

    fn outer() -> Outer {
        Outer(Middle("".parse::<i32>().unwrap_err()))
    }

    #[test]
    fn error_keeps_its_causes() {
        let error = NodeError::from(outer());
        assert_eq!(error.message, "the page could not be read");
        assert_eq!(
            error.chain,
            [
                "the line ended early: cannot parse integer from empty string",
                "cannot parse integer from empty string"
            ]
        );
    }

    #[test]
    fn repeated_cause_is_displayed_once() {
        assert_eq!(
            NodeError::from(outer()).to_string(),
            "the page could not be read: the line ended early: cannot parse integer from empty \
             string"
        );
    }

    #[test]
    fn texts_boxes_and_node_errors_convert() {
        assert_eq!(NodeError::wrap("no"), NodeError::new("no"));
        assert_eq!(NodeError::wrap(String::from("no")), NodeError::new("no"));
        let boxed: Box<dyn Error + Send + Sync> = Box::new(outer());
        assert_eq!(NodeError::wrap(boxed), NodeError::from(outer()));
        let own = NodeError::new("no").context("yes");
        assert_eq!(NodeError::wrap(own.clone()), own);
        assert_eq!(own.to_string(), "yes: no");
    }
}
