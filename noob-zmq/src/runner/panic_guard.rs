//! Catches panics of user code, and turns them into errors with message and place.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use crate::node::NodeError;

thread_local! {
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    static LOCATION: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs user code; a panic in it becomes an error that names the message and the place.
///
/// State that the code left inconsistent stays with the node, which is called again for the next
/// epoch.
pub(crate) fn catch_panic<T>(code: impl FnOnce() -> Result<T, NodeError>) -> Result<T, NodeError> {
    install_panic_hook();
    let before = CATCHING.replace(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(code));
    CATCHING.set(before);
    outcome.unwrap_or_else(|payload| {
        let message = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned());
        let message = message.or_else(|| payload.downcast_ref::<String>().cloned());
        // Forgotten, not dropped: the drop of a payload may panic itself.
        std::mem::forget(payload);
        Err(NodeError::panicked(
            message.unwrap_or_else(|| "it panicked with something that is no text".into()),
            LOCATION.take().unwrap_or_else(|| "an unknown place".into()),
        ))
    })
}

/// Installs a panic hook that records the place of panics inside `catch_panic`, which are reported
/// and so not printed, and passes all others to the previous hook.
fn install_panic_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if CATCHING.get() {
                LOCATION.set(info.location().map(ToString::to_string));
            } else {
                before(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_with_its_place() {
        let error = catch_panic::<()>(|| panic!("no {}", "film")).unwrap_err();
        assert_eq!(error.message, "no film");
        assert!(
            error.panicked_at.as_deref().unwrap().contains("guard.rs:"),
            "{error:?}"
        );
        let error = catch_panic::<()>(|| panic::panic_any(7)).unwrap_err();
        assert!(error.message.contains("no text"));
        assert_eq!(catch_panic(|| Ok(1)).unwrap(), 1);
    }

    #[test]
    fn a_panic_outside_of_guard_is_none_of_ours() {
        assert!(catch_panic(|| Ok(())).is_ok());
        let caught = panic::catch_unwind(|| panic::resume_unwind(Box::new("theirs")));
        assert_eq!(caught.unwrap_err().downcast_ref::<&str>(), Some(&"theirs"));
    }
}
