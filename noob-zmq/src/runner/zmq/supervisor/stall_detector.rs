//! Whether the loop of a process that says nothing is stuck, or only has no turn on a machine with much to do: what the kernel tells of its
//! thread. A state machine; it is told what was read, and when it was looked at.

use std::collections::HashMap;
use std::fs;

use crate::graph::Name;

/// How many times in a row a thread that should wake must be found asleep, without a turn between, until it is taken to be stuck.
const STILL: u32 = 5;

/// The thread that asks, as the kernel numbers it; none where the kernel does not tell.
pub(crate) fn this_thread() -> Option<u32> {
    let link = fs::read_link("/proc/thread-self").ok()?;
    link.file_name()?.to_str()?.parse().ok()
}

/// What a thread does, and how often it was given its turn so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SchedStat {
    /// It sleeps until something wakes it: it does not wait for a processor, nor for a disk.
    asleep: bool,
    turns: u64,
}

impl SchedStat {
    /// Of a thread of a process; none where the kernel does not tell.
    pub(crate) fn of(pid: u32, thread: u32) -> Option<Self> {
        let read = |file| fs::read_to_string(format!("/proc/{pid}/task/{thread}/{file}")).ok();
        Self::parse(&read("stat")?, &read("schedstat")?)
    }

    /// From `stat` and `schedstat` of the thread: see `man 5 proc`, and `sched-stats.rst` of the kernel's documentation.
    fn parse(stat: &str, schedstat: &str) -> Option<Self> {
        // The state stands behind the name, which stands in parentheses and can hold any character.
        let (_, rest) = stat.rsplit_once(") ")?;
        let turns = schedstat.split_whitespace().nth(2)?.parse().ok()?;
        Some(Self {
            asleep: rest.starts_with('S'),
            turns,
        })
    }
}

/// What was seen of those that say nothing.
#[derive(Debug, Default)]
pub(crate) struct StallDetector {
    seen: HashMap<Name, (SchedStat, u32)>,
}

impl StallDetector {
    /// These say nothing, and their loops' threads do this; gives those that are found to be stuck. A loop has a clock that wakes it more
    /// often than this is called: where it lives it is given turns, or waits for one.
    pub(crate) fn look(
        &mut self,
        silent: impl IntoIterator<Item = (Name, Option<SchedStat>)>,
    ) -> Vec<Name> {
        let mut before = std::mem::take(&mut self.seen);
        let mut stuck = Vec::new();
        for (node, pulse) in silent {
            let Some(pulse) = pulse.filter(|pulse| pulse.asleep) else {
                continue;
            };
            let times = match before.remove(&node) {
                Some((last, times)) if last == pulse => times + 1,
                _ => 1,
            };
            if times >= STILL {
                stuck.push(node.clone());
            }
            self.seen.insert(node, (pulse, times));
        }
        stuck
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASLEEP: &str = "7 (noob:a) b) S 1 7 7 0 -1";
    const RUNNING: &str = "7 (noob:a) b) R 1 7 7 0 -1";

    fn look(pulses: &mut StallDetector, stat: &str, turns: u64) -> bool {
        let pulse = SchedStat::parse(stat, &format!("200 300 {turns}\n"));
        assert!(pulse.is_some());
        !pulses.look([(Name::from("a"), pulse)]).is_empty()
    }

    #[test]
    fn a_thread_that_sleeps_on_without_a_turn_is_stuck() {
        let mut pulses = StallDetector::default();
        let stuck: Vec<bool> = (0..6).map(|_| look(&mut pulses, ASLEEP, 9)).collect();
        assert_eq!(stuck, [false, false, false, false, true, true]);
    }

    #[test]
    fn a_thread_that_has_turns_or_waits_for_one_is_not() {
        let mut pulses = StallDetector::default();
        for turns in 0..20 {
            assert!(!look(&mut pulses, ASLEEP, turns), "it has turns");
        }
        for _ in 0..20 {
            assert!(!look(&mut pulses, RUNNING, 9), "it waits for its turn");
        }
        for _ in 0..4 {
            assert!(!look(&mut pulses, ASLEEP, 9));
        }
        // It was heard meanwhile.
        assert_eq!(pulses.look([]), Vec::<Name>::new());
        assert!(!look(&mut pulses, ASLEEP, 9));
    }

    #[test]
    fn what_the_kernel_does_not_tell_proves_nothing() {
        let mut pulses = StallDetector::default();
        for _ in 0..20 {
            assert_eq!(pulses.look([(Name::from("a"), None)]), Vec::<Name>::new());
        }
        assert_eq!(SchedStat::parse("", "1 2 3"), None);
        assert_eq!(SchedStat::parse(ASLEEP, "1 2"), None);
        assert_eq!(SchedStat::of(0, 0), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_kernel_tells_of_this_very_thread() {
        let thread = this_thread().unwrap();
        let pulse = SchedStat::of(std::process::id(), thread).unwrap();
        assert!(!pulse.asleep && pulse.turns > 0, "{pulse:?}");
    }
}
