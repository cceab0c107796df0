//! [`OpenEpochs`]: epochs that a stopped run waits for, or gives up.

use std::fmt;

use crate::graph::Name;

/// Epochs of a run that are open, and the nodes that the first of them waits for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct OpenEpochs {
    /// The number of open epochs.
    pub count: u64,
    /// The lowest and the highest of them; `None` if there is none.
    pub range: Option<(u32, u32)>,
    /// The nodes that have yet to be called in the lowest of them, or are being called.
    pub nodes: Vec<Name>,
}

impl fmt::Display for OpenEpochs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, last)) = self.range else {
            return f.write_str("no epoch");
        };
        let nodes: Vec<String> = self.nodes.iter().map(|node| format!("`{node}`")).collect();
        let nodes = match nodes.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{} and {last}", others.join(", ")),
            None => String::new(),
        };
        match (first == last, nodes.is_empty()) {
            (true, true) => write!(f, "epoch {first}"),
            (true, false) => write!(f, "epoch {first} (waiting for {nodes})"),
            (false, true) => write!(f, "{} epochs ({first} to {last})", self.count),
            (false, false) => write!(
                f,
                "{} epochs ({first} to {last}; epoch {first} waits for {nodes})",
                self.count
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_epochs_name_the_nodes_that_are_waited_for() {
        let text = |count, range, nodes: &[&str]| {
            let nodes = nodes.iter().map(|&node| node.into()).collect();
            OpenEpochs {
                count,
                range,
                nodes,
            }
            .to_string()
        };
        assert_eq!(text(0, None, &[]), "no epoch");
        assert_eq!(text(1, Some((7, 7)), &[]), "epoch 7");
        assert_eq!(text(1, Some((7, 7)), &["a"]), "epoch 7 (waiting for `a`)");
        assert_eq!(
            text(3, Some((7, 9)), &["a", "b", "c"]),
            "3 epochs (7 to 9; epoch 7 waits for `a`, `b` and `c`)"
        );
    }
}
