//! `noob-zmq new`: names and directories that are refused; `tests/docs` builds a project.

use std::path::Path;
use std::process::Output;

use crate::fixture::{Cli, text};

fn run(cli: &Cli, arguments: &[&str]) -> Output {
    let mut command = cli.command();
    command.current_dir(cli.dir.path()).args(arguments);
    command.output().unwrap()
}

fn refused(name: &str) -> String {
    let output = run(&Cli::new(), &["new", "--", name]);
    assert_eq!(output.status.code(), Some(2), "{name}");
    text(&output.stderr)
}

#[test]
fn names_that_no_crate_can_have_are_refused() {
    for name in ["Rig", "1rig", "rig.yaml", "räder", "-"] {
        let error = refused(name);
        assert!(error.contains("is no name for a crate"), "{error}");
    }
    for name in ["match", "noob-zmq", "std"] {
        let error = refused(name);
        assert!(error.contains("choose another one"), "{error}");
    }
    assert!(refused("..").contains("name a new directory"));
}

#[test]
fn directory_with_files_is_left_as_it_is() {
    let cli = Cli::new();
    let rig = cli.dir.path().join("rig");
    std::fs::create_dir(&rig).unwrap();
    std::fs::write(rig.join("notes"), "mine").unwrap();
    let output = run(&cli, &["new", "rig"]);
    assert_eq!(output.status.code(), Some(2));
    let error = text(&output.stderr);
    assert!(error.contains("`rig` is not empty"), "{error}");
    assert_eq!(std::fs::read_dir(&rig).unwrap().count(), 1);
    std::fs::write(cli.dir.path().join("file"), "").unwrap();
    let error = text(&run(&cli, &["new", "file"]).stderr);
    assert!(error.contains("`file` is no directory"), "{error}");
}

#[test]
fn library_must_be_there() {
    let cli = Cli::new();
    let error = text(&run(&cli, &["new", "rig", "--library", "nowhere"]).stderr);
    assert!(
        error.contains("`nowhere` does not have the library"),
        "{error}"
    );
    assert!(!cli.dir.path().join("rig").exists());
}

#[test]
fn project_within_a_workspace_stands_alone() {
    let cli = Cli::new();
    std::fs::write(
        cli.dir.path().join("Cargo.toml"),
        "[workspace]\nmembers = []\n",
    )
    .unwrap();
    let output = run(&cli, &["new", "--runner", "my-rig"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let read =
        |file: &str| std::fs::read_to_string(cli.dir.path().join("my-rig").join(file)).unwrap();
    assert!(read("Cargo.toml").ends_with("[workspace]\n"));
    assert!(read("my-rig.yaml").contains("type: my_rig.square"));
    assert!(read("src/main.rs").contains("use my_rig::watch::Watch;"));
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../noob-zmq");
    let library = library.canonicalize().unwrap();
    assert!(read("Cargo.toml").contains(&format!("path = '{}'", library.display())));
}
