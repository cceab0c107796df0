//! Which node processes are started again after their end, and when. A state machine: no processes, no clock.

use std::collections::HashMap;
use std::time::Duration;

use crate::graph::{Name, Restart, RestartWhen, Supervision, Tube};

/// Decides what follows from the end of a process.
#[derive(Debug, Default)]
pub(crate) struct RestartPolicy {
    wards: HashMap<Name, SupervisedNode>,
}

#[derive(Debug)]
struct SupervisedNode {
    restart: Restart,
    /// Restarts since the last epoch came to its end.
    in_a_row: u32,
    /// How many epochs had come to their end at the last restart.
    progress: u64,
}

/// The end of a process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProcessExit {
    /// It was killed, or exited with another code than 0.
    pub(crate) failure: bool,
    /// What it knew is lost with it, and somebody needs it.
    pub(crate) memory_lost: bool,
    /// How many epochs have come to their end so far.
    pub(crate) progress: u64,
}

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RestartDecision {
    /// Start it again after this pause.
    Restart(Duration),
    /// The run fails; for a node that would have been started again, why it is not.
    Fail(Option<String>),
}

impl RestartPolicy {
    /// For the nodes of a tube; `defaults` says what the tube does not say.
    pub(crate) fn new(tube: &Tube, defaults: Supervision) -> Self {
        let wards = tube.nodes.values().map(|node| {
            let ward = SupervisedNode {
                restart: node.supervision.or(defaults).restart.unwrap_or_default(),
                in_a_row: 0,
                progress: 0,
            };
            (node.id.clone(), ward)
        });
        Self {
            wards: wards.collect(),
        }
    }

    /// The process of a node has ended, and was not meant to.
    pub(crate) fn ended(&mut self, node: &str, ending: ProcessExit) -> RestartDecision {
        let Some(ward) = self.wards.get_mut(node) else {
            return RestartDecision::Fail(None);
        };
        let due = match ward.restart.when {
            RestartWhen::Never => false,
            RestartWhen::OnFailure => ending.failure,
            RestartWhen::Always => true,
        };
        if !due {
            return RestartDecision::Fail(None);
        }
        if ending.memory_lost {
            return RestartDecision::Fail(Some(
                "it is stateful and cannot be started again in the middle of a run: give it `#[snapshot]` and `#[restore]`, \
                 or say `stateful: false` in the tube"
                    .into(),
            ));
        }
        if ending.progress > ward.progress {
            ward.in_a_row = 0;
            ward.progress = ending.progress;
        }
        if ward.in_a_row >= ward.restart.limit {
            let times = match ward.in_a_row {
                1 => "once".to_owned(),
                times => format!("{times} times in a row"),
            };
            return RestartDecision::Fail(Some(format!(
                "it was started again {times} while no epoch came to its end"
            )));
        }
        let pause = ward.restart.pause(ward.in_a_row);
        ward.in_a_row += 1;
        RestartDecision::Restart(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TUBE: &str = "
noob_id: wards
input:
  x: {type: int, scope: process}
nodes:
  never: {type: map, depends: [{value: input.x}]}
  failing: {type: map, depends: [{value: input.x}], restart: on-failure}
  always: {type: map, depends: [{value: input.x}], restart: {when: always, limit: 2, backoff: 0.1}}
";

    fn supervisor(defaults: Supervision) -> RestartPolicy {
        let tube = crate::tube::from_text("wards.yaml", TUBE, &crate::graph::Map::new())
            .unwrap_or_else(|errors| panic!("{errors}"));
        RestartPolicy::new(&tube, defaults)
    }

    fn ending(failure: bool, progress: u64) -> ProcessExit {
        ProcessExit {
            failure,
            memory_lost: false,
            progress,
        }
    }

    #[test]
    fn the_policy_says_which_ends_are_taken_up() {
        let mut supervisor = supervisor(Supervision::default());
        let first = RestartDecision::Restart(Duration::from_millis(50));
        assert_eq!(
            supervisor.ended("never", ending(true, 0)),
            RestartDecision::Fail(None)
        );
        assert_eq!(
            supervisor.ended("failing", ending(false, 0)),
            RestartDecision::Fail(None)
        );
        assert_eq!(supervisor.ended("failing", ending(true, 0)), first);
        assert_eq!(
            supervisor.ended("always", ending(false, 0)),
            RestartDecision::Restart(Duration::from_millis(100))
        );
    }

    #[test]
    fn what_the_tube_does_not_say_the_runner_says() {
        let mut supervisor = supervisor(Supervision {
            restart: Some(Restart::when(RestartWhen::OnFailure)),
            ..Supervision::default()
        });
        assert!(matches!(
            supervisor.ended("never", ending(true, 0)),
            RestartDecision::Restart(_)
        ));
    }

    #[test]
    fn the_limit_counts_restarts_without_progress() {
        let mut supervisor = supervisor(Supervision::default());
        let mut end = |progress| supervisor.ended("always", ending(true, progress));
        let after = |ms| RestartDecision::Restart(Duration::from_millis(ms));
        assert_eq!([end(0), end(0)], [after(100), after(200)]);
        // An epoch came to its end: all is well again.
        assert_eq!([end(1), end(1)], [after(100), after(200)]);
        let RestartDecision::Fail(Some(why)) = end(1) else {
            panic!("a third restart in a row")
        };
        assert!(why.contains("2 times in a row"), "{why}");
    }

    #[test]
    fn what_only_the_process_knew_is_not_made_up() {
        let mut supervisor = supervisor(Supervision::default());
        let lost = ProcessExit {
            memory_lost: true,
            ..ending(true, 0)
        };
        let RestartDecision::Fail(Some(why)) = supervisor.ended("always", lost) else {
            panic!("it was started again")
        };
        assert!(why.contains("#[snapshot]"), "{why}");
    }
}
