//! Decides which node processes are restarted after their end, and when.
//!
//! A state machine: starts no processes and reads no clock.

use std::collections::HashMap;
use std::time::Duration;

use crate::graph::{Name, Restart, RestartWhen, Supervision, Tube};

/// Restart settings and history of all nodes.
#[derive(Debug, Default)]
pub(crate) struct RestartPolicy {
    nodes: HashMap<Name, SupervisedNode>,
}

#[derive(Debug)]
struct SupervisedNode {
    restart: Restart,
    /// Restarts since the last epoch was completed.
    in_a_row: u32,
    /// Number of completed epochs at the last restart.
    progress: u64,
}

/// Facts about the end of a process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProcessExit {
    /// Whether the process was killed, or exited with another code than 0.
    pub(crate) failure: bool,
    /// Whether state that the run needs is lost with the process.
    pub(crate) memory_lost: bool,
    /// Number of epochs that are completed so far.
    pub(crate) progress: u64,
}

/// Consequence of the end of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RestartDecision {
    /// Restart after this pause.
    Restart(Duration),
    /// Fail the run; for a node with a restart policy, with the reason why it is not restarted.
    Fail(Option<String>),
}

impl RestartPolicy {
    /// Returns the policy for the nodes of a tube; `defaults` holds where the tube says nothing.
    pub(crate) fn new(tube: &Tube, defaults: Supervision) -> Self {
        let nodes = tube.nodes.values().map(|node| {
            let supervised = SupervisedNode {
                restart: node.supervision.or(defaults).restart.unwrap_or_default(),
                in_a_row: 0,
                progress: 0,
            };
            (node.id.clone(), supervised)
        });
        Self {
            nodes: nodes.collect(),
        }
    }

    /// Decides what follows from the unexpected end of a process.
    pub(crate) fn on_exit(&mut self, node: &str, exit: ProcessExit) -> RestartDecision {
        let Some(supervised) = self.nodes.get_mut(node) else {
            return RestartDecision::Fail(None);
        };
        let due = match supervised.restart.when {
            RestartWhen::Never => false,
            RestartWhen::OnFailure => exit.failure,
            RestartWhen::Always => true,
        };
        if !due {
            return RestartDecision::Fail(None);
        }
        if exit.memory_lost {
            return RestartDecision::Fail(Some(
                "it is stateful and cannot be started again in the middle of a run: give it \
                    `#[snapshot]` and `#[restore]`, \
                 or say `stateful: false` in the tube"
                    .into(),
            ));
        }
        if exit.progress > supervised.progress {
            supervised.in_a_row = 0;
            supervised.progress = exit.progress;
        }
        if supervised.in_a_row >= supervised.restart.limit {
            let times = match supervised.in_a_row {
                1 => "once".to_owned(),
                times => format!("{times} times in a row"),
            };
            return RestartDecision::Fail(Some(format!(
                "it was started again {times} while no epoch came to its end"
            )));
        }
        let pause = supervised.restart.pause(supervised.in_a_row);
        supervised.in_a_row += 1;
        RestartDecision::Restart(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TUBE: &str = "
noob_id: wards
input:
  x: {type: list, scope: process}
nodes:
  never: {type: map, depends: [{value: input.x}]}
  failing: {type: map, depends: [{value: input.x}], restart: on-failure}
  always: {type: map, depends: [{value: input.x}], restart: {when: always, limit: 2, backoff: 0.1}}
";

    fn supervisor(defaults: Supervision) -> RestartPolicy {
        let tube = crate::tube::from_text("wards.yaml", TUBE, crate::graph::Map::new())
            .unwrap_or_else(|errors| panic!("{errors}"));
        RestartPolicy::new(&tube, defaults)
    }

    fn exit(failure: bool, progress: u64) -> ProcessExit {
        ProcessExit {
            failure,
            memory_lost: false,
            progress,
        }
    }

    #[test]
    fn policy_decides_which_exits_are_restarted() {
        let mut supervisor = supervisor(Supervision::default());
        let first = RestartDecision::Restart(Duration::from_millis(50));
        assert_eq!(
            supervisor.on_exit("never", exit(true, 0)),
            RestartDecision::Fail(None)
        );
        assert_eq!(
            supervisor.on_exit("failing", exit(false, 0)),
            RestartDecision::Fail(None)
        );
        assert_eq!(supervisor.on_exit("failing", exit(true, 0)), first);
        assert_eq!(
            supervisor.on_exit("always", exit(false, 0)),
            RestartDecision::Restart(Duration::from_millis(100))
        );
    }

    #[test]
    fn defaults_hold_where_the_tube_says_nothing() {
        let mut supervisor = supervisor(Supervision {
            restart: Some(Restart::when(RestartWhen::OnFailure)),
            ..Supervision::default()
        });
        assert!(matches!(
            supervisor.on_exit("never", exit(true, 0)),
            RestartDecision::Restart(_)
        ));
    }

    #[test]
    fn restart_limit_counts_restarts_without_progress() {
        let mut supervisor = supervisor(Supervision::default());
        let mut end = |progress| supervisor.on_exit("always", exit(true, progress));
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
    fn lost_state_fails_the_run() {
        let mut supervisor = supervisor(Supervision::default());
        let lost = ProcessExit {
            memory_lost: true,
            ..exit(true, 0)
        };
        let RestartDecision::Fail(Some(why)) = supervisor.on_exit("always", lost) else {
            panic!("it was started again")
        };
        assert!(why.contains("#[snapshot]"), "{why}");
    }
}
