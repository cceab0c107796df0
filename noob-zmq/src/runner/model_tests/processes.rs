//! [`ZmqRunner`], with real processes and sockets, gives what the reference gives.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::panic::Location;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::graph::{Kind, Spec, graphs_up_to, name, signal_name, slot_name};
use super::nodes::{answer, shown};
use super::oracle::Oracle;
use crate::graph::spec::{DiagnosticKind, TubeErrors};
use crate::graph::{self, Value};
use crate::node::{Argument, Call, Class, NodeError, NodeType, Params, Shape};
use crate::runner::{Runner, ZmqRunner};
use crate::tube::LoadError;

const EPOCHS: u32 = 5;

/// A plain node of a random tube, as its params say.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Settings {
    node: usize,
    source: bool,
    ends: Option<u32>,
    lists: bool,
    stateful: bool,
    signals: usize,
    /// For each slot, whether it is required.
    slots: Vec<bool>,
    /// The folder in which each node writes down its calls.
    log: PathBuf,
}

impl Settings {
    /// As much of the node as its answers follow from.
    fn spec(&self) -> Spec {
        Spec {
            kind: match (self.source, self.lists) {
                (true, _) => Kind::Source,
                (false, true) => Kind::Lists,
                (false, false) => Kind::Plain,
            },
            inputs: Vec::new(),
            signals: self.signals,
            stateful: self.stateful,
            enabled: true,
            ends: self.ends,
            chain: Vec::new(),
        }
    }
}

struct Plain {
    settings: Settings,
    spec: Spec,
    state: u64,
}

impl Class for Plain {
    fn make(params: &Params<'_>) -> Result<Self, NodeError> {
        let settings: Settings = serde_json::from_str(&params.argument(0).required::<String>()?)?;
        Ok(Self {
            spec: settings.spec(),
            settings,
            state: 0,
        })
    }

    fn process(&mut self, call: &mut Call<'_>) -> Result<(), NodeError> {
        let slots = 0..self.settings.slots.len();
        let given: Vec<Option<Value>> = slots
            .map(|slot| call.named(&slot_name(&self.spec, slot)).cloned())
            .collect();
        let path = self.settings.log.join(&*name(self.settings.node));
        let mut log = OpenOptions::new().create(true).append(true).open(path)?;
        writeln!(log, "{}: {}", call.epoch(), shown(&given))?;
        let number = call.epoch().number();
        let said = answer(
            self.settings.node,
            &self.spec,
            number,
            &given,
            &mut self.state,
        );
        for (signal, emit) in said.into_iter().enumerate() {
            call.emit_on(&signal_name(&self.spec, signal), emit);
        }
        Ok(())
    }
}

fn shape(params: &graph::Map) -> Shape {
    let settings = params.get("settings").and_then(Value::as_str);
    let settings = settings.and_then(|text| serde_json::from_str::<Settings>(text).ok());
    let Some(settings) = settings else {
        return Shape::default();
    };
    let spec = settings.spec();
    let required = settings
        .slots
        .iter()
        .enumerate()
        .filter(|(_, required)| **required);
    Shape {
        slots: required.map(|(slot, _)| slot_name(&spec, slot)).collect(),
        signals: (0..spec.signals)
            .map(|signal| signal_name(&spec, signal))
            .collect(),
    }
}

static PLAIN: NodeType = NodeType::class::<Plain>("plain", module_path!(), Location::caller())
    .named("agreement.plain")
    .params(&[Argument::new::<String>("settings", "String")])
    .more_slots(&Argument::rest::<graph::Map>("rest", "Value"))
    .shape(shape);

inventory::submit! { &PLAIN }

/// The file of a random tube.
fn text(specs: &[Spec], log: &Path) -> String {
    let mut text = "noob_id: random\nnodes:\n".to_owned();
    for (node, spec) in specs.iter().enumerate() {
        let settings = Settings {
            node,
            source: spec.kind == Kind::Source,
            ends: spec.ends,
            lists: spec.kind == Kind::Lists,
            stateful: spec.stateful,
            signals: spec.signals,
            slots: spec.inputs.iter().map(|feed| feed.required).collect(),
            log: log.to_owned(),
        };
        let depends = spec.inputs.iter().enumerate().map(|(slot, feed)| {
            let source = signal_name(&specs[feed.node], feed.signal);
            format!(
                "{{{}: {}.{source}}}",
                slot_name(spec, slot),
                name(feed.node)
            )
        });
        let depends = depends.collect::<Vec<_>>().join(", ");
        let (type_name, params) = match spec.kind {
            Kind::Map => ("map", String::new()),
            Kind::Gather { n: Some(n) } => ("gather", format!("n: {n}")),
            Kind::Gather { n: None } => ("gather", String::new()),
            _ => {
                let settings = serde_json::to_string(&settings).expect("JSON");
                ("agreement.plain", format!("settings: '{settings}'"))
            }
        };
        let (id, enabled, stateful) = (name(node), spec.enabled, spec.stateful);
        let _ = writeln!(
            text,
            "  {id}: {{type: {type_name}, enabled: {enabled}, stateful: {stateful}, params: \
             {{{params}}}, depends: [{depends}]}}"
        );
    }
    text
}

/// The calls of each plain node, in the order of the epochs: as it wrote them down, or as the
/// reference has them.
type Lines = BTreeMap<String, Vec<String>>;

fn written(log: &Path, epochs: u32) -> Lines {
    let files = std::fs::read_dir(log).expect("the folder").flatten();
    let lines = files.map(|file| {
        let text = std::fs::read_to_string(file.path()).expect("a text");
        let number = |line: &str| {
            let digits = line.trim_start_matches('(');
            let end = digits.find(|letter: char| !letter.is_ascii_digit());
            digits[..end.expect("more")]
                .parse::<u32>()
                .expect("a number")
        };
        let mut lines: Vec<String> = text
            .lines()
            .filter(|line| number(line) < epochs)
            .map(str::to_owned)
            .collect();
        lines.sort();
        (file.file_name().into_string().expect("a name"), lines)
    });
    lines.filter(|(_, lines)| !lines.is_empty()).collect()
}

fn only_two_maps(errors: &TubeErrors) -> bool {
    let mut diagnostics = errors.diagnostics().iter();
    diagnostics.all(|diagnostic| matches!(diagnostic.kind, DiagnosticKind::TwoMaps { .. }))
}

proptest! {
    // Each case starts a process for every node.
    #![proptest_config(ProptestConfig {
        cases: 6,
        max_shrink_iters: 40,
        ..ProptestConfig::default()
    })]

    #[test]
    fn zmq_runner_makes_the_calls_of_the_oracle(specs in graphs_up_to(12)) {
        let folder = tempfile::TempDir::with_prefix("nz").expect("a folder");
        let log = folder.path().join("log");
        std::fs::create_dir(&log).expect("a folder");
        let text = text(&specs, &log);
        let tube = crate::tube::from_text("random.yaml", &text, graph::Map::new());
        // Noob's rule asks for more than the scheduler needs: a node below the `n` of one map
        // cannot lie below another.
        let refused = matches!(&tube, Err(LoadError::Mistakes(errors)) if only_two_maps(errors));
        prop_assume!(!refused);
        let tube = tube.unwrap_or_else(|error| panic!("{error}\n{text}"));
        let mut runner = ZmqRunner::builder(tube).runtime_dir(folder.path().join("r")).build();
        runner.run(u64::from(EPOCHS)).expect("no error");
        runner.deinit().expect("no error");

        let mut oracle = Oracle::new(&specs);
        let mut expected = Lines::new();
        let mut epochs = 0;
        while epochs < EPOCHS && !oracle.exhausted() {
            for ((node, epoch), given) in oracle.epoch(epochs) {
                if !matches!(specs[node].kind, Kind::Map | Kind::Gather { .. }) {
                    let line = format!("{epoch}: {}", shown(&given));
                    expected.entry(name(node).to_string()).or_default().push(line);
                }
            }
            epochs += 1;
        }
        expected.values_mut().for_each(|lines| lines.sort());
        // Epochs that were begun before a source has ended may go on to their end.
        prop_assert_eq!(written(&log, epochs), expected, "{}", text);
    }
}
