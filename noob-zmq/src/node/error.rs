//! Errors of nodes.

use std::error::Error;
use std::fmt;

use crate::graph::Opaque;

/// An error of a node: a message, and the chain of causes below it.
///
/// The error is sent between processes, so it holds texts and not the errors themselves. Every
/// [`std::error::Error`] is converted by `?` or `.into()`, including its chain of
/// [`source`](Error::source)s; a text is converted by [`NodeError::new`]. For that reason the type
/// does not implement `std::error::Error`; it can be boxed as one with `Box::<dyn Error + Send +
/// Sync>::from`.
///
/// Displayed, it is one line: the class, the message and the causes, joined by `: `, without causes
/// that the text before them repeats. A [`detail`](Self::detail) has lines of its own in reports.
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
    /// Everything else that is known of the error.
    #[serde(default)]
    more: Option<Box<More>>,
}

/// Parts of an error that few errors have.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct More {
    class: Option<String>,
    at: Option<String>,
    detail: Option<String>,
    attachment: Option<Opaque>,
}

/// Largest size of a class, of a place, of a detail and of an attachment, in bytes, beyond which
/// they are cut when the error is sent to the runner.
const MAX_CLASS: usize = 256;
const MAX_PLACE: usize = 4 << 10;
const MAX_DETAIL: usize = 64 << 10;
const MAX_ATTACHMENT: u64 = 1 << 20;

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
            more: None,
        }
    }

    /// Returns the error of a panic at this place.
    pub(crate) fn panicked(message: String, at: String) -> Self {
        Self {
            panicked_at: Some(at),
            ..Self::new(message)
        }
    }

    /// Returns the class of the error, where the language of the node has classes of errors
    /// (`ValueError`).
    #[must_use]
    pub fn class(&self) -> Option<&str> {
        self.more.as_ref()?.class.as_deref()
    }

    /// Returns the place in the code of the node, as `file:line`, of an error that is no panic.
    #[must_use]
    pub fn at(&self) -> Option<&str> {
        self.more.as_ref()?.at.as_deref()
    }

    /// Returns further lines for people, such as a traceback, which reports show below the message.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.more.as_ref()?.detail.as_deref()
    }

    /// Returns the detail as indented lines, each with a line feed in front.
    pub(crate) fn indented_detail(&self) -> String {
        let lines = self.detail().unwrap_or_default().lines();
        lines.map(|line| format!("\n    {line}")).collect()
    }

    /// Returns the error itself, for programs that know its kind, such as an exception that is to
    /// be raised again.
    #[must_use]
    pub fn attachment(&self) -> Option<&Opaque> {
        self.more.as_ref()?.attachment.as_ref()
    }

    /// Sets the [class](Self::class) of the error.
    #[must_use]
    pub fn with_class(mut self, class: impl Into<String>) -> Self {
        self.more_mut().class = Some(class.into());
        self
    }

    /// Sets the [place](Self::at) of the error in the code of the node.
    #[must_use]
    pub fn with_place(mut self, at: impl Into<String>) -> Self {
        self.more_mut().at = Some(at.into());
        self
    }

    /// Sets the [lines](Self::detail) that are shown below the message.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.more_mut().detail = Some(detail.into());
        self
    }

    /// Attaches the [error itself](Self::attachment).
    #[must_use]
    pub fn with_attachment(mut self, attachment: Opaque) -> Self {
        self.more_mut().attachment = Some(attachment);
        self
    }

    /// Drops the attachment.
    pub(crate) fn without_attachment(mut self) -> Self {
        if let Some(more) = &mut self.more {
            more.attachment = None;
        }
        self
    }

    fn more_mut(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    /// Cuts what is longer than the runner keeps: of a detail, the end remains, which has the place
    /// of the error; an attachment that is too large is dropped whole.
    pub(crate) fn bounded(mut self) -> Self {
        let Some(more) = &mut self.more else {
            return self;
        };
        let start = |text: String, most: usize| match text.floor_char_boundary(most) {
            end if end < text.len() => format!("{}…", &text[..end]),
            _ => text,
        };
        more.class = more.class.take().map(|class| start(class, MAX_CLASS));
        more.at = more.at.take().map(|at| start(at, MAX_PLACE));
        more.detail = more.detail.take().map(|detail| {
            let from = detail.ceil_char_boundary(detail.len().saturating_sub(MAX_DETAIL));
            match from {
                0 => detail,
                from => format!("…{}", &detail[from..]),
            }
        });
        more.attachment = more
            .attachment
            .take()
            .filter(|attachment| attachment.size() <= MAX_ATTACHMENT);
        self
    }

    /// Returns the place of the error: that of a panic, or that in the code of the node.
    pub(crate) fn place(&self) -> Option<&str> {
        self.panicked_at.as_deref().or_else(|| self.at())
    }

    /// Converts any error that a node may return; see [`IntoNodeError`].
    pub fn wrap<E: IntoNodeError>(error: E) -> Self {
        error.into_node_error()
    }

    /// Puts a message in front; what was the message, with its class, becomes the first cause.
    #[must_use]
    pub fn context(mut self, message: impl Into<String>) -> Self {
        let cause = std::mem::replace(&mut self.message, message.into());
        let class = self.more.as_mut().and_then(|more| more.class.take());
        let cause = match class {
            Some(class) => format!("{class}: {cause}"),
            None => cause,
        };
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
            chain,
            ..Self::new(error.to_string())
        }
    }
}

impl fmt::Display for NodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(class) = self.class() {
            write!(f, "{class}: ")?;
        }
        f.write_str(&self.message)?;
        let mut before = self.message.as_str();
        for cause in &self.chain {
            if !before.ends_with(cause.as_str()) {
                write!(f, ": {cause}")?;
            }
            before = cause;
        }
        match self.place() {
            Some(place) => write!(f, " (at {place})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for NodeError {
    /// Writes the same as `Display`: the message, the causes and the place.
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
    fn long_parts_are_cut_at_characters() {
        let long = |most: usize| "é".repeat(most);
        let error = NodeError::new("no")
            .with_class(long(MAX_CLASS))
            .with_place(long(MAX_PLACE))
            .with_detail(format!("{}end", long(MAX_DETAIL)))
            .with_attachment(Opaque::new("pickle", vec![0; 1 << 20]));
        let cut = error.clone().bounded();
        let [class, at, detail] = [cut.class(), cut.at(), cut.detail()]
            .map(|part| part.expect("a part that was cut, not dropped"));
        assert!(class.len() <= MAX_CLASS + 3 && class.ends_with("é…"));
        assert!(at.len() <= MAX_PLACE + 3 && at.ends_with("é…"));
        assert!(detail.len() <= MAX_DETAIL + 3 && detail.starts_with('…'));
        assert!(detail.ends_with("éend"));
        assert!(cut.attachment().is_some());
        let larger = error.with_attachment(Opaque::new("pickle", vec![0; (1 << 20) + 1]));
        assert_eq!(larger.bounded().attachment(), None);
        let short = NodeError::new("no").with_class("E").with_detail("d");
        assert_eq!(short.clone().bounded(), short);
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
