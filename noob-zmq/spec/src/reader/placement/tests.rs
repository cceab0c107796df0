//! Placements are read whole, and each mistake is reported at its place with a remedy.

use super::*;
use crate::reader::keys::{Form, Key};
use crate::reader::{Diagnostics, Source, TubeErrors};

fn parse(text: &str) -> Result<PlacementSpec, TubeErrors> {
    let source = Source::new("p.yaml", text);
    let mut diagnostics = Diagnostics::new(source.clone());
    let spec = read(&source, &mut diagnostics);
    diagnostics.finish(spec).map(|(spec, _)| spec)
}

/// Returns each mistake as `line:column: text; help`.
fn mistakes(text: &str) -> Vec<String> {
    let errors = parse(text).expect_err("the placement has mistakes");
    let line = |diagnostic: &crate::reader::Diagnostic| {
        let line = diagnostic.with_help();
        line.strip_prefix("p.yaml:").expect("the file").to_owned()
    };
    errors.diagnostics().iter().map(line).collect()
}

#[test]
fn every_key_is_read() {
    let spec = parse(
        "runner: desk
hosts:
  desk: {program: [bin/python, -m, lab], environment: {THREADS: 1, MODE: fast}, nice: 5}
  lab-1: {labels: [gpu, fast], ssh: me@lab, nice: 2}
  lab-2:
  rig: {key: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo}
nodes:
  camera: {host: lab-1}
  detect: {label: gpu}
  write: {cpus: '0-2,5', memory: 512 MiB, nice: -3, program: writer}
groups:
  quick: {nodes: [a, b], cpus: [3, 1, 3], memory: 4096}
",
    )
    .unwrap();
    assert!(spec.is_runner("desk") && !spec.is_runner("lab-1"));
    let desk = &spec.hosts["desk"].process;
    let words: Vec<&str> = desk
        .program
        .as_ref()
        .unwrap()
        .value
        .iter()
        .map(|w| &**w)
        .collect();
    assert_eq!(words, ["bin/python", "-m", "lab"]);
    let variables = &desk.environment.as_ref().unwrap().value;
    assert_eq!((&*variables["THREADS"], &*variables["MODE"]), ("1", "fast"));
    assert_eq!(desk.nice.as_ref().unwrap().value, 5);
    let text = |value: &Option<crate::reader::Spanned<crate::reader::Name>>| {
        value.as_ref().map(|set| set.value.to_string())
    };
    assert_eq!(text(&spec.hosts["lab-1"].ssh).as_deref(), Some("me@lab"));
    let key = text(&spec.hosts["rig"].key).unwrap();
    assert!(key.starts_with("11qYAYKx"), "{key}");
    assert!(spec.hosts_with("gpu").map(|host| &**host).eq(["lab-1"]));
    let target = |node: &str| {
        spec.nodes[node]
            .target
            .as_ref()
            .map(|target| target.value.clone())
    };
    assert_eq!(target("camera"), Some(Target::Host("lab-1".into())));
    assert_eq!(target("detect"), Some(Target::Label("gpu".into())));
    let write = &spec.nodes["write"].process;
    assert_eq!(write.cpus.as_ref().unwrap().value, [0, 1, 2, 5]);
    assert_eq!(write.memory.as_ref().unwrap().value, 512 << 20);
    assert_eq!(write.nice.as_ref().unwrap().value, -3);
    assert_eq!(write.program.as_ref().unwrap().value, ["writer".into()]);
    let quick = &spec.groups["quick"];
    let members: Vec<&str> = quick.members.iter().map(|member| &*member.value).collect();
    assert_eq!(members, ["a", "b"]);
    assert_eq!(quick.process.cpus.as_ref().unwrap().value, [1, 3]);
    assert_eq!(quick.process.memory.as_ref().unwrap().value, 4096);
}

#[test]
fn unknown_key_names_those_that_there_are() {
    assert_eq!(
        mistakes("hosts:\n  lab: {agent: true}\nnode: {}\n"),
        [
            "2:9: a host has no key `agent`; there are `labels`, `ssh`, `key`, `program`, \
             `environment`, `cpus`, `nice` and `memory`",
            "3:1: a placement has no key `node`; did you mean `nodes`?",
        ]
    );
}

#[test]
fn unknown_hosts_and_labels_are_mistakes() {
    assert_eq!(
        mistakes(
            "runner: desc
hosts: {desk: , lab: {labels: [gpu]}}
nodes:
  a: {host: rig}
  b: {label: gpus}
  c: {host: lab, label: gpu}
"
        ),
        [
            "1:9: `runner` names the host `desc`, which this file does not have; did you mean \
             `desk`?",
            "4:13: node `a` names the host `rig`, which this file does not have; its hosts are \
             `desk` and `lab`",
            "5:14: node `b` is placed by the label `gpus`, which no host of this file has; did \
             you mean `gpu`?",
            "6:25: node `c` has both `host` and `label`; keep one of them",
        ]
    );
    assert_eq!(
        mistakes("nodes: {a: {host: lab}, b: {label: gpu}}"),
        [
            "1:19: node `a` names the host `lab`, which this file does not have; declare it: \
             `hosts: {lab: }`",
            "1:36: node `b` is placed by the label `gpu`, which no host of this file has; give \
             it to a host: `labels: [gpu]`",
        ]
    );
}

#[test]
fn node_is_in_one_group_with_one_place() {
    assert_eq!(
        mistakes(
            "hosts: {lab: }
nodes:
  b: {host: lab}
  c: {nice: 3}
groups:
  x: {nodes: [a, b, a]}
  y: {nodes: [a, c]}
  z: {nodes: []}
  w: {nice: 1}
"
        ),
        [
            "3:13: group `x` is on the host of the runner, and its node `b` on host `lab`; a \
             group is one process: place all its nodes on one host, or take the node out of the \
             group",
            "4:3: node `c` is in group `y`, and has settings of its own; the nodes of a group \
             share one process: move them to group `y`",
            "6:21: node `a` is in group `x` twice; a node has one process: name it once",
            "7:15: node `a` is in group `x` and in group `y`; a node has one process: name it \
             once",
            "8:14: group `z` has no nodes; name nodes that are connected, or remove it",
            "9:3: group `w` has no `nodes`; add `nodes: ..`",
        ]
    );
}

#[test]
fn setting_without_an_effect_is_a_mistake() {
    assert_eq!(
        mistakes("runner: desk\nhosts: {desk: {ssh: me@desk}, lab: {nice: 1}}\n"),
        [
            "2:16: `ssh` of host `desk` has no effect: the runner itself runs there; remove it, \
             or name another host as `runner` at the top"
        ]
    );
    let key = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    assert_eq!(
        mistakes(&format!("hosts:\n  lab:\n    ssh: lab\n    key: {key}\n")),
        [
            "4:5: host `lab` has both `ssh` and `key`; remove `key`: an agent that is started by \
             ssh has a key of the run"
        ]
    );
    for target in ["-oProxyCommand=x", "'a b'", "''"] {
        let found = mistakes(&format!("hosts: {{lab: {{ssh: {target}}}}}"));
        assert!(
            found[0].contains("`ssh` of host `lab` must be a target of ssh"),
            "{found:?}"
        );
    }
    let found = mistakes("hosts: {lab: {key: short}}");
    assert!(
        found[0].contains("`key` of host `lab` must be a public key"),
        "{found:?}"
    );
}

#[test]
fn value_of_another_kind_says_what_is_needed() {
    let one = |setting: &str| {
        let mistakes = mistakes(&format!("nodes: {{a: {{{setting}}}}}"));
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
        let (_, text) = mistakes[0].split_once(": ").expect("a place");
        text.to_owned()
    };
    let cpus = "must be numbers of processors, such as `2`, `0-3,6` or `[0, 2]`, not";
    for (setting, found) in [
        ("cpus: many", "the text `many`"),
        ("cpus: 3-1", "the text `3-1`"),
        ("cpus: [-1]", "a list"),
        ("cpus: []", "a list"),
        ("cpus: 99999999", "the number `99999999`"),
    ] {
        assert_eq!(one(setting), format!("`cpus` of node `a` {cpus} {found}"));
    }
    assert_eq!(
        one("nice: 20"),
        "`nice` of node `a` must be a whole number from -20 to 19, not the number `20`"
    );
    for setting in [
        "memory: 0",
        "memory: 5 MB",
        "memory: 99999999 TiB",
        "memory: -1",
    ] {
        let text = one(setting);
        let expected = "must be a number of bytes above 0, such as `1048576` or `512 MiB`";
        assert!(text.contains(expected), "{setting}: {text}");
    }
    for setting in [
        "environment: {A: [1]}",
        "environment: {'A=B': 1}",
        "environment: no",
    ] {
        assert!(one(setting).contains("must be a"), "{setting}");
    }
    for setting in [
        "program: []",
        "program: 3",
        "program: [a, 3]",
        "host: 3",
        "label: [a]",
    ] {
        assert!(one(setting).contains("must be a"), "{setting}");
    }
    assert!(mistakes("- a\n")[0].starts_with("1:1: a placement must be a mapping"));
}

#[test]
fn every_key_that_is_known_has_a_reader() {
    let is_read = |owner: &[Key], text: &dyn Fn(&str) -> String| {
        for key in owner {
            // No key takes a list of a mapping.
            let text = text(&format!("{}: [{{}}]", key.name));
            let errors = parse(&text).expect_err(&text);
            let about = format!("`{}`", key.name);
            let texts: Vec<String> = errors
                .diagnostics()
                .iter()
                .map(ToString::to_string)
                .collect();
            let named = |text: &String| text.contains(&about) && text.contains("must be");
            assert!(texts.iter().any(named), "{text}: {texts:?}");
        }
    };
    is_read(keys::PLACEMENT, &str::to_owned);
    is_read(keys::HOST, &|key| {
        format!("runner: h\nhosts: {{h: {{{key}}}}}")
    });
    is_read(keys::NODE, &|key| format!("nodes: {{a: {{{key}}}}}"));
    is_read(keys::GROUP, &|key| format!("groups: {{g: {{{key}}}}}"));
    let sections = keys::PLACEMENT
        .iter()
        .filter(|key| matches!(key.form, Form::Entries(_) | Form::Named(_)));
    assert_eq!(sections.count(), 3);
}

#[test]
fn damaged_text_is_a_mistake_and_no_panic() {
    for text in [
        "",
        "hosts: [",
        "a: b: c",
        "nodes:\n  a: {cpus: ",
        "\0",
        "hosts: {? [a] : 1}",
    ] {
        assert!(parse(text).is_err(), "{text:?}");
    }
    assert!(parse("{}").is_ok() && parse("x-limits: &l {nice: 1}\nnodes: {a: *l}").is_ok());
}
