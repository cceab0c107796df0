//! Last lines of the output of each node.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use crate::graph::Name;
use crate::sync::lock;

/// Lines that are kept of each node.
const LINES: usize = 200;

/// Last lines of the output of the nodes of a runner, in all their processes.
#[derive(Debug, Clone, Default)]
pub(crate) struct NodeLogs {
    lines: Arc<Mutex<HashMap<Name, VecDeque<String>>>>,
}

impl NodeLogs {
    pub(crate) fn push(&self, node: &Name, line: &str) {
        // Taken once for each line of output, and by watchers for a copy.
        let mut nodes = lock(&self.lines);
        let lines = nodes.entry(node.clone()).or_default();
        if lines.len() == LINES {
            lines.pop_front();
        }
        lines.push_back(line.to_owned());
    }

    pub(crate) fn of(&self, node: &str) -> Vec<String> {
        let nodes = lock(&self.lines);
        let lines = nodes.get(node).into_iter().flatten();
        lines.cloned().collect()
    }
}
