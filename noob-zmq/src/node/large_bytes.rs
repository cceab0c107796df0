//! Memory for large values that a node makes: that from which they are sent, where there is any.

use std::cell::RefCell;
use std::rc::Rc;

use noob_zmq_frames::Loan;

use crate::graph::Bytes;

/// Lender of memory that other processes read; `None` for a value without room.
pub(crate) type Lender = Rc<dyn Fn(usize) -> Option<Loan>>;

thread_local! {
    /// Set on the thread that calls a node in a process of its own.
    static LENDER: RefCell<Option<Lender>> = const { RefCell::new(None) };
}

/// Returns bytes that `write` has written.
///
/// In the process of a node, large bytes are written where the other processes of the host read
/// them, so that they are sent without a further copy; otherwise into memory of this process. What
/// `write` leaves out is undefined: zeros, or bytes of earlier values. Any thread may call this
/// function; only on the thread that calls the node it saves the copy.
///
/// # Errors
/// The error of `write`.
///
/// # Examples
/// ```
/// let bytes = noob_zmq::node::large_bytes(1 << 20, |bytes| {
///     bytes.fill(7);
///     Ok::<_, std::io::Error>(())
/// })?;
/// assert!(bytes.len() == 1 << 20 && bytes.iter().all(|byte| *byte == 7));
/// # Ok::<_, std::io::Error>(())
/// ```
pub fn large_bytes<E>(
    len: usize,
    write: impl FnOnce(&mut [u8]) -> Result<(), E>,
) -> Result<Bytes, E> {
    let loan = LENDER.with_borrow(|lender| lender.as_ref().and_then(|lend| lend(len)));
    match loan {
        Some(mut loan) => {
            write(&mut loan)?;
            Ok(loan.publish().bytes().clone())
        }
        None => {
            let mut bytes = vec![0; len];
            write(&mut bytes)?;
            Ok(bytes.into())
        }
    }
}

/// Has this thread write large bytes into memory that is lent.
pub(crate) fn set_lender(lend: Lender) {
    LENDER.set(Some(lend));
}
