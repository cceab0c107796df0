//! Runs that are watched from another host, by keys with the role `watch`.

use rustix::process::{Pid, Signal, kill_process};

use crate::host_fixture::{RunningCommand, TestHost};

const LOOPBACK: &str = "127.0.0.1:0";

const SLOW: &str = "nodes:
  count: {type: test.count}
  slow: {type: test.slow, params: {ms: 5}, depends: [{value: count.index}]}
  return: {type: return, depends: slow.value}
";

/// Frames of 200,000 bytes, more than a connection holds unread.
const FRAMES: &str = "nodes:
  count: {type: test.count}
  frame: {type: test.frame, params: {size: 200000}, depends: [{number: count.index}]}
  slow: {type: test.slow, params: {ms: 2}, depends: [{value: count.index}]}
  return: {type: return, depends: slow.value}
";

/// Runs a tube that listens for other hosts, and leaves no node to them; returns its address.
fn listen(desk: &TestHost, tube: &str, more: &[&str]) -> (RunningCommand, String) {
    let tube = desk.file("tube.yaml", &format!("noob_id: test\n{tube}"));
    let key = desk.path("key");
    let start = [
        "run",
        tube.to_str().unwrap(),
        "--json",
        "--listen",
        LOOPBACK,
    ];
    let key = ["--key", key.to_str().unwrap()];
    let run = desk.start(&[&start, &key[..], more].concat());
    let line = run.wait_for_stderr("listening at");
    let at = line.split(' ').nth(2).unwrap().to_owned();
    run.wait_for_lines(1);
    (run, at)
}

/// Starts a command that watches the run of `desk`.
fn watch(host: &TestHost, command: &[&str], at: &str, desk: &TestHost) -> RunningCommand {
    let key = host.path("key");
    let run = ["--join", at, "--server-key", desk.key()];
    let own = ["--key", key.to_str().unwrap()];
    host.start(&[command, &run, &own].concat())
}

fn hosts<const N: usize>(names: [&str; N]) -> [TestHost; N] {
    names.map(|name| TestHost::new(name, None))
}

#[test]
fn key_that_may_watch_sees_the_run_and_its_values() {
    let [desk, wall] = hosts(["desk", "wall"]);
    desk.allow_as(&[("watch", &wall)]);
    let (run, at) = listen(&desk, SLOW, &[]);
    let mut ps = watch(&wall, &["ps"], &at, &desk);
    ps.wait_for_success();
    let table = ps.stdout();
    let row = table.lines().nth(1).unwrap();
    assert!(
        row.contains("  test  ") && row.contains("running"),
        "{table}"
    );
    let mut ps = watch(&wall, &["ps", "--json"], &at, &desk);
    ps.wait_for_success();
    let status: serde_json::Value = serde_json::from_str(&ps.stdout()).unwrap();
    assert_eq!(status[0]["pid"], run.pid());
    let mut tap = watch(&wall, &["tap", "slow.value", "-n", "5"], &at, &desk);
    tap.wait_for_success();
    let samples = tap.stdout();
    assert_eq!(samples.lines().count(), 5);
    assert!(samples.contains("\"signal\":\"slow.value\""), "{samples}");
    let mut tap = watch(&wall, &["tap", "slow.valu"], &at, &desk);
    assert_eq!(tap.end().code(), Some(1));
    assert!(
        tap.stderr().contains("no signal `slow.valu`"),
        "{}",
        tap.stderr()
    );
    // The end of the run is that of its watchers.
    let mut tap = watch(&wall, &["tap", "count.index"], &at, &desk);
    tap.wait_for_lines(1);
    run.interrupt();
    tap.wait_for_success();
    assert_eq!(tap.stderr(), "");
}

#[test]
fn key_without_the_role_is_refused_with_one_line() {
    let [desk, lab, stranger] = hosts(["desk", "lab", "stranger"]);
    desk.allow_as(&[("node,objects,command", &lab)]);
    let (run, at) = listen(&desk, SLOW, &[]);
    for command in [&["ps"][..], &["tap", "slow.value"], &["view"]] {
        for (host, why) in [
            (&lab, "the key of `lab` has not the role for `watch`: watch"),
            (&stranger, "it does not let this key in"),
        ] {
            let mut refused = watch(host, command, &at, &desk);
            assert_eq!(refused.end().code(), Some(1));
            let error = refused.stderr();
            assert!(
                error.starts_with(&format!("error: run `{at}`: ")),
                "{error}"
            );
            assert!(error.contains(why) && error.lines().count() == 1, "{error}");
            assert_eq!(refused.stdout(), "");
        }
    }
    let mut other = watch(&lab, &["ps"], &at, &stranger);
    assert_eq!(other.end().code(), Some(1));
    assert!(other.stderr().contains("another key"), "{}", other.stderr());
    assert!(
        run.stderr().contains("refused: the key of `lab`"),
        "{}",
        run.stderr()
    );
}

#[test]
fn key_that_is_removed_is_cut_and_the_run_goes_on() {
    let [desk, wall, lab] = hosts(["desk", "wall", "lab"]);
    desk.allow_as(&[("watch", &wall), ("watch", &lab)]);
    let (run, at) = listen(&desk, SLOW, &[]);
    let mut removed = watch(&wall, &["tap", "slow.value"], &at, &desk);
    let kept = watch(&lab, &["tap", "slow.value"], &at, &desk);
    removed.wait_for_lines(1);
    desk.allow_as(&[("watch", &lab)]);
    assert_eq!(removed.end().code(), Some(1));
    let error = removed.stderr();
    assert!(error.contains("it does not let this key in"), "{error}");
    let (values, samples) = (run.stdout(), kept.stdout());
    run.wait_for_lines(values.lines().count() + 20);
    kept.wait_for_lines(samples.lines().count() + 20);
}

#[test]
fn key_that_may_watch_can_host_no_node() {
    let [desk, wall] = hosts(["desk", "wall"]);
    desk.allow_as(&[("watch", &wall)]);
    let (_run, at) = listen(&desk, SLOW, &[]);
    let mut node = wall.host_node("slow", &at, &desk);
    assert_eq!(node.end().code(), Some(1));
    let error = node.stderr();
    let why = "the key of `wall` has not the role for `join/slow`: node";
    assert!(error.contains(why), "{error}");
}

#[test]
fn watcher_that_hangs_does_not_keep_the_run_waiting() {
    let [desk, wall] = hosts(["desk", "wall"]);
    desk.allow_as(&[("watch", &wall)]);
    let (mut run, at) = listen(&desk, FRAMES, &["-n", "2000"]);
    let taps: Vec<_> = (0..3)
        .map(|_| watch(&wall, &["tap", "frame.value"], &at, &desk))
        .collect();
    for tap in &taps {
        tap.wait_for_lines(1);
        kill_process(pid(tap), Signal::STOP).unwrap();
    }
    run.wait_for_success();
    assert_eq!(run.stdout().lines().count(), 2000);
    // A stopped process cannot be ended in order.
    for tap in &taps {
        kill_process(pid(tap), Signal::CONT).unwrap();
    }
    desk.assert_clean();
}

fn pid(command: &RunningCommand) -> Pid {
    Pid::from_raw(command.pid().cast_signed()).unwrap()
}

#[test]
fn options_of_another_host_are_checked() {
    let wall = TestHost::new("wall", None);
    let usage = |arguments: &[&str], why: &str| {
        let mut command = wall.run(arguments);
        assert_eq!(command.end().code(), Some(2), "{arguments:?}");
        assert!(command.stderr().contains(why), "{}", command.stderr());
    };
    // Nobody is asked.
    let at = "127.0.0.1:9";
    usage(&["ps", "--join", at], "give `--server-key KEY`");
    usage(&["ps", "--plain"], "--join <ADDR>");
    usage(
        &["tap", "test", "a.b", "--join", at, "--plain"],
        "give the signal alone",
    );
    usage(&["tap", "test"], "<SIGNAL>");
    usage(&["view"], "<RUN>");
}
