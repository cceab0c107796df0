//! State of the view: the last status, the order of the nodes, and the keys.

use indexmap::IndexMap;

use crate::graph::Name;
use crate::runner::watch::protocol::SampleLine;
use crate::runner::{NodeStatusReport, RunStatus};

/// Order of the nodes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Order {
    /// Each node below those that feed it.
    #[default]
    Graph,
    Load,
    CallTime,
    Queue,
    Memory,
}

/// Contents of the lower part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Pane {
    /// The edges of the run.
    #[default]
    Edges,
    /// The last values of the signals of the selected node.
    Values,
    /// The output of the selected node.
    Log,
}

/// Key that the view knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Up,
    Down,
    Letter(char),
}

/// State of the view.
#[derive(Debug, Default)]
pub(super) struct App {
    status: Option<RunStatus>,
    pub(super) order: Order,
    pub(super) pane: Pane,
    pub(super) paused: bool,
    pub(super) ended: bool,
    /// The reason why the run cannot be watched any more.
    pub(super) failure: Option<String>,
    pub(super) quit: bool,
    selected: Option<Name>,
    pub(super) log: Vec<String>,
    /// Last sample of each signal of the selected node.
    pub(super) values: IndexMap<String, SampleLine>,
}

impl App {
    /// Takes a new status, unless the view is paused.
    pub(super) fn set_status(&mut self, status: RunStatus) {
        if self.paused {
            return;
        }
        self.status = Some(status);
        if self.selected().is_none() {
            self.selected = self.nodes().first().map(|node| node.node.clone());
        }
    }

    pub(super) const fn status(&self) -> Option<&RunStatus> {
        self.status.as_ref()
    }

    /// Returns the selected node.
    pub(super) fn selected(&self) -> Option<&NodeStatusReport> {
        self.status.as_ref()?.node(self.selected.as_deref()?)
    }

    /// Returns the nodes in their order.
    pub(super) fn nodes(&self) -> Vec<&NodeStatusReport> {
        let Some(status) = &self.status else {
            return Vec::new();
        };
        let mut nodes = graph_order(status);
        let time = |node: &NodeStatusReport| node.call_time.map_or(0.0, |time| time.p99);
        // Sorts are stable: equal nodes stay in the order of the graph.
        match self.order {
            Order::Graph => {}
            Order::Load => nodes.sort_by(|a, b| b.load.total_cmp(&a.load)),
            Order::CallTime => nodes.sort_by(|a, b| time(b).total_cmp(&time(a))),
            Order::Queue => nodes.sort_by_key(|node| std::cmp::Reverse(node.queue)),
            Order::Memory => nodes.sort_by_key(|node| std::cmp::Reverse(node.memory)),
        }
        nodes
    }

    pub(super) fn on_key(&mut self, key: Key) {
        match key {
            Key::Up => self.select(-1),
            Key::Down => self.select(1),
            Key::Letter('q') => self.quit = true,
            Key::Letter('p' | ' ') => self.paused = !self.paused,
            Key::Letter('g') => self.order = Order::Graph,
            Key::Letter('l') => self.order = Order::Load,
            Key::Letter('t') => self.order = Order::CallTime,
            Key::Letter('u') => self.order = Order::Queue,
            Key::Letter('m') => self.order = Order::Memory,
            Key::Letter('e') => self.pane = Pane::Edges,
            Key::Letter('v') => self.pane = Pane::Values,
            Key::Letter('o') => self.pane = Pane::Log,
            Key::Letter('k') => self.select(-1),
            Key::Letter('j') => self.select(1),
            Key::Letter(_) => {}
        }
    }

    fn select(&mut self, step: isize) {
        let nodes = self.nodes();
        let is_selected = |node: &&NodeStatusReport| Some(&node.node) == self.selected.as_ref();
        let place = nodes.iter().position(is_selected).unwrap_or(0);
        let last = nodes.len().saturating_sub(1);
        let next = place.saturating_add_signed(step).min(last);
        let next = nodes.get(next).map(|node| node.node.clone());
        if next != self.selected {
            self.selected = next;
            // They are those of the node before.
            self.values.clear();
            self.log.clear();
        }
    }

    /// Takes a sample of a signal.
    pub(super) fn set_value(&mut self, sample: SampleLine) {
        let node = self.selected.as_deref().unwrap_or_default();
        let is_of_node = sample
            .signal
            .strip_prefix(node)
            .is_some_and(|rest| rest.starts_with('.'));
        if !self.paused && is_of_node {
            self.values.insert(sample.signal.clone(), sample);
        }
    }
}

/// Returns the nodes in an order in which each comes after those that feed it.
fn graph_order(status: &RunStatus) -> Vec<&NodeStatusReport> {
    let mut left: Vec<&NodeStatusReport> = status.nodes.iter().collect();
    let mut ordered: Vec<&NodeStatusReport> = Vec::new();
    while !left.is_empty() {
        let is_free = |node: &&NodeStatusReport| {
            let mut feeders = status.edges.iter().filter(|edge| edge.target == node.node);
            feeders.all(|edge| !left.iter().any(|other| other.node == edge.source))
        };
        // A tube has no circle; if it had one, its nodes would stay in the order of the file.
        let next = left.iter().position(is_free).unwrap_or(0);
        ordered.push(left.remove(next));
    }
    ordered
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::runner::{CallTime, RunnerState};

    /// Returns the view of a run of three nodes, of which the last two stand in front of the first
    /// in the file.
    pub(crate) fn app() -> App {
        let text = "
noob_id: shown
nodes:
  last: {type: noob_zmq.node.tests.multiply, depends: [{left: filter.value}]}
  filter: {type: noob_zmq.node.tests.multiply, depends: [{left: frames.index}]}
  frames: {type: noob_zmq.node.tests.count, params: {start: 0}}
  return: {type: return, depends: last.value}
";
        let tube = crate::tube::from_text("shown.yaml", text, ()).unwrap();
        let mut status = RunStatus::of(&tube, "zmq");
        status.state = RunnerState::Running;
        status.run = Some("0123abcd".into());
        status.epochs.done = 1234;
        status.epochs_per_second = 125.0;
        status.nodes[1].load = 0.934;
        status.nodes[1].queue = 17;
        status.nodes[1].call_time = Some(CallTime {
            p50: 0.007,
            p99: 0.011,
            max: 0.02,
        });
        status.nodes[0].last_error = Some("the frame is refused".into());
        status.nodes[0].failed = 3;
        status.nodes[0].restarts = 2;
        status.edges[1].traffic.events_per_second = 512.0;
        let mut app = App::default();
        app.set_status(status);
        app
    }

    fn order(app: &App) -> Vec<&str> {
        app.nodes().iter().map(|node| &*node.node).collect()
    }

    #[test]
    fn nodes_stand_below_those_that_feed_them_or_by_load() {
        let mut app = app();
        assert_eq!(order(&app), ["frames", "filter", "last"]);
        app.on_key(Key::Letter('l'));
        assert_eq!(order(&app), ["filter", "frames", "last"]);
        app.on_key(Key::Letter('g'));
        assert_eq!(order(&app), ["frames", "filter", "last"]);
    }

    #[test]
    fn keys_select_a_node_and_keep_it_when_the_order_changes() {
        let mut app = app();
        let selected = |app: &App| app.selected().unwrap().node.to_string();
        assert_eq!(selected(&app), "frames");
        app.on_key(Key::Up);
        assert_eq!(selected(&app), "frames");
        app.on_key(Key::Down);
        app.on_key(Key::Letter('l'));
        assert_eq!(selected(&app), "filter");
        for _ in 0..9 {
            app.on_key(Key::Letter('j'));
        }
        assert_eq!(selected(&app), "last");
    }

    #[test]
    fn paused_view_takes_no_status() {
        let mut app = app();
        let mut later = app.status().unwrap().clone();
        later.epochs.done = 9999;
        app.on_key(Key::Letter('p'));
        app.set_status(later.clone());
        assert_eq!(app.status().unwrap().epochs.done, 1234);
        app.on_key(Key::Letter('p'));
        app.set_status(later);
        assert_eq!(app.status().unwrap().epochs.done, 9999);
    }
}
