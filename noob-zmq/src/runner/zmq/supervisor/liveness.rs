//! Decides which node processes have failed to answer and must be killed.
//!
//! A state machine: facts and the time are passed in, and nothing is killed here.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::stall_detector::{SchedStat, StallDetector};
use crate::graph::Name;

/// Number of polls in a row that must find a process stopped (SIGSTOP) until it counts as stopped.
const STOPPED_POLLS: u32 = 3;
/// Longest silence of a process that is not stopped; on a busy machine a report can take a while.
const MAX_SILENCE: Duration = Duration::from_secs(10);
/// Interval at which the processes are examined.
pub(super) const POLL_INTERVAL: Duration = Duration::from_millis(150);
/// Lateness of a poll after which counts of polls begin anew: the processes may have been stopped
/// together with the runner.
const LONG_LATENESS: Duration = Duration::from_secs(1);
/// Silence after which the socket thread is examined: reports come more often than that.
const SUSPICIOUS_SILENCE: Duration = Duration::from_millis(300);

/// Facts about the process of one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProcessFacts {
    pub(super) node: Name,
    /// Whether the process is stopped by a signal.
    pub(super) stopped: bool,
    /// Time since the last health report, if there was one.
    pub(super) silence: Option<Duration>,
    /// State of the thread that serves its sockets, if the silence is [suspicious](is_suspicious).
    pub(super) socket_thread: Option<SchedStat>,
    /// Whether the process has identified itself.
    pub(super) reported: bool,
}

/// Whether the state of the socket thread is needed after this silence.
pub(super) fn is_suspicious(silence: Option<Duration>) -> bool {
    silence.is_some_and(|silence| silence > SUSPICIOUS_SILENCE)
}

/// Process to be killed, and the reason, which follows the name of the node in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kill {
    pub(super) node: Name,
    pub(super) reason: String,
}

/// Liveness of all node processes of a run.
#[derive(Debug)]
pub(super) struct Liveness {
    /// Longest time until a restarted process identifies itself.
    ready_timeout: Duration,
    /// Number of polls in a row that have found a process stopped.
    stopped: HashMap<Name, u32>,
    stalls: StallDetector,
    /// Restarted processes that have not identified themselves, and the times of their starts.
    awaited: HashMap<Name, Instant>,
    last_poll: Option<Instant>,
}

impl Liveness {
    pub(super) fn new(ready_timeout: Duration) -> Self {
        Self {
            ready_timeout,
            stopped: HashMap::new(),
            stalls: StallDetector::default(),
            awaited: HashMap::new(),
            last_poll: None,
        }
    }

    /// Expects the process of a node to identify itself, from now on.
    pub(super) fn await_report(&mut self, node: Name, now: Instant) {
        self.awaited.insert(node, now);
    }

    /// Grants a process that is awaited the full time, from now on.
    #[cfg(feature = "remote")]
    pub(super) fn extend_wait(&mut self, node: &Name, now: Instant) {
        if let Some(since) = self.awaited.get_mut(node) {
            *since = now;
        }
    }

    /// Forgets a node whose process has ended, or is not expected any more.
    pub(super) fn remove(&mut self, node: &Name) {
        self.stopped.remove(node);
        self.awaited.remove(node);
    }

    /// Returns for how long this poll is late, which counts for no deadline of a process: the
    /// runner was stopped, or got no processor.
    pub(super) fn begin_poll(&mut self, now: Instant) -> Duration {
        let elapsed = self
            .last_poll
            .replace(now)
            .map_or(Duration::ZERO, |last| now.saturating_duration_since(last));
        let late = elapsed.saturating_sub(POLL_INTERVAL);
        for since in self.awaited.values_mut() {
            *since += late;
        }
        if late > LONG_LATENESS {
            self.stopped.clear();
            self.stalls = StallDetector::default();
        }
        late
    }

    /// Returns the processes to be killed, according to the facts about all of them.
    pub(super) fn poll(&mut self, now: Instant, facts: &[ProcessFacts]) -> Vec<Kill> {
        let suspicious = facts.iter().filter(|facts| is_suspicious(facts.silence));
        let stalled = self
            .stalls
            .stalled(suspicious.map(|facts| (facts.node.clone(), facts.socket_thread)));
        let mut kills = Vec::new();
        for facts in facts {
            if let Some(reason) = self.reason_to_kill(now, facts, stalled.contains(&facts.node)) {
                let node = facts.node.clone();
                kills.push(Kill { node, reason });
            }
        }
        kills
    }

    fn reason_to_kill(
        &mut self,
        now: Instant,
        facts: &ProcessFacts,
        stalled: bool,
    ) -> Option<String> {
        if facts.reported {
            self.awaited.remove(&facts.node);
        }
        if facts.stopped {
            let polls = self.stopped.entry(facts.node.clone()).or_default();
            *polls += 1;
            if *polls == STOPPED_POLLS {
                return Some(
                    "was stopped by a signal (SIGSTOP or the like), no longer answered, \
                    and was killed"
                        .into(),
                );
            }
        } else {
            self.stopped.remove(&facts.node);
        }
        if stalled {
            return Some(
                "no longer answered, with the thread that serves its sockets stuck, and was killed"
                    .into(),
            );
        }
        if facts.silence.is_some_and(|silence| silence > MAX_SILENCE) {
            return Some(format!(
                "did not say that it lives for {MAX_SILENCE:?}, and was killed"
            ));
        }
        let since = self.awaited.get(&facts.node)?;
        let timeout = self.ready_timeout;
        (now.saturating_duration_since(*since) > timeout).then(|| {
            format!("had not reported {timeout:?} after it was started again, and was killed")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLL: Duration = POLL_INTERVAL;

    fn facts() -> ProcessFacts {
        ProcessFacts {
            node: "a".into(),
            stopped: false,
            silence: Some(POLL),
            socket_thread: None,
            reported: true,
        }
    }

    /// Polls with the same facts again and again; returns the number of polls until a kill.
    fn polls_until_kill(facts: &ProcessFacts, most: u32) -> Option<(u32, String)> {
        let mut liveness = Liveness::new(Duration::from_secs(2));
        let start = Instant::now();
        liveness.await_report("a".into(), start);
        (1..=most).find_map(|n| {
            let kills = liveness.poll(start + n * POLL, std::slice::from_ref(facts));
            Some((n, kills.into_iter().next()?.reason))
        })
    }

    #[test]
    fn living_process_is_never_killed() {
        assert_eq!(polls_until_kill(&facts(), 1000), None);
        let busy = ProcessFacts {
            silence: Some(MAX_SILENCE),
            ..facts()
        };
        assert_eq!(polls_until_kill(&busy, 1000), None);
    }

    #[test]
    fn stopped_process_is_killed_at_the_third_poll() {
        let stopped = ProcessFacts {
            stopped: true,
            ..facts()
        };
        let (polls, reason) = polls_until_kill(&stopped, 10).unwrap();
        assert_eq!(polls, STOPPED_POLLS);
        assert!(reason.contains("SIGSTOP"), "{reason}");
        // Once only, and only if it is stopped without interruption.
        let mut liveness = Liveness::new(POLL);
        let now = Instant::now();
        for at in 0..20 {
            let stopped = at % 3 != 2;
            let facts = ProcessFacts { stopped, ..facts() };
            assert_eq!(liveness.poll(now, &[facts]), []);
        }
    }

    #[test]
    fn late_poll_counts_for_no_deadline() {
        let mut liveness = Liveness::new(Duration::from_secs(2));
        let start = Instant::now();
        liveness.await_report("a".into(), start);
        assert_eq!(liveness.begin_poll(start), Duration::ZERO);
        let stopped = ProcessFacts {
            stopped: true,
            silence: None,
            reported: false,
            ..facts()
        };
        for _ in 1..STOPPED_POLLS {
            assert_eq!(liveness.poll(start, std::slice::from_ref(&stopped)), []);
        }
        // The whole machine was suspended for a minute.
        let minute = Duration::from_secs(60);
        let now = start + POLL + minute;
        assert_eq!(liveness.begin_poll(now), minute);
        assert_eq!(liveness.poll(now, &[stopped]), []);
    }

    #[test]
    fn silent_process_is_killed_without_a_stuck_thread() {
        let silent = ProcessFacts {
            silence: Some(MAX_SILENCE + POLL),
            ..facts()
        };
        let (polls, reason) = polls_until_kill(&silent, 10).unwrap();
        assert_eq!(polls, 1);
        assert!(reason.contains("for 10s"), "{reason}");
    }

    #[test]
    fn restarted_process_must_identify_itself_in_time() {
        let unreported = ProcessFacts {
            silence: None,
            reported: false,
            ..facts()
        };
        let (polls, reason) = polls_until_kill(&unreported, 100).unwrap();
        assert_eq!(polls, 14, "2.1 s");
        assert!(reason.contains("had not reported 2s"), "{reason}");
        let mut liveness = Liveness::new(POLL);
        let start = Instant::now();
        liveness.await_report("a".into(), start);
        liveness.remove(&"a".into());
        assert_eq!(liveness.poll(start + 9 * POLL, &[unreported]), []);
    }
}
