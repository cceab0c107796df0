//! Compares `docs/protocols.md` with the specs of the examples.

#![expect(
    clippy::allow_attributes,
    reason = "what is dead in an example whose `main` is not run depends on the example"
)]

use std::fmt::Write as _;

use noob_zmq::actor::{ActorSpec, addons, specs};

#[path = "../../examples/custom_runner.rs"]
#[allow(dead_code, reason = "it is here for its specs; its `main` is not run")]
mod custom_runner;
#[path = "../../examples/monitor.rs"]
#[allow(dead_code, reason = "it is here for its specs; its `main` is not run")]
mod monitor;
#[path = "../../examples/pipeline.rs"]
#[allow(dead_code, reason = "it is here for its specs; its `main` is not run")]
mod pipeline;
#[path = "../../examples/timed.rs"]
#[allow(dead_code, reason = "it is here for its specs; its `main` is not run")]
mod timed;

const HEAD: &str = "# Protocols

Sockets and messages of each example, generated from its socket specs. `noob-zmq protocol` prints \
  such
a page for any program. Square boxes bind, rounded ones connect.

A test writes this page: `UPDATE_EXPECT=1 cargo test -p noob-zmq-tests --test docs protocols`.
";

/// Example: its title, a description, its specs, and the file of its add-ons.
struct Example {
    title: &'static str,
    text: &'static str,
    specs: &'static [&'static str],
    addons: Option<&'static str>,
}

const EXAMPLES: [Example; 6] = [
    Example {
        title: "Every tube: `words.yaml`, `multiply.rs`",
        text: "A command node, and a node runner in the process of each node.",
        specs: &["CommandSockets", "NodeSockets"],
        addons: None,
    },
    Example {
        title: "A custom command node: `custom_runner.rs`",
        text: "All sockets of the command node, and one more.",
        specs: &["WatchSockets", "NodeSockets"],
        addons: None,
    },
    Example {
        title: "An add-on: `alive.rs`",
        text: "The sockets of every tube, with kinds of messages that no spec names.",
        specs: &[],
        addons: Some("examples/heartbeat/lib.rs"),
    },
    Example {
        title: "A custom node runner: `timed.rs`",
        text: "The sockets and messages of every tube, and one more kind of message.",
        specs: &[],
        addons: Some("examples/timed.rs"),
    },
    Example {
        title: "A monitor: `monitor.rs`",
        text: "It subscribes to the messages that a run publishes anyway.",
        specs: &["MonitorSockets", "CommandSockets", "NodeSockets"],
        addons: None,
    },
    Example {
        title: "Without tubes: `pipeline.rs`",
        text: "Two actors, four kinds of socket.",
        specs: &["ClientSockets", "ServerSockets"],
        addons: None,
    },
];

fn spec(name: &str) -> &'static ActorSpec {
    let found = specs().into_iter().find(|known| known.spec.name == name);
    found.unwrap_or_else(|| panic!("no spec `{name}`")).spec
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    for example in EXAMPLES {
        write!(page, "\n## {}\n\n{}\n", example.title, example.text).unwrap();
        let specs: Vec<&ActorSpec> = example.specs.iter().map(|name| spec(name)).collect();
        if !specs.is_empty() {
            write!(page, "\n```mermaid\n{}```\n", ActorSpec::mermaid(&specs)).unwrap();
        }
        for spec in specs {
            write!(page, "\n### `{}`\n\n", spec.name).unwrap();
            if !spec.doc.is_empty() {
                write!(page, "{}\n\n", spec.doc).unwrap();
            }
            page += &spec.table();
        }
        if let Some(file) = example.addons {
            page += "\n| actor | socket | kind | handler |\n|---|---|---|---|\n";
            // The path of the file may differ between builds; its end does not.
            let name = file.trim_start_matches("examples/");
            let mut here = addons();
            here.retain(|addon| addon.at.file.ends_with(name));
            assert!(!here.is_empty(), "no add-on in {file}");
            for addon in here {
                writeln!(
                    page,
                    "| {} | `{}` | `{}` | `{}` |",
                    addon.name, addon.socket, addon.kind, addon.function
                )
                .unwrap();
            }
        }
    }
    page
}

#[test]
fn protocols_page_equals_the_specs() {
    // Linked for its add-ons.
    let _ = noob_zmq_heartbeat::beats::<noob_zmq::runner::zmq::CommandNode>;
    expect_test::expect_file!["../../docs/protocols.md"].assert_eq(&page());
}
