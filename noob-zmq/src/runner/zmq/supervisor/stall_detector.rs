//! Detects whether the event loop of a silent process is stuck, or only gets no processor time on a
//! busy machine, from the scheduling statistics of its thread.
//!
//! [`StallDetector`] is a state machine; [`SchedStat`] reads `/proc`.

use std::collections::HashMap;
use std::fs;

use crate::graph::Name;

/// Number of polls in a row that must find a thread asleep, without a turn between, until it counts
/// as stuck.
const STALLED_POLLS: u32 = 5;

/// Returns the kernel's number of the calling thread; `None` where there is no `/proc`.
pub(crate) fn this_thread() -> Option<u32> {
    let link = fs::read_link("/proc/thread-self").ok()?;
    link.file_name()?.to_str()?.parse().ok()
}

/// Scheduling state of a thread, and the number of turns that it had so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SchedStat {
    /// Whether the thread sleeps until something wakes it: it waits neither for a processor nor for
    /// a disk.
    asleep: bool,
    turns: u64,
}

impl SchedStat {
    /// Reads the state of a thread of a process; `None` where there is no `/proc`.
    pub(crate) fn of(pid: u32, thread: u32) -> Option<Self> {
        let read = |file| fs::read_to_string(format!("/proc/{pid}/task/{thread}/{file}")).ok();
        Self::parse(&read("stat")?, &read("schedstat")?)
    }

    /// Parses `stat` and `schedstat` of the thread: see `man 5 proc`, and `sched-stats.rst` of the
    /// kernel's documentation.
    fn parse(stat: &str, schedstat: &str) -> Option<Self> {
        // The state follows the name, which is in parentheses and can contain any character.
        let (_, rest) = stat.rsplit_once(") ")?;
        let turns = schedstat.split_whitespace().nth(2)?.parse().ok()?;
        Some(Self {
            asleep: rest.starts_with('S'),
            turns,
        })
    }
}

/// States of the threads of silent processes, and the numbers of polls that have found them.
#[derive(Debug, Default)]
pub(crate) struct StallDetector {
    seen: HashMap<Name, (SchedStat, u32)>,
}

impl StallDetector {
    /// Returns the nodes whose event loops are stuck, of the silent ones.
    ///
    /// A timer wakes an event loop more often than this is called: one that lives gets turns, or
    /// waits for one.
    pub(crate) fn stalled(
        &mut self,
        silent: impl IntoIterator<Item = (Name, Option<SchedStat>)>,
    ) -> Vec<Name> {
        let mut before = std::mem::take(&mut self.seen);
        let mut stuck = Vec::new();
        for (node, stat) in silent {
            let Some(stat) = stat.filter(|stat| stat.asleep) else {
                continue;
            };
            let times = match before.remove(&node) {
                Some((last, times)) if last == stat => times + 1,
                _ => 1,
            };
            if times >= STALLED_POLLS {
                stuck.push(node.clone());
            }
            self.seen.insert(node, (stat, times));
        }
        stuck
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASLEEP: &str = "7 (noob:a) b) S 1 7 7 0 -1";
    const RUNNING: &str = "7 (noob:a) b) R 1 7 7 0 -1";

    fn is_stalled(detector: &mut StallDetector, text: &str, turns: u64) -> bool {
        let stat = SchedStat::parse(text, &format!("200 300 {turns}\n"));
        assert!(stat.is_some());
        !detector.stalled([(Name::from("a"), stat)]).is_empty()
    }

    #[test]
    fn thread_asleep_without_a_turn_is_stuck() {
        let mut detector = StallDetector::default();
        let stuck: Vec<bool> = (0..6)
            .map(|_| is_stalled(&mut detector, ASLEEP, 9))
            .collect();
        assert_eq!(stuck, [false, false, false, false, true, true]);
    }

    #[test]
    fn thread_with_turns_is_not_stuck() {
        let mut detector = StallDetector::default();
        for turns in 0..20 {
            assert!(!is_stalled(&mut detector, ASLEEP, turns), "it has turns");
        }
        for _ in 0..20 {
            assert!(
                !is_stalled(&mut detector, RUNNING, 9),
                "it waits for its turn"
            );
        }
        for _ in 0..4 {
            assert!(!is_stalled(&mut detector, ASLEEP, 9));
        }
        // A report came meanwhile.
        assert_eq!(detector.stalled([]), Vec::<Name>::new());
        assert!(!is_stalled(&mut detector, ASLEEP, 9));
    }

    #[test]
    fn unknown_state_is_not_stuck() {
        let mut detector = StallDetector::default();
        for _ in 0..20 {
            assert_eq!(
                detector.stalled([(Name::from("a"), None)]),
                Vec::<Name>::new()
            );
        }
        assert_eq!(SchedStat::parse("", "1 2 3"), None);
        assert_eq!(SchedStat::parse(ASLEEP, "1 2"), None);
        assert_eq!(SchedStat::of(0, 0), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_thread_has_a_state() {
        let thread = this_thread().unwrap();
        let stat = SchedStat::of(std::process::id(), thread).unwrap();
        assert!(!stat.asleep && stat.turns > 0, "{stat:?}");
    }
}
