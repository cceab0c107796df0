//! Runs over hosts that are reached by ssh.

use crate::rig::{Rig, kill};
use crate::tubes::{CHAIN, DIAMOND, LONG, MAP, Placed};

/// Asserts that a tube over two hosts has the values of one process, and leaves nothing.
fn assert_equals_one_process(rig: &Rig, placed: &Placed) {
    let expected = rig.expected(placed);
    let mut run = rig.run_by_ssh(placed);
    run.wait_for_success();
    assert_eq!(run.stdout(), expected);
    assert!(expected.lines().count() > 10);
    // Warnings are no errors: a node may be told of another before that one is told of it, and
    // connects again; at the end, a link may be reset.
    let said = run.stderr();
    let is_error = |line: &&str| line.contains("error:") || line.contains("ERROR");
    assert_eq!(said.lines().find(is_error), None, "{said}");
    rig.assert_nothing_left("");
}

#[test]
fn tubes_over_ssh_equal_one_process() {
    let Some(rig) = Rig::with_ssh() else { return };
    for placed in [&CHAIN, &DIAMOND, &MAP] {
        assert_equals_one_process(&rig, placed);
    }
}

#[test]
fn killed_node_is_started_again_by_its_agent() {
    let Some(rig) = Rig::with_ssh() else { return };
    let expected = rig.expected(&LONG);
    let mut run = rig.run_by_ssh(&LONG);
    run.wait_for_lines(200);
    kill(rig.process("noob-zmq: node twice"));
    run.wait_for_success();
    assert_eq!(run.stdout(), expected);
    assert!(
        run.stderr().contains("it is started again"),
        "{}",
        run.stderr()
    );
    rig.assert_nothing_left("");
}

#[test]
fn killed_agent_is_started_again_for_its_node() {
    let Some(rig) = Rig::with_ssh() else { return };
    let expected = rig.expected(&LONG);
    let mut run = rig.run_by_ssh(&LONG);
    run.wait_for_lines(200);
    kill(rig.process("agent --stdin --name lab"));
    run.wait_for_success();
    assert_eq!(run.stdout(), expected);
    rig.assert_nothing_left("");
}

#[test]
fn settings_and_output_of_a_node_on_another_host_are_those_of_its_process() {
    const SHOUT: Placed = Placed {
        tube: "
nodes:
  count: {type: test.count, params: {limit: 1}}
  shout: {type: test.shout, depends: [{value: count.index}]}
  read: {type: noob_zmq.files.lines, params: {path: /proc/self/environ}}
  limits: {type: noob_zmq.files.lines, params: {path: /proc/self/limits}}
  return: {type: return, depends: [{read: read.lines}, {limits: limits.lines}, {v: shout.value}]}
",
        lab: &["read", "limits"],
        roof: &["shout"],
    };
    let Some(rig) = Rig::with_ssh() else { return };
    let tool = rig.text("tool");
    let lab = format!("{{ssh: lab, program: {tool}, memory: 3 GiB, environment: {{OWN: there}}}}");
    let roof = format!("{{ssh: roof, program: {tool}}}");
    let mut run = rig.run_with(&SHOUT, [&lab, &roof], &["-n", "1"]);
    run.wait_for_success();
    let (value, said) = (run.stdout(), run.stderr());
    assert!(
        value.contains("OWN=there") && value.contains("HOST_OF_TEST=lab"),
        "{value}"
    );
    assert!(value.contains(&(3_u64 << 30).to_string()), "{value}");
    for line in ["[roof/shout] stdout of 0", "[roof/shout] stderr of 0"] {
        assert!(
            said.lines().any(|said| said == line),
            "`{line}` is not in\n{said}"
        );
    }
    rig.assert_nothing_left("");
}

#[test]
fn run_goes_on_after_a_cut_of_two_seconds() {
    let Some(rig) = Rig::with_ssh() else { return };
    let expected = rig.expected(&LONG);
    let mut run = rig.run_by_ssh(&LONG);
    run.wait_for_lines(200);
    rig.network().disconnect("lab").unwrap();
    std::thread::sleep(std::time::Duration::from_secs(2));
    rig.network().reconnect("lab");
    run.wait_for_success();
    assert_eq!(run.stdout(), expected);
    rig.assert_nothing_left("");
}
