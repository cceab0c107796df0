//! The library under another path, arguments that depend on the configuration, and deprecated nodes.
#![deny(warnings)]

mod inner {
    pub use noob_zmq as library;
}

use inner::library;
use library::graph::Emit;
use library::{Signals, asset, node};

#[derive(Signals)]
#[signals(crate = inner::library)]
struct Parts {
    low: Emit<u64>,
    high: Emit<u64>,
}

#[node(crate = inner::library)]
fn parts(number: u64) -> Parts {
    Parts {
        low: Emit::Value(number % 10),
        high: Emit::Value(number / 10),
    }
}

#[asset(crate = inner::library, local)]
fn list() -> Vec<u8> {
    Vec::new()
}

/// A node with an argument for tests, and one for other builds.
#[node]
fn configured(
    number: u64,
    #[cfg(test)] tested: u64,
    #[cfg(not(test))] untested: bool,
    #[cfg(any())] never: &str,
) -> u64 {
    number + tested
}

struct Counter(u64);

#[node]
impl Counter {
    fn new(#[cfg(test)] from: u64) -> Self {
        Self(from)
    }

    #[cfg(any())]
    #[init]
    fn init(&mut self) -> Result<(), std::io::Error> {
        std::fs::File::open("nowhere").map(drop)
    }

    #[cfg(test)]
    #[init]
    fn init(&mut self) {
        self.0 += 1;
    }

    #[process]
    fn next(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }
}

/// A node that is not to be used any more.
#[deprecated]
#[node]
fn old(number: u64) -> u64 {
    number
}

#[library::main(crate = inner::library)]
fn main() {}

#[test]
fn runs() {
    use library::RunnerExt as _;
    let text = format!(
        "
        noob_id: configured
        nodes:
          count: {{type: {0}.Counter, params: {{from: 4}}}}
          configured:
            type: {0}.configured
            depends: [{{number: count.value}}, {{tested: count.value}}]
          parts: {{type: {0}.parts, depends: [{{number: configured.value}}]}}
          return: {{type: return, depends: [parts.high, parts.low]}}
        ",
        module_path!().replace("::", ".")
    );
    let tube = library::tube::from_text("configured.yaml", &text, ()).unwrap();
    let mut runner = library::SyncRunner::new(tube).unwrap();
    let returned = runner.process(()).unwrap().unwrap();
    assert_eq!(returned.to_string(), "[1, 2]");
    let _ = list;
}
