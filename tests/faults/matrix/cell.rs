//! Cell of the fault matrix: a fault, in one phase, over one tube.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use noob_zmq::graph::{Emit, Epoch, Map, Value};
use noob_zmq::runner::{NodeDeath, RunError, RunReport, Runner, RunnerExt, Stopper};
use noob_zmq_tests::processes::{assert_gone, cut, run_of, wait_for};
use noob_zmq_tests::runners::{Private, tube, zmq_with};
use rustix::process::Signal;

use super::table::{Fault, Phase, Verdict};
use crate::{SOON, signal};

/// The tube that the node is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Chain,
    Diamond,
    Map,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub(super) fault: Fault,
    pub(super) phase: Phase,
    pub(super) shape: Shape,
    pub(super) verdict: Verdict,
}

/// In how many epochs it is looked whether a run goes on.
const EPOCHS: u64 = 9;
/// Time in which a node shuts down.
const QUIT: Duration = Duration::from_millis(900);
/// Longest time of a run that fails, on a busy machine.
const LONG: Duration = Duration::from_secs(30);
/// Time in which nodes become ready, where the run waits for that.
const NOT_READY: Duration = Duration::from_millis(1500);

impl Shape {
    /// The value at which the node fails.
    const AT: i64 = 3;

    /// The epoch in which the node first gets that value.
    pub(super) const fn epoch(self) -> u32 {
        match self {
            Self::Chain | Self::Diamond => 3,
            // The list 0, 1, 2, 3.
            Self::Map => 4,
        }
    }

    /// The node whose value is returned.
    const fn last(self) -> &'static str {
        match self {
            Self::Chain => "twice",
            Self::Diamond => "sum",
            Self::Map => "all",
        }
    }

    /// Value that an epoch returns.
    pub(super) fn value(self, epoch: i64) -> Option<Value> {
        match self {
            Self::Chain => Some(Value::Int(2 * epoch)),
            Self::Diamond => Some(Value::Int(3 * epoch)),
            Self::Map => Some((0..epoch).map(Value::Int).collect::<Vec<_>>().into()),
        }
    }

    /// Values that the first epochs return.
    pub(super) fn values(self, epochs: u64) -> Vec<Value> {
        (0..epochs.cast_signed())
            .filter_map(|epoch| self.value(epoch))
            .collect()
    }
}

impl Cell {
    /// The tube; the node that fails is in the fourth line of its file.
    pub(super) fn text(self, dir: &Path) -> String {
        let (misdeed, moment) = (self.fault.misdeed(), self.phase.moment());
        let params = format!(
            "params: {{misdeed: {misdeed:?}, moment: {moment:?}, at: {}, dir: '{}'}}, stateful: \
                false",
            Shape::AT,
            dir.display()
        )
        .replace(
            &format!("{misdeed:?}"),
            &format!("{misdeed:?}").to_lowercase(),
        )
        .replace(
            &format!("{moment:?}"),
            &format!("{moment:?}").to_lowercase(),
        );
        let timeout = match self.fault {
            Fault::Hang => ", timeout: 0.4",
            _ => "",
        };
        let rest = match self.shape {
            Shape::Chain => format!(
                "  victim: {{type: test.faulty, {params}{timeout}, depends: [{{value: \
                    count.index}}]}}
  twice: {{type: test.double, depends: [{{value: victim.value}}]}}
  return: {{type: return, depends: twice.value}}"
            ),
            Shape::Diamond => format!(
                "  victim: {{type: test.faulty, {params}{timeout}, depends: [{{value: \
                    count.index}}]}}
  twice: {{type: test.double, depends: [{{value: count.index}}]}}
  sum: {{type: test.add, depends: [{{left: victim.value}}, {{right: twice.value}}]}}
  return: {{type: return, depends: sum.value}}"
            ),
            Shape::Map => format!(
                "  victim: {{type: test.faulty, {params}{timeout}, depends: [{{value: \
                    each.value}}]}}
  many: {{type: test.range, depends: [{{n: count.index}}]}}
  each: {{type: map, depends: [{{value: many.value}}]}}
  all: {{type: gather, depends: [{{value: victim.value}}, {{n: each.n}}]}}
  return: {{type: return, depends: all.value}}"
            ),
        };
        let gate = match self.phase {
            Phase::Ready => format!(
                "\n  gate: {{type: test.gate, params: {{path: '{}'}}, depends: [{{value: \
                    victim.value}}]}}",
                dir.join("open").display()
            ),
            _ => String::new(),
        };
        format!("nodes:\n  count: {{type: test.count}}\n{rest}{gate}\n")
    }

    /// Tries it.
    ///
    /// # Panics
    /// If it is not as the table says.
    pub(super) fn try_it(self) {
        let dir = tempfile::tempdir().unwrap();
        // Where nobody has to be killed, there is time: other things may be going on on the
        // machine.
        let quit = match (self.phase, self.verdict) {
            (Phase::Start | Phase::Ready, _) | (_, Verdict::EndsBadly(_)) => QUIT,
            _ => SOON,
        };
        let patience = match self.verdict {
            Verdict::NotInTime(_) => NOT_READY,
            _ => SOON,
        };
        let mut private = zmq_with(tube(&self.text(dir.path())), |builder| {
            builder.window(4).quit_timeout(quit).ready_timeout(patience)
        });
        let stopper = private.runner.stopper();
        let id = std::thread::scope(|scope| {
            let culprit = scope.spawn(|| self.inflict(dir.path(), &stopper));
            let run = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                self.run(&mut private, dir.path());
            }));
            let id = culprit.join();
            if let Err(why) = run {
                std::panic::resume_unwind(why);
            }
            id.unwrap()
        });
        drop(private.runner);
        assert_gone(&private.root.path().join("r"), &id);
    }

    /// Inflicts a fault from outside once the node reports that it is due, and returns the name of
    /// the run.
    fn inflict(self, dir: &Path, stopper: &Stopper) -> String {
        let told = wait_for("the node to be where it fails", SOON, || {
            std::fs::read_to_string(dir.join("here")).ok()
        });
        let pid = told.parse().unwrap();
        // It may be gone already; then it has left nothing by which it could be found.
        let run = run_of(pid).unwrap_or_else(|| "gone".into());
        if self.phase == Phase::Draining {
            stopper.stop();
        }
        match self.fault {
            Fault::Kill => signal(pid, Signal::KILL),
            Fault::Stop => signal(pid, Signal::STOP),
            Fault::Cut => cut(pid),
            _ => {}
        }
        if !matches!(self.fault, Fault::Kill | Fault::Stop) {
            std::fs::write(dir.join("go"), "").unwrap();
        }
        if matches!(self.verdict, Verdict::GoesOn) {
            std::fs::write(dir.join("open"), "").unwrap();
        }
        if self.fault == Fault::Exit {
            wait_for("the process to be gone", SOON, || {
                run_of(pid).is_none().then_some(())
            });
        }
        std::fs::write(dir.join("done"), "").unwrap();
        run
    }

    fn run(self, private: &mut Private, dir: &Path) {
        if matches!(self.phase, Phase::Start | Phase::Ready) && self.verdict != Verdict::GoesOn {
            self.see_start(private.runner.init().unwrap_err());
            return;
        }
        let last = self.shape.last();
        let (tell, told) = channel();
        private.runner.add_callback(Box::new(move |event| {
            if let (true, Emit::Value(value)) = (*event.node_id == *last, &event.value) {
                let _ = tell.send((event.epoch.number(), value.clone()));
            }
        }));
        private.runner.init().unwrap();
        let before = match self.phase {
            Phase::Process => u64::from(self.shape.epoch()),
            Phase::Idle | Phase::Ending => 2,
            _ => 0,
        };
        for epoch in 0..before.cast_signed() {
            let value = private.runner.process(Map::new()).unwrap();
            assert_eq!(value, self.shape.value(epoch));
        }
        match self.phase {
            Phase::Ending => return self.see_end(private.runner.deinit()),
            Phase::Idle => std::fs::write(dir.join("go"), "").unwrap(),
            _ => {}
        }
        if self.phase == Phase::Idle {
            wait_for("the fault", SOON, || {
                dir.join("done").exists().then_some(())
            });
        }
        if matches!(self.phase, Phase::Run | Phase::Draining) {
            return self.run_freely(private, dir, &told);
        }
        let begun = Instant::now();
        let mut values = Vec::new();
        let outcome = (before..EPOCHS).try_for_each(|_| {
            values.extend(private.runner.process(Map::new())?);
            Ok(())
        });
        let took = begun.elapsed();
        assert!(took < LONG, "it took {took:?}");
        let expected = self.shape.values(200);
        let expected = &expected[self.shape.values(before).len()..];
        assert_eq!(values, expected[..values.len()]);
        match self.verdict {
            Verdict::GoesOn => {
                outcome.unwrap();
                let all = self.shape.values(EPOCHS).len() - self.shape.values(before).len();
                assert_eq!(values.len(), all);
                assert_eq!(private.runner.report().cause, None);
            }
            _ => self.see_failure(private, outcome.unwrap_err(), before + values.len() as u64),
        }
        let report = private.runner.report().to_string();
        private
            .runner
            .deinit()
            .unwrap_or_else(|error| panic!("{error}\n{report}"));
    }

    /// A free run, which is ended by the fault, or stopped after some epochs; while it is stopped,
    /// in that phase.
    fn run_freely(self, private: &mut Private, dir: &Path, told: &Receiver<(u32, Value)>) {
        let begun = Instant::now();
        private.runner.start().unwrap();
        wait_for("the end of the free run, or of enough epochs", LONG, || {
            let report = private.runner.report();
            let over = match (self.phase, self.verdict) {
                // Stopped while the node is in its call; then follows the fault.
                (Phase::Draining, _) => dir.join("here").exists(),
                (_, Verdict::GoesOn) => report.epochs.done >= EPOCHS,
                (_, Verdict::EpochFails(_)) => report.epochs.failed > 0,
                _ => report.cause.is_some(),
            };
            over.then_some(())
        });
        let outcome = private.runner.stop();
        let took = begun.elapsed();
        assert!(took < LONG, "it took {took:?}");
        let values: BTreeMap<u32, Value> = told.try_iter().collect();
        for (epoch, value) in &values {
            assert_eq!(Some(value), self.shape.value((*epoch).into()).as_ref());
        }
        let report = private.runner.report();
        match self.verdict {
            Verdict::GoesOn => {
                let run = outcome.unwrap();
                assert_eq!((report.epochs.done, report.cause), (run, None));
                assert_eq!(values.len(), self.shape.values(run).len(), "{values:?}");
            }
            _ => self.see_failure(private, outcome.unwrap_err(), self.seen(&report)),
        }
        let report = private.runner.report().to_string();
        private
            .runner
            .deinit()
            .unwrap_or_else(|error| panic!("{error}\n{report}"));
    }

    /// Number of epochs that are closed before the one that fails: none can be closed before those
    /// before it, since the node is in each of them.
    fn seen(self, report: &RunReport) -> u64 {
        report.epochs.done.min(self.shape.epoch().into())
    }

    fn see_death(self, error: RunError, how: &str) -> NodeDeath {
        let RunError::Died(death) = error else {
            panic!("the end of a process was expected, not: {error}");
        };
        assert_eq!(
            (&*death.node, death.place.as_deref()),
            ("victim", Some("test.yaml:4:3"))
        );
        assert!(death.how.contains(how), "{death}");
        *death
    }

    fn see_start(self, error: RunError) {
        match self.verdict {
            Verdict::NeverReady(how) => {
                let death = self.see_death(error, how);
                assert!(!death.ready, "{death}");
            }
            Verdict::NeverMade(why) => {
                let text = error.to_string();
                let RunError::Node(failure) = error else {
                    panic!("a node that cannot be made was expected, not: {text}");
                };
                assert_eq!(&*failure.node, "victim");
                assert!(
                    text.contains(why) && text.contains("test.yaml:4:3"),
                    "{text}"
                );
            }
            Verdict::NotInTime(what) => {
                let RunError::NotReady { waiting, .. } = &error else {
                    panic!("a node that is not ready was expected, not: {error}");
                };
                let victim = waiting.iter().find(|waiting| &*waiting.node == "victim");
                assert!(
                    victim.is_some_and(|waiting| waiting.what.contains(what)),
                    "{error}"
                );
            }
            other => panic!("a start cannot be {other:?}"),
        }
    }

    /// The run has failed after so many values.
    fn see_failure(self, private: &mut Private, error: RunError, seen: u64) {
        let at = self.shape.epoch();
        match self.verdict {
            Verdict::Dies(how) => {
                let death = self.see_death(error, how);
                let epoch = death.epoch.as_ref().map(Epoch::number);
                match self.phase {
                    // Before or after the next epoch was asked for; a process that is stopped may
                    // be through with one more.
                    Phase::Idle => {
                        assert!(
                            epoch.is_none_or(|epoch| u64::from(epoch) == seen),
                            "{seen} values: {death}"
                        );
                    }
                    Phase::Process => assert_eq!(epoch, Some(at), "{death}"),
                    // The lowest that is open.
                    _ => assert!(
                        epoch.is_some_and(|epoch| epoch <= at && u64::from(epoch) >= seen),
                        "{seen} values: {death}"
                    ),
                }
                let again = private.runner.process(Map::new()).unwrap_err();
                assert!(
                    matches!(
                        &again,
                        RunError::Closed { reason } if reason.to_string().contains("`victim`")
                    ),
                    "{again}"
                );
                let report = private.runner.report();
                assert!(report.cause.is_some_and(|why| why.contains(how)));
            }
            Verdict::EpochFails(why) => {
                let text = error.to_string();
                let RunError::Node(failure) = error else {
                    panic!("a failure of a node was expected, not: {text}");
                };
                let epoch = failure.epoch.as_ref().map(Epoch::number);
                assert_eq!((&*failure.node, epoch), ("victim", Some(at)));
                assert!(
                    text.contains(why) && text.contains("test.yaml:4:3"),
                    "{text}"
                );
                assert_eq!(
                    failure.error.panicked_at.is_some(),
                    self.fault == Fault::Panic,
                    "{text}"
                );
                // The runner can go on.
                let next = private.runner.process(Map::new()).unwrap();
                assert_eq!(next, self.shape.value(i64::from(at) + 1));
                assert_eq!(private.runner.report().epochs.failed, 1);
            }
            other => panic!("a run cannot be {other:?}"),
        }
    }

    fn see_end(self, outcome: Result<(), RunError>) {
        match self.verdict {
            Verdict::GoesOn => outcome.unwrap(),
            Verdict::EndsBadly(why) => {
                let text = outcome.unwrap_err().to_string();
                let named = text.contains("`victim`") && text.contains("test.yaml:4:3");
                assert!(named && text.contains(why), "{text}");
            }
            other => panic!("an end cannot be {other:?}"),
        }
    }
}
