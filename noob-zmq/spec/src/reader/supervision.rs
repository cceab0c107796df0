//! What is done about a node that fails, and about an edge that is too slow.

use std::time::Duration;

/// What is done about a node that fails. What is `None` is as the runner says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Supervision {
    /// Whether its process is started again when it ends or has to be killed.
    pub restart: Option<Restart>,
    /// What becomes of an epoch in which it fails.
    pub on_error: Option<OnError>,
    /// How long one call may take; a process that takes longer is killed.
    pub timeout: Option<Duration>,
}

impl Supervision {
    /// This, and what `defaults` says where this says nothing.
    #[must_use]
    pub fn or(self, defaults: Self) -> Self {
        Self {
            restart: self.restart.or(defaults.restart),
            on_error: self.on_error.or(defaults.on_error),
            timeout: self.timeout.or(defaults.timeout),
        }
    }
}

/// Whether the process of a node is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Restart {
    /// In which case.
    pub when: RestartWhen,
    /// How often in a row: a node whose process has ended this often while no epoch came to its end fails the run.
    pub limit: u32,
    /// The pause before the first of them in a row; it doubles with each, up to [`Restart::LONGEST`].
    pub backoff: Duration,
}

impl Restart {
    /// The longest pause.
    pub const LONGEST: Duration = Duration::from_secs(5);

    /// In this case, five times in a row, the first after 50 ms.
    #[must_use]
    pub const fn when(when: RestartWhen) -> Self {
        Self {
            when,
            limit: 5,
            backoff: Duration::from_millis(50),
        }
    }

    /// The pause before the restart of this number in a row, from 0.
    #[must_use]
    pub fn pause(&self, number: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(number);
        self.backoff.saturating_mul(doubled).min(Self::LONGEST)
    }
}

impl Default for Restart {
    fn default() -> Self {
        Self::when(RestartWhen::Never)
    }
}

/// In which case the process of a node is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum RestartWhen {
    /// Never: the run fails.
    #[default]
    Never,
    /// When it was killed, exited with another code than 0, or had to be killed because it did not answer or overran its `timeout`.
    OnFailure,
    /// When it ended, however.
    Always,
}

/// What becomes of an epoch in which a node fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum OnError {
    /// The epoch fails, and with it the run.
    #[default]
    Fail,
    /// The epoch is left out, counted, and reported; the run goes on.
    Skip,
    /// The call is made again, up to this many times; then the epoch fails.
    Retry(u32),
}

/// What an edge does when the node that it feeds is slower than the one that feeds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum EdgePolicy {
    /// Nothing is lost: the source waits.
    #[default]
    All,
    /// At most this many calls wait; the oldest is left out when another comes. `1` is `latest`. Every one that is left out is counted.
    DropOldest(u32),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let restart = Restart::when(RestartWhen::Always);
        let pauses: Vec<u128> = [0, 1, 2, 6, 7, 63, u32::MAX]
            .map(|number| restart.pause(number).as_millis())
            .to_vec();
        assert_eq!(pauses, [50, 100, 200, 3200, 5000, 5000, 5000]);
    }
}
