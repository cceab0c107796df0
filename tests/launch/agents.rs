//! Agents that connect to the listener of a runner.

use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use noob_zmq_tests::running_command::RunningCommand;

use crate::rig::{Rig, kill, only_error};
use crate::tubes::{CHAIN, ENDLESS, LONG, Placed};

/// Hosts with keys, and an address that is free on this machine.
struct Lab {
    rig: Rig,
    at: String,
}

impl Lab {
    fn new() -> Self {
        let rig = Rig::new();
        for host in ["desk", "lab", "roof"] {
            let mut made = rig.start(host, &["keygen", &rig.text(host), "--name", host]);
            made.wait_for_success();
            rig.file(&format!("{host}.pub"), &made.stdout());
        }
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = free.local_addr().unwrap().to_string();
        let lab = Self { rig, at };
        lab.allow(&["lab", "roof"]);
        lab
    }

    /// Returns the public key of a host.
    fn key(&self, host: &str) -> String {
        let line = std::fs::read_to_string(self.rig.path(&format!("{host}.pub"))).unwrap();
        line.split(' ').nth(1).unwrap().to_owned()
    }

    fn allow(&self, hosts: &[&str]) {
        let line = |host: &&str| {
            let path = self.rig.path(&format!("{host}.pub"));
            format!("node {}", std::fs::read_to_string(path).unwrap())
        };
        let lines: String = hosts.iter().map(line).collect();
        self.rig.file("allow", &lines);
    }

    /// Starts the agent of a host, with further arguments.
    fn agent(&self, host: &str, more: &[&str]) -> RunningCommand {
        self.agent_at(&self.at, host, more)
    }

    /// Starts the agent of a host that finds the runner at another address.
    fn agent_at(&self, at: &str, host: &str, more: &[&str]) -> RunningCommand {
        let (desk, key) = (self.key("desk"), self.rig.text(host));
        let words = ["agent", "--join", at, "--server-key", &desk, "--key", &key];
        self.rig
            .start(host, &[&words[..], &["--name", host], more].concat())
    }

    /// Starts a run with these entries of the hosts.
    fn run(&self, placed: &Placed, hosts: [&str; 2], more: &[&str]) -> RunningCommand {
        let (key, allow) = (self.rig.text("desk"), self.rig.text("allow"));
        let words = ["--listen", &self.at, "--key", &key, "--allow", &allow];
        self.rig
            .run_with(placed, hosts, &[&words[..], more].concat())
    }
}

/// Address that leads to another one, as long as it is not closed.
struct Detour {
    at: String,
    /// Connections in the order in which they were made; the first is that of the agent.
    made: Arc<Mutex<Vec<TcpStream>>>,
    closed: Arc<AtomicBool>,
}

impl Detour {
    fn to(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap().to_string();
        let (made, closed) = (
            Arc::<Mutex<Vec<_>>>::default(),
            Arc::<AtomicBool>::default(),
        );
        let (target, all, is_closed) = (target.to_owned(), Arc::clone(&made), Arc::clone(&closed));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = TcpStream::connect(&target);
                let (false, Ok(server)) = (is_closed.load(Ordering::Acquire), server) else {
                    continue;
                };
                all.lock().unwrap().push(client.try_clone().unwrap());
                for (mut from, mut to) in [
                    (client.try_clone().unwrap(), server.try_clone().unwrap()),
                    (server, client),
                ] {
                    std::thread::spawn(move || {
                        let _ = std::io::copy(&mut from, &mut to);
                        let _ = to.shutdown(Shutdown::Both);
                    });
                }
            }
        });
        Self { at, made, closed }
    }

    /// Cuts the first connection that a runner has accepted.
    fn cut_first(&self) {
        let made = self.made.lock().unwrap();
        made[0].shutdown(Shutdown::Both).unwrap();
    }
}

#[test]
fn agent_connects_again_and_its_nodes_go_on() {
    let lab = Lab::new();
    let _roof = lab.agent("roof", &[]);
    let expected = lab.rig.expected(&LONG);
    let mut run = lab.run(&LONG, ["", ""], &[]);
    run.wait_for_stderr("listening at");
    let detour = Detour::to(&lab.at);
    let agent = lab.agent_at(&detour.at, "lab", &[]);
    run.wait_for_lines(200);
    detour.cut_first();
    agent.wait_for_stderr("this agent connects again");
    kill(lab.rig.process("noob-zmq: node twice"));
    run.wait_for_success();
    assert_eq!(run.stdout(), expected);
    let said = run.stderr();
    assert_eq!(said.matches("it is started again").count(), 1, "{said}");
    lab.rig.assert_nothing_left("tool agent --join");
}

#[test]
fn agent_that_cannot_connect_again_ends_its_nodes() {
    let lab = Lab::new();
    let _roof = lab.agent("roof", &[]);
    let mut run = lab.run(&ENDLESS, ["", ""], &[]);
    run.wait_for_stderr("listening at");
    let detour = Detour::to(&lab.at);
    let mut agent = lab.agent_at(&detour.at, "lab", &["--once", "--patience", "1"]);
    run.wait_for_lines(100);
    detour.closed.store(true, Ordering::Release);
    detour.cut_first();
    assert_eq!(agent.end().code(), Some(1));
    assert!(
        agent.stderr().contains("its nodes end"),
        "{}",
        agent.stderr()
    );
    assert_eq!(run.end().code(), Some(1), "{}", run.stderr());
    lab.rig.assert_nothing_left("tool agent --join");
}

#[test]
fn agent_without_keys_serves_a_run_on_loopback() {
    let lab = Lab::new();
    let join = |host: &str| {
        let words = [
            "agent", "--join", &lab.at, "--plain", "--once", "--name", host,
        ];
        lab.rig.start(host, &words)
    };
    let mut agents = ["lab", "roof"].map(join);
    let words = ["--listen", &lab.at, "--plain"];
    let mut run = lab.rig.run_with(&CHAIN, ["", ""], &words);
    run.wait_for_success();
    assert_eq!(run.stdout(), lab.rig.expected(&CHAIN));
    for agent in &mut agents {
        agent.wait_for_success();
    }
    lab.rig.assert_nothing_left("");
}

#[test]
fn agents_serve_two_runs_one_after_the_other() {
    let lab = Lab::new();
    // One agent is there before the runner, and the other comes after it.
    let mut first = lab.agent("lab", &["--labels", "gpu"]);
    let expected = lab.rig.expected(&CHAIN);
    let mut run = lab.run(&CHAIN, ["", ""], &[]);
    run.wait_for_stderr("listening at");
    let mut second = lab.agent("roof", &[]);
    run.wait_for_success();
    assert_eq!(run.stdout(), expected);
    lab.rig.assert_nothing_left("tool agent --join");
    let mut run = lab.run(&CHAIN, ["", ""], &[]);
    run.wait_for_success();
    assert_eq!(run.stdout(), expected);
    for agent in [&mut first, &mut second] {
        agent.interrupt();
        assert_eq!(agent.end().code(), Some(130), "{}", agent.stderr());
    }
    lab.rig.assert_nothing_left("");
}

#[test]
fn agent_that_serves_one_run_ends_with_it() {
    let lab = Lab::new();
    let mut agents = ["lab", "roof"].map(|host| lab.agent(host, &["--once"]));
    let mut run = lab.run(&CHAIN, ["", ""], &[]);
    run.wait_for_success();
    for agent in &mut agents {
        agent.wait_for_success();
    }
    lab.rig.assert_nothing_left("");
}

#[test]
fn killed_runner_leaves_agents_for_the_next_run() {
    let lab = Lab::new();
    let _agents = ["lab", "roof"].map(|host| lab.agent(host, &[]));
    let mut run = lab.run(&ENDLESS, ["", ""], &[]);
    run.wait_for_lines(100);
    run.kill();
    // The directory of the runner is removed by the next run.
    let gone = || lab.rig.processes("noob-zmq: node").is_empty().then_some(());
    let within = Duration::from_secs(10);
    noob_zmq_tests::processes::wait_for("the end of the nodes", within, gone);
    let mut run = lab.run(&CHAIN, ["", ""], &[]);
    run.wait_for_success();
    assert_eq!(run.stdout(), lab.rig.expected(&CHAIN));
    lab.rig.assert_nothing_left("tool agent --join");
}

#[test]
fn killed_agent_ends_its_nodes_and_the_run() {
    let lab = Lab::new();
    let mut agents = ["lab", "roof"].map(|host| lab.agent(host, &["--once"]));
    let mut run = lab.run(&ENDLESS, ["", ""], &[]);
    run.wait_for_lines(100);
    agents[0].kill();
    assert_eq!(run.end().code(), Some(1));
    let said = run.stderr();
    assert!(
        only_error(&said).contains("the connection to its host"),
        "{said}"
    );
    agents[1].wait_for_success();
    lab.rig.assert_nothing_left("");
}

#[test]
fn agent_with_a_wrong_key_ends_with_one_line() {
    let lab = Lab::new();
    lab.allow(&["roof"]);
    let mut run = lab.run(&ENDLESS, ["", ""], &["--wait", "50"]);
    run.wait_for_stderr("listening at");
    let mut refused = lab.agent("lab", &[]);
    assert_eq!(refused.end().code(), Some(1));
    let said = refused.stderr();
    assert!(
        said.starts_with("error: the runner refuses this agent: "),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
    let (other, key) = (lab.key("roof"), lab.rig.text("lab"));
    let words = [
        "agent",
        "--join",
        &lab.at,
        "--server-key",
        &other,
        "--key",
        &key,
    ];
    let mut stranger = lab.rig.start("lab", &words);
    assert_eq!(stranger.end().code(), Some(1));
    let said = stranger.stderr();
    assert!(
        said.contains("it has another key than the one that is expected"),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
    run.interrupt();
    run.end();
    // A run that is interrupted in its start leaves its directory to the next run.
    lab.rig.assert_no_process_left();
}

#[test]
fn agent_with_another_key_than_the_placement_has_is_refused() {
    let lab = Lab::new();
    let pinned = format!("{{key: {}}}", lab.key("roof"));
    let mut run = lab.run(&ENDLESS, [&pinned, ""], &[]);
    run.wait_for_stderr("listening at");
    let mut refused = lab.agent("lab", &[]);
    assert_eq!(refused.end().code(), Some(1));
    let said = refused.stderr();
    assert!(
        said.contains("the placement has another key for host `lab`"),
        "{said}"
    );
    // The nodes of the host are not hosted by the key either.
    let (desk, key) = (lab.key("desk"), lab.rig.text("lab"));
    let words = [
        "node",
        "--join",
        &lab.at,
        "--server-key",
        &desk,
        "--key",
        &key,
    ];
    let mut node = lab
        .rig
        .start("lab", &[&words[..], &["--id", "twice"]].concat());
    assert_eq!(node.end().code(), Some(1));
    assert!(
        node.stderr().contains("whose key is another"),
        "{}",
        node.stderr()
    );
    run.interrupt();
    run.end();
    // A run that is interrupted in its start leaves its directory to the next run.
    lab.rig.assert_no_process_left();
}

#[test]
fn agent_of_an_unknown_host_is_told_the_hosts() {
    let lab = Lab::new();
    let mut run = lab.run(&ENDLESS, ["", ""], &[]);
    run.wait_for_stderr("listening at");
    let (desk, key) = (lab.key("desk"), lab.rig.text("lab"));
    let words = [
        "agent",
        "--join",
        &lab.at,
        "--server-key",
        &desk,
        "--key",
        &key,
    ];
    let mut agent = lab
        .rig
        .start("lab", &[&words[..], &["--name", "rig", "--once"]].concat());
    assert_eq!(agent.end().code(), Some(1));
    let said = agent.stderr();
    assert!(
        said.contains("the run has no nodes on a host `rig`; it has some on `lab`, `roof`"),
        "{said}"
    );
    run.interrupt();
    run.end();
    // A run that is interrupted in its start leaves its directory to the next run.
    lab.rig.assert_no_process_left();
}

#[test]
fn missing_agent_is_named_with_its_command() {
    let lab = Lab::new();
    let mut agent = lab.agent("roof", &["--once"]);
    let mut run = lab.run(&CHAIN, ["", ""], &["--wait", "3"]);
    assert_eq!(run.end().code(), Some(1));
    let said = run.stderr();
    assert!(
        said.contains(
            "`twice` (no agent of host `lab` has joined: run `noob-zmq agent --join ADDR \
             --server-key KEY --name lab` there)"
        ),
        "{said}"
    );
    agent.wait_for_success();
    lab.rig.assert_nothing_left("");
}
