//! Limits how many epochs are in flight, by number and by bytes.
//!
//! A state machine without clock and I/O; the pipeline asks it before it requests epochs.

/// Default limit of epochs in flight.
pub(crate) const EPOCHS: u32 = 64;
/// Default limit of the bytes of events of the epochs in flight.
pub(crate) const BYTES: u64 = 64 << 20;
/// Limit of epochs while no size of an epoch is known.
const FIRST: u64 = 4;

/// Limit of epochs that are open, or closed and not delivered.
///
/// The size of an epoch is known when the epoch is closed. Until then it is estimated as the
/// largest earlier size, which decays with every further epoch. Before the first epoch is closed,
/// the limit is small; it then doubles with each closed epoch.
#[derive(Debug, Clone)]
pub(crate) struct InFlightWindow {
    epochs: u32,
    bytes: u64,
    /// The estimated bytes of the next epoch.
    expected: u64,
    /// The limit that is trusted while few sizes are known.
    trusted: u64,
}

impl Default for InFlightWindow {
    fn default() -> Self {
        Self {
            epochs: EPOCHS,
            bytes: BYTES,
            expected: 0,
            trusted: FIRST,
        }
    }
}

impl InFlightWindow {
    /// Returns the window with this limit of epochs: at least one.
    pub(crate) const fn with_epochs(mut self, epochs: u32) -> Self {
        self.epochs = if epochs == 0 { 1 } else { epochs };
        self
    }

    /// Returns the window with this limit of bytes; one epoch may exceed it.
    pub(crate) const fn with_bytes(mut self, bytes: u64) -> Self {
        self.bytes = bytes;
        self
    }

    /// Returns the limit of epochs, whatever their size.
    pub(crate) const fn epochs(&self) -> u32 {
        self.epochs
    }

    /// Returns how many epochs may be in flight now: at least one.
    pub(crate) fn limit(&self) -> u64 {
        let fit = self.bytes / self.expected.max(1);
        u64::from(self.epochs).min(fit).min(self.trusted).max(1)
    }

    /// Records that an epoch was closed whose events took up this many bytes.
    pub(crate) fn on_epoch_closed(&mut self, bytes: u64) {
        let faded = self.expected - self.expected / 64;
        self.expected = bytes.max(faded);
        self.trusted = self.trusted.saturating_mul(2).min(u64::from(self.epochs));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn small_epochs_fill_the_window_soon() {
        let mut window = InFlightWindow::default().with_epochs(48);
        let mut limits = vec![window.limit()];
        for _ in 0..5 {
            window.on_epoch_closed(100);
            limits.push(window.limit());
        }
        assert_eq!(limits, [4, 8, 16, 32, 48, 48]);
    }

    #[test]
    fn large_epochs_are_few() {
        let mut window = InFlightWindow::default().with_bytes(1000);
        for _ in 0..10 {
            window.on_epoch_closed(300);
        }
        assert_eq!(window.limit(), 3);
        window.on_epoch_closed(5000);
        assert_eq!(
            window.limit(),
            1,
            "one may be larger than all that is allowed"
        );
    }

    #[test]
    fn what_was_large_long_ago_is_forgotten() {
        let mut window = InFlightWindow::default().with_bytes(1000);
        for _ in 0..10 {
            window.on_epoch_closed(10);
        }
        window.on_epoch_closed(1000);
        assert_eq!(window.limit(), 1);
        for _ in 0..200 {
            window.on_epoch_closed(10);
        }
        assert!(window.limit() > 10, "{window:?}");
    }

    #[test]
    fn one_is_lock_step() {
        for epochs in [0, 1] {
            let mut window = InFlightWindow::default().with_epochs(epochs);
            for bytes in [0, 0, u64::MAX, 1] {
                assert_eq!(window.limit(), 1);
                window.on_epoch_closed(bytes);
            }
        }
    }

    proptest! {
        /// A source that keeps the window full holds no more bytes than are allowed if epochs do
        /// not grow, and always may open one.
        #[test]
        fn the_bytes_of_open_epochs_never_pass_the_limit(
            largest in 1_u64..1_000_000,
            parts in proptest::collection::vec(1_u64..=100, 1..200),
            epochs in 1_u32..100,
            bytes in 1_u64..10_000_000,
        ) {
            let mut window = InFlightWindow::default().with_epochs(epochs).with_bytes(bytes);
            window.on_epoch_closed(largest);
            let mut open = std::collections::VecDeque::new();
            for part in parts {
                let limit = window.limit();
                prop_assert!(limit >= 1 && limit <= u64::from(epochs));
                while (open.len() as u64) < limit {
                    open.push_back(largest);
                }
                let held: u64 = open.iter().sum();
                prop_assert!(held <= bytes.max(largest), "{held} of {bytes}, {limit} open");
                for _ in 0..part.min(open.len() as u64) {
                    if let Some(size) = open.pop_front() {
                        window.on_epoch_closed(size);
                    }
                }
            }
        }
    }
}
