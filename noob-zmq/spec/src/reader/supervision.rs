//! Settings for nodes that fail, and for edges that are too slow.

use std::time::Duration;

use crate::words;

/// Treatment of a node that fails.
///
/// The setting of the runner counts where one is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Supervision {
    /// Whether the process is restarted when it ends or has to be killed.
    pub restart: Option<Restart>,
    /// Treatment of an epoch in which the node fails.
    pub on_error: Option<OnError>,
    /// Limit of the time of one call, beyond which the process is killed.
    pub timeout: Option<Duration>,
}

impl Supervision {
    /// Returns these settings, with those of `defaults` where one is `None`.
    #[must_use]
    pub fn or(self, defaults: Self) -> Self {
        Self {
            restart: self.restart.or(defaults.restart),
            on_error: self.on_error.or(defaults.on_error),
            timeout: self.timeout.or(defaults.timeout),
        }
    }
}

/// Restarts of the process of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Restart {
    /// Condition of a restart.
    pub when: RestartWhen,
    /// Limit of the restarts in a row: a node whose process ends more often while no epoch closes
    /// fails the run.
    pub limit: u32,
    /// Pause before the first restart in a row, which doubles with each up to [`Restart::LONGEST`].
    pub backoff: Duration,
}

impl Restart {
    /// Longest pause.
    pub const LONGEST: Duration = Duration::from_secs(5);

    /// Restarts under a condition, five times in a row, the first time after 50 ms.
    #[must_use]
    pub const fn when(when: RestartWhen) -> Self {
        Self {
            when,
            limit: 5,
            backoff: Duration::from_millis(50),
        }
    }

    /// Returns the pause before the restart of this number in a row, from 0.
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

words! {
    /// Condition under which the process of a node is restarted.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
    #[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
    pub enum RestartWhen {
        /// Never: the run fails.
        #[default]
        Never = "never",
        /// When the process was killed, exited with another code than 0, or had to be killed
        /// because it did not answer or overran its `timeout`.
        OnFailure = "on-failure",
        /// When the process ended, for any reason.
        Always = "always",
    }
}

/// Treatment of an epoch in which a node fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum OnError {
    /// The epoch fails, and with it the run.
    #[default]
    Fail,
    /// The epoch is skipped, counted and reported, and the run goes on.
    Skip,
    /// The call is repeated, up to this many times; then the epoch fails.
    Retry(u32),
}

/// Treatment of values on an edge whose target is slower than its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum EdgePolicy {
    /// No value is lost: the source waits.
    #[default]
    All,
    /// At most this many calls wait; the oldest is dropped when another comes.
    ///
    /// `1` is `latest`. Every dropped call is counted.
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
