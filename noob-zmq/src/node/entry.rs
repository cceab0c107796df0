//! Entry points by which a runner starts this program as a node process: `main`, or a test of a
//! test binary.

/// A test by which a runner starts a test binary, which has no `main` of its own, as a node
/// process; submitted by `noob_zmq::test_nodes!()`.
#[derive(Debug)]
pub struct NodeEntry {
    test: &'static str,
}

inventory::collect!(NodeEntry);

impl NodeEntry {
    /// The test of this full path, crate included.
    #[must_use]
    pub const fn test(test: &'static str) -> Self {
        Self { test }
    }

    /// Returns the arguments that start this program as a node process, if it is a test binary that
    /// has called `noob_zmq::test_nodes!()`.
    #[must_use]
    pub fn arguments() -> Option<[&'static str; 4]> {
        inventory::iter::<Self>.into_iter().next().map(Self::run)
    }

    fn run(&self) -> [&'static str; 4] {
        // The test harness lists its tests without the name of the crate.
        let name = self
            .test
            .split_once("::")
            .map_or(self.test, |(_, name)| name);
        [name, "--exact", "--nocapture", "--test-threads=1"]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    mod deep {
        noob_zmq::test_nodes!();
    }

    /// Starts this test binary as a runner does, but without the environment of a node process.
    #[test]
    fn arguments_select_exactly_one_test() {
        let arguments = NodeEntry::arguments().unwrap();
        assert_eq!(arguments[0], "node::entry::tests::deep::noob_zmq_node");
        let again = std::env::current_exe().unwrap();
        let output = std::process::Command::new(again)
            .args(arguments)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains("1 passed; 0 failed"), "{text}");
    }

    #[test]
    fn test_path_omits_the_crate() {
        let unit = NodeEntry::test("my_crate::deep::tests::noob_zmq_node");
        assert_eq!(
            unit.run(),
            [
                "deep::tests::noob_zmq_node",
                "--exact",
                "--nocapture",
                "--test-threads=1"
            ]
        );
        assert_eq!(
            NodeEntry::test("words::noob_zmq_node").run()[0],
            "noob_zmq_node"
        );
    }
}
