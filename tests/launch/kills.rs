//! Whoever is killed, nothing is left on any host.

use crate::rig::{Rig, kill, only_error};
use crate::tubes::ENDLESS;

#[test]
fn killed_runner_leaves_nothing_on_its_hosts() {
    let Some(rig) = Rig::with_ssh() else { return };
    let mut run = rig.run_by_ssh(&ENDLESS);
    run.wait_for_lines(100);
    assert_eq!(rig.processes("agent --stdin").len(), 2, "two agents");
    run.kill();
    rig.assert_nothing_left("");
}

#[test]
fn killed_agent_and_killed_ssh_end_the_run_and_leave_nothing() {
    let Some(rig) = Rig::with_ssh() else { return };
    for victim in ["tool agent --stdin --name lab", "ssh_config -T"] {
        let mut run = rig.run_by_ssh(&ENDLESS);
        run.wait_for_lines(100);
        for pid in rig.processes(victim) {
            kill(pid);
        }
        assert_eq!(run.end().code(), Some(1));
        let said = run.stderr();
        let error = only_error(&said);
        assert!(
            error.contains("the connection to its host (10.77.0."),
            "{said}"
        );
        rig.assert_nothing_left("");
    }
}

#[test]
fn interrupted_run_ends_its_agents() {
    let Some(rig) = Rig::with_ssh() else { return };
    let mut run = rig.run_by_ssh(&ENDLESS);
    run.wait_for_lines(100);
    run.interrupt();
    assert_eq!(run.end().code(), Some(130), "{}", run.stderr());
    rig.assert_nothing_left("");
}

#[test]
fn cut_off_host_is_clean_within_ten_seconds_of_silence() {
    let Some(rig) = Rig::with_ssh() else { return };
    let mut run = rig.run_by_ssh(&ENDLESS);
    run.wait_for_lines(100);
    rig.network().disconnect("lab").unwrap();
    assert_eq!(run.end().code(), Some(1));
    // The agent there ends when it has no nodes left and hears nothing for ten seconds.
    noob_zmq_tests::processes::wait_for(
        "the end of the agent",
        std::time::Duration::from_secs(30),
        || rig.processes("").is_empty().then_some(()),
    );
    rig.assert_nothing_left("");
}
