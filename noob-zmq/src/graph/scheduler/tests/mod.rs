//! Rules of the scheduler, one by one; graphs, epochs and events are written as short texts.

mod alone;
mod flat;
mod mapped;

use super::super::Epoch;
use super::super::plan::text::plan;
use super::{Applied, Scheduler, SignalUpdate};

/// A scheduler driven by text: epochs are `3` or `3/m.0/k.1`.
struct Driver {
    scheduler: Scheduler,
}

fn epoch(text: &str) -> Epoch {
    let mut parts = text.split('/');
    let root = parts
        .next()
        .and_then(|root| root.parse().ok())
        .expect("a root number");
    parts.fold(Epoch::root(root), |epoch, part| {
        let (node, index) = part.split_once('.').expect("node.index");
        epoch.child(node, index.parse().expect("a number"))
    })
}

fn text(epoch: &Epoch) -> String {
    epoch
        .path()
        .iter()
        .fold(epoch.number().to_string(), |text, segment| {
            format!("{text}/{}.{}", segment.node, segment.index)
        })
}

impl Driver {
    fn new(nodes: &str, edges: &[&str]) -> Self {
        Self {
            scheduler: Scheduler::new(plan(nodes, edges)),
        }
    }

    fn for_node(nodes: &str, edges: &[&str], node: &str) -> Self {
        let plan = plan(nodes, edges);
        let local = plan.around(plan.node_index(node).expect("a node"));
        let node = local.node_index(node).expect("a node");
        Self {
            scheduler: Scheduler::for_node(local.into(), node),
        }
    }

    fn ready(&mut self) -> Vec<String> {
        let plan = self.scheduler.plan().clone();
        self.scheduler
            .take_ready()
            .map(|(epoch, node)| format!("{}@{}", plan.node_name(node), text(&epoch)))
            .collect()
    }

    fn ended(&mut self) -> Vec<u32> {
        self.scheduler.take_closed().collect()
    }

    /// `a.x=1 a.y=0 a.z=!` in an epoch: a value, nothing, exhausted; `never` and `last`.
    fn say(&mut self, at: &str, said: &str) -> Vec<Applied> {
        let plan = self.scheduler.plan().clone();
        said.split_whitespace()
            .map(|word| {
                let (signal, what) = word.split_once('=').expect("signal=what");
                let (node, signal) = signal.split_once('.').expect("node.signal");
                let node = plan.node_index(node).expect("a node");
                let signal = plan.signal_index(node, signal).expect("a signal");
                let what = match what {
                    "1" => SignalUpdate::Value,
                    "0" => SignalUpdate::Nothing,
                    "never" => SignalUpdate::Never,
                    "last" => SignalUpdate::Last,
                    _ => SignalUpdate::Exhausted,
                };
                self.scheduler.apply(&epoch(at), signal, what)
            })
            .collect()
    }

    /// Outcomes to tell the nodes fed by this one, as `say` writes them, each with its epoch.
    fn outcomes(&mut self) -> Vec<String> {
        let outcomes = self.scheduler.take_outcomes();
        let written = outcomes.iter().map(|outcome| {
            let what = match outcome.update {
                SignalUpdate::Value => "1",
                SignalUpdate::Nothing => "0",
                SignalUpdate::Never => "never",
                SignalUpdate::Last => "last",
                SignalUpdate::Exhausted => "!",
            };
            let (node, signal) = (&outcome.node_id, &outcome.signal);
            format!("{} {node}.{signal}={what}", text(&outcome.epoch))
        });
        written.collect()
    }

    fn done(&mut self, at: &str, nodes: &str) -> Vec<Applied> {
        let plan = self.scheduler.plan().clone();
        nodes
            .split_whitespace()
            .map(|node| {
                self.scheduler
                    .node_done(&epoch(at), plan.node_index(node).expect("a node"))
            })
            .collect()
    }

    /// Applies the signals of a whole call, then completes it.
    fn call(&mut self, at: &str, node: &str, said: &str) {
        let told = self.say(at, said);
        assert!(
            told.iter().all(|told| *told == Applied::New),
            "{said}: {told:?}"
        );
        let told = self.done(at, node);
        assert!(
            told.iter().all(|told| *told == Applied::New),
            "{node}: {told:?}"
        );
    }
}
