//! How many epochs may be open at once: a number of them, and a number of bytes. A state machine; it reads no clock and sends nothing.

/// How many epochs may be open if nothing is said.
pub(crate) const EPOCHS: u32 = 64;
/// How many bytes the events of open epochs may take up if nothing is said.
pub(crate) const BYTES: u64 = 64 << 20;
/// How many may be open before it is known how large one is.
const FIRST: u64 = 4;

/// Says how many epochs may be open, or be over and not taken by the reader.
///
/// How large an epoch will be is known when it is over; until then it counts as much as the largest of those before it, of which one long
/// ago counts less and less. Before the first is over there are a few, and then the number grows as quickly as epochs end.
#[derive(Debug, Clone)]
pub(crate) struct InFlightWindow {
    epochs: u32,
    bytes: u64,
    /// The bytes that the next epoch is expected to take up.
    expected: u64,
    /// How many may be open until sizes are known well enough.
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
    /// The same with room for this many epochs; one if it is none.
    pub(crate) const fn with_epochs(mut self, epochs: u32) -> Self {
        self.epochs = if epochs == 0 { 1 } else { epochs };
        self
    }

    /// The same with room for this many bytes, or for one epoch that is larger.
    pub(crate) const fn with_bytes(mut self, bytes: u64) -> Self {
        self.bytes = bytes;
        self
    }

    /// How many epochs may be open, whatever their size.
    pub(crate) const fn epochs(&self) -> u32 {
        self.epochs
    }

    /// How many epochs may be open now; one at least.
    pub(crate) fn limit(&self) -> u64 {
        let fit = self.bytes / self.expected.max(1);
        u64::from(self.epochs).min(fit).min(self.trusted).max(1)
    }

    /// An epoch is over, whose events took up this many bytes.
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
        /// A source that keeps the window full never holds more bytes than are allowed, if epochs do not grow; one is always let in.
        #[test]
        fn the_bytes_of_open_epochs_never_pass_the_limit(
            largest in 1_u64..1_000_000, parts in proptest::collection::vec(1_u64..=100, 1..200), epochs in 1_u32..100, bytes in 1_u64..10_000_000,
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
