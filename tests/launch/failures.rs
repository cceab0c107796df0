//! Each failure of ssh or of an agent is a line of its own, with exit code 1.

use crate::rig::{Rig, only_error};
use crate::tubes::{CHAIN, ENDLESS, Placed};

/// Runs with this entry of the host `lab`, and returns the error.
fn error_with(rig: &Rig, placed: &Placed, lab: &str) -> (String, String) {
    let roof = format!("{{ssh: roof, program: {}}}", rig.text("tool"));
    let mut run = rig.run_with(placed, [lab, &roof], &[]);
    assert_eq!(run.end().code(), Some(1), "{}", run.stderr());
    rig.assert_nothing_left("");
    let said = run.stderr();
    (only_error(&said).to_owned(), said)
}

#[test]
fn failures_of_ssh_name_the_host_and_the_words_of_ssh() {
    let Some(rig) = Rig::with_ssh() else { return };
    let tool = rig.text("tool");
    for (target, words) in [
        ("closed", "Connection refused"),
        ("stranger", "Permission denied (publickey"),
    ] {
        let lab = format!("{{ssh: {target}, program: {tool}}}");
        let (error, said) = error_with(&rig, &CHAIN, &lab);
        let begin = format!(
            "error: the agent of the host `lab` cannot be started: `ssh {target}` failed: "
        );
        assert!(error.starts_with(&begin) && error.contains(words), "{said}");
        assert_one_line(&said);
    }
}

#[test]
fn program_that_is_not_there_is_named() {
    let Some(rig) = Rig::with_ssh() else { return };
    let lab = format!("{{ssh: lab, program: {}}}", rig.text("none"));
    let (error, said) = error_with(&rig, &CHAIN, &lab);
    assert!(
        error.contains("/none` on that host; name it by `program`"),
        "{said}"
    );
    assert_one_line(&said);
}

#[test]
fn other_version_is_named() {
    let Some(rig) = Rig::with_ssh() else { return };
    rig.script(
        "old",
        "#!/bin/sh\necho Welcome\necho noob-zmq agent protocol of version 0.0.1\nread line\n",
    );
    let lab = format!("{{ssh: lab, program: {}}}", rig.text("old"));
    let (error, said) = error_with(&rig, &CHAIN, &lab);
    assert!(
        error.starts_with("error: the agent of the host `lab` is of version 0.0.1, and the runner"),
        "{said}"
    );
    assert_one_line(&said);
}

#[test]
fn node_type_that_is_missing_or_another_is_named() {
    let Some(rig) = Rig::with_ssh() else { return };
    let lab = format!("{{ssh: lab, program: {}}}", rig.text("other"));
    let (error, said) = error_with(&rig, &CHAIN, &lab);
    assert!(
        error.contains("`twice`") && error.contains("only in the host's"),
        "{said}"
    );
    let (error, said) = error_with(&rig, &ENDLESS, &lab);
    assert!(
        error.contains("`twice`") && error.contains("`test.slow`"),
        "{said}"
    );
}

#[test]
fn program_of_a_node_that_cannot_be_run_is_named() {
    let Some(rig) = Rig::with_ssh() else { return };
    let words = rig.placed(
        &CHAIN,
        [
            &format!("{{ssh: lab, program: {}}}", rig.text("tool")),
            "{ssh: roof}",
        ],
    );
    let placement = std::fs::read_to_string(rig.path("p.yaml")).unwrap();
    let placement = placement
        .replace("twice: {host: lab}", "twice: {host: lab, program: ./none}")
        .replace(
            "{ssh: roof}",
            &format!("{{ssh: roof, program: {}}}", rig.text("tool")),
        );
    rig.file("p.yaml", &placement);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut run = rig.start("desk", &words);
    assert_eq!(run.end().code(), Some(1));
    let said = run.stderr();
    let error = only_error(&said);
    assert!(
        error.contains("`twice`: on host `lab`, the program `./none` cannot be run"),
        "{said}"
    );
    rig.assert_nothing_left("");
}

#[test]
fn run_without_the_program_ssh_says_so() {
    let Some(rig) = Rig::with_ssh() else { return };
    std::fs::remove_file(rig.path("bin/ssh")).unwrap();
    let folders = ["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip"];
    let ip = folders
        .into_iter()
        .find(|path| std::path::Path::new(path).exists());
    std::os::unix::fs::symlink(ip.unwrap(), rig.path("bin/ip")).unwrap();
    let words = rig.placed(&CHAIN, ["{ssh: lab}", "{ssh: roof}"]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut run = rig.start_with_path("desk", &words, &rig.text("bin"));
    assert_eq!(run.end().code(), Some(1));
    let said = run.stderr();
    assert!(
        only_error(&said).contains("there is no `ssh` in `PATH` on this host"),
        "{said}"
    );
}

/// Asserts that the words about a failure are one line; the log of the runner is none of them.
fn assert_one_line(said: &str) {
    let lines = said.lines().filter(|line| !line.starts_with(" WARN "));
    assert_eq!(lines.count(), 1, "{said}");
}
