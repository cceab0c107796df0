//! Look at a runner of this program.

use std::time::Duration;

use super::{INTERVAL, Look, News, Shown};
use crate::runner::watch::protocol::SampleLine;
use crate::runner::{RunStatus, Tap, Watcher};
use crate::view::{Diagram, Places};

/// Samples of a signal in one update.
const SAMPLES: usize = 128;

/// Runner of this program.
pub(super) struct Watched {
    watcher: Watcher,
    /// The tube with the types of its ports, where they are known.
    diagram: Option<Diagram>,
}

struct WatchedLook {
    watcher: Watcher,
    node: Option<String>,
    taps: Vec<Tap>,
    /// The picture, before the first update.
    places: Option<Places>,
    log: Vec<String>,
    is_first: bool,
}

impl Watched {
    pub(super) const fn new(watcher: Watcher, diagram: Option<Diagram>) -> Self {
        Self { watcher, diagram }
    }
}

impl Shown for Watched {
    fn look(&self, node: Option<&str>) -> Box<dyn Look> {
        let status = self.watcher.status();
        let signals = node.and_then(|node| status.node(node));
        let signals = signals.into_iter().flat_map(|node| {
            let signals = node.signals.iter();
            signals.map(|entry| format!("{}.{}", node.node, entry.signal))
        });
        let places = match &self.diagram {
            Some(diagram) => Places::of(diagram),
            None => Places::of(&diagram_of(&status)),
        };
        Box::new(WatchedLook {
            taps: signals
                .filter_map(|signal| self.watcher.tap(&signal).ok())
                .collect(),
            watcher: self.watcher.clone(),
            node: node.map(str::to_owned),
            places: Some(places),
            log: Vec::new(),
            is_first: true,
        })
    }

    fn status(&self) -> Option<RunStatus> {
        Some(self.watcher.status())
    }
}

impl Look for WatchedLook {
    fn next(&mut self) -> News {
        if !std::mem::take(&mut self.is_first) {
            std::thread::sleep(INTERVAL);
        }
        let mut samples = Vec::new();
        for tap in &self.taps {
            for _ in 0..SAMPLES {
                let Ok(Some(sample)) = tap.next_within(Duration::ZERO) else {
                    break;
                };
                samples.push(SampleLine::from(&sample));
            }
        }
        let log = self.node.as_deref().map(|node| self.watcher.log(node));
        let log = log.filter(|lines| *lines != self.log);
        if let Some(log) = &log {
            self.log.clone_from(log);
        }
        News {
            places: self.places.take(),
            status: Some(self.watcher.status()),
            log,
            samples,
            ..News::default()
        }
    }
}

/// Returns the picture of a tube of which the status alone is known.
pub(super) fn diagram_of(status: &RunStatus) -> Diagram {
    let nodes = status.nodes.iter().map(|node| {
        let signals = node.signals.iter().map(|entry| entry.signal.to_string());
        (
            node.node.to_string(),
            node.type_name.clone(),
            node.enabled,
            signals.collect(),
        )
    });
    let edges = status.edges.iter().map(|edge| {
        let from = (edge.source.to_string(), edge.signal.to_string());
        let to = (edge.target.to_string(), edge.slot.clone());
        (from, to, edge.policy != "all")
    });
    Diagram::of_names(&status.tube, nodes, edges)
}
