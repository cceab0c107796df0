//! The commands of `docs/hosts.md`, run on two hosts.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::namespaces::NamespaceNet;

/// Host of the page: a home with the command in its path.
struct Home {
    dir: TempDir,
    namespace: String,
}

impl Home {
    fn new(namespace: String) -> Self {
        let dir = TempDir::with_prefix("nz").unwrap();
        symlink(env!("CARGO_BIN_EXE_host"), dir.path().join("noob-zmq")).unwrap();
        let words = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/words.yaml");
        std::fs::copy(words, dir.path().join("words.yaml")).unwrap();
        Self { dir, namespace }
    }

    /// Returns the command of a line of the page, in which `ssh` enters the home of the other host.
    fn command(&self, line: &str, homes: &[(&str, &Path)]) -> Command {
        let mut script = String::from("ssh() { case $1 in");
        for (name, home) in homes {
            script += &format!(" {name}) shift; (cd {} && \"$@\");;", home.display());
        }
        script += &format!(" esac; }}\n{line}\n");
        let home = self.dir.path();
        let mut command = Command::new("ip");
        command
            .args(["netns", "exec", &self.namespace, "sh", "-eu", "-c", &script])
            .current_dir(home)
            .env("HOME", home)
            .env("NOOB_ZMQ_RUNTIME_DIR", home.join("r"))
            .env("PATH", format!("{}:/usr/bin:/bin", home.display()))
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("RUST_LOG");
        command
    }
}

fn good(line: &str, output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn commands_of_the_hosts_page_run_a_tube() {
    let Some(net) = NamespaceNet::create() else {
        return;
    };
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/hosts.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (desk, lab) = (Home::new(net.name("desk")), Home::new(net.name("lab")));
    let homes = [("desk", desk.dir.path()), ("lab", lab.dir.path())];
    let commands: Vec<(&Home, &str)> = page
        .lines()
        .filter_map(|line| {
            let (host, command) = line.trim().split_once("$ ")?;
            match host {
                "desk" => Some((&desk, command)),
                "lab" => Some((&lab, command)),
                _ => None,
            }
        })
        .collect();
    let [keys @ .., (runs, run), (hosts, host)] = commands.as_slice() else {
        panic!("the page has no commands");
    };
    assert_eq!(keys.len(), 3);
    for (home, line) in keys {
        good(line, &home.command(line, &homes).output().unwrap());
    }
    let (run_line, mut run) = (run, runs.command(run, &homes));
    let running = std::thread::spawn(move || run.output().unwrap());
    good(host, &hosts.command(host, &homes).output().unwrap());
    let over_hosts = good(run_line, &running.join().unwrap());

    let alone = "noob-zmq run words.yaml --input path=words.yaml --json --runner sync";
    let alone = good(alone, &desk.command(alone, &homes).output().unwrap());
    assert_eq!(over_hosts, alone);
    assert!(!alone.is_empty());
}
