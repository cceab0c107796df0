//! Report of an error for people: its message, and the causes that the message does not have.

use std::error::Error;
use std::fmt::{self, Write as _};

/// Writes the message of an error and those of its sources, joined by colons.
///
/// A source whose text the message has already is left out.
pub(crate) fn write_report(f: &mut fmt::Formatter<'_>, error: &dyn Error) -> fmt::Result {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            write!(text, ": {cause_text}")?;
        }
        source = cause.source();
    }
    f.write_str(&text)
}

/// Implements `Debug` of errors as their report, so that `unwrap` and a `main` that returns the
/// error show it.
macro_rules! debug_as_report {
    ($($(#[$cfg:meta])* $error:ty),+ $(,)?) => {$(
        $(#[$cfg])*
        impl std::fmt::Debug for $error {
            /// Writes the report: the message, and the causes that it does not have.
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                crate::error_report::write_report(f, self)
            }
        }
    )+};
}

pub(crate) use debug_as_report;

#[cfg(test)]
mod tests {
    use crate::actor::ActorError;
    use crate::runner::{ClosedReason, RunError};
    use crate::wire::WireError;

    #[test]
    fn debug_of_errors_is_their_report() {
        let not_a_node = RunError::NotANode {
            node: "count".to_owned(),
        };
        assert_eq!(format!("{not_a_node:?}"), not_a_node.to_string());
        let encode = ActorError::Encode {
            socket: "A.outbox".to_owned(),
            kind: "note",
            error: WireError::Empty,
        };
        assert_eq!(
            format!("{encode:?}"),
            "a message `note` cannot be sent on `A.outbox`: the message has no frame; send at \
             least a body"
        );
        let failure = ClosedReason::Failure(std::sync::Arc::new(not_a_node));
        let closed = RunError::Closed { reason: failure };
        assert_eq!(format!("{closed:?}"), closed.to_string());
    }
}
