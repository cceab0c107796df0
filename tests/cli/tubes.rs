//! Tubes and directories that the command is given.

use std::path::Path;

use noob_zmq_tests::processes::left_in;

use crate::fixture::{Cli, counting_tube, shell, text};

#[test]
fn tube_from_a_pipe_is_read_once() {
    let cli = Cli::new();
    counting_tube(&cli);
    cli.file(
        "outer.yaml",
        "noob_id: outer
nodes:
  inner: {type: tube, params: {tube: t}}
  return: {type: return, depends: inner.value}
",
    );
    for line in [
        "$NZ run - -n 2 < count.yaml",
        "cat count.yaml | $NZ run - -n 2 --runner sync",
        "cat count.yaml | $NZ run /dev/stdin -n 2 --runner sync",
        "$NZ run <(cat count.yaml) -n 2 --runner task",
        "mkfifo f; cat count.yaml > f & $NZ run f -n 2 --runner sync; wait",
        "mkfifo f.yaml; cat count.yaml > f.yaml & $NZ run f.yaml -n 2 --runner sync; wait",
    ] {
        assert_eq!(
            shell(&cli, line),
            ("0\n1\n".into(), String::new()),
            "{line}"
        );
    }
    let (stdout, stderr) = shell(&cli, "cat count.yaml | $NZ check -");
    assert_eq!(stdout, "-: 2 nodes, no mistakes\n", "{stderr}");
    let (_, stderr) = shell(&cli, "echo 'noob_id: 3' | $NZ check -");
    assert!(stderr.contains("/dev/stdin:1:10"), "{stderr}");
    // Tubes that it mentions are those of the current directory.
    let (stdout, stderr) = shell(&cli, "cat outer.yaml | $NZ check -");
    assert_eq!(stdout, "-: 2 nodes, no mistakes\n", "{stderr}");
}

#[test]
fn relative_runtime_directory_is_used() {
    let cli = Cli::new();
    counting_tube(&cli);
    let (stdout, stderr) = shell(&cli, "$NZ run count.yaml -n 1");
    assert_eq!((stdout, stderr), ("0\n".into(), String::new()));
    let directory = cli.dir.path().join("r");
    assert!(directory.is_dir());
    assert_eq!(left_in(&directory), Vec::<String>::new());
}

#[test]
fn unwritable_runtime_directory_gets_a_hint() {
    let cli = Cli::new();
    let tube = counting_tube(&cli);
    let mut command = cli.command();
    command.args(["run", &tube, "-n", "1"]);
    let output = command
        .env("NOOB_ZMQ_RUNTIME_DIR", "/dev/null/r")
        .output()
        .unwrap();
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(
        error.contains("cannot create `/dev/null/r`: Not a directory")
            && error.contains("set `NOOB_ZMQ_RUNTIME_DIR` to a directory of your own"),
        "{error}"
    );
}

#[test]
fn tube_id_is_searched_in_configured_folders() {
    let cli = Cli::new();
    std::fs::create_dir_all(cli.dir.path().join("tubes/deep")).unwrap();
    let count = "nodes:
  n: {type: noob_zmq.numbers.count, params: {limit: 2}}
  r: {type: return, depends: n.value}
";
    cli.file("tubes/base.yaml", format!("noob_id: base\n{count}"));
    let two =
        "noob_id: two\nextends: [base]\nnodes:\n  r: {type: return, depends: [{n: n.value}]}\n";
    cli.file("tubes/deep/two.yaml", two);
    let folders = cli.dir.path().join("tubes");
    let run = |arguments: &[&str], folders: &Path| {
        let mut command = cli.command();
        command
            .env("NOOB_CONFIG_DIRS", folders)
            .env("COLUMNS", "1000");
        command.args(arguments).output().unwrap()
    };
    let output = run(&["run", "two", "--runner", "sync", "--json"], &folders);
    assert_eq!(
        text(&output.stdout),
        "{\"n\":0}\n{\"n\":1}\n",
        "{}",
        text(&output.stderr)
    );
    let output = run(&["check", "tow"], &folders);
    assert_eq!(output.status.code(), Some(1));
    let errors = text(&output.stderr);
    let place = format!("`{}` and all below", folders.display());
    assert!(
        errors.contains("no tube is called `tow`") && errors.contains(&place),
        "{errors}"
    );
    // Tubes are also searched in the folder of the tube.
    let lost = cli.file("lost.yaml", two.replace("base", "bsae"));
    let output = run(&["check", lost.to_str().unwrap()], &folders);
    let errors = text(&output.stderr)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(errors.contains("did you mean `base`?"), "{errors}");
    let beside = format!("`{}`", cli.dir.path().display());
    assert!(errors.replace("│ ", "").contains(&beside), "{errors}");
}

#[test]
fn strict_check_makes_warnings_errors() {
    let cli = Cli::new();
    cli.file(
        "first.yaml",
        "noob_id: first
input:
  text: {type: str, scope: process}
nodes:
  words: {type: noob_zmq.text.words, depends: [{text: input.text}]}
  each: {type: map, depends: words.value}
  upper: {type: noob_zmq.text.upper, depends: [{text: each.value}]}
  return: {type: return, depends: upper.value}
",
    );
    counting_tube(&cli);
    let (stdout, stderr) = shell(&cli, "$NZ check first.yaml; echo $?");
    assert_eq!(stdout, "first.yaml: 4 nodes, no mistakes, 1 warning\n0\n");
    for part in [
        "only the first item of an epoch is returned",
        "first.yaml:8:35",
        "`[upper.value]` returns all items",
    ] {
        assert!(stderr.contains(part), "{part}: {stderr}");
    }
    let (stdout, stderr) = shell(&cli, "$NZ check --strict first.yaml; echo $?");
    assert_eq!(stdout, "1\n");
    assert!(
        stderr.contains("only the first item") && stderr.contains("`--strict` allows no warnings"),
        "{stderr}"
    );
    let (stdout, _) = shell(&cli, "$NZ check --strict count.yaml; echo $?");
    assert_eq!(stdout, "count.yaml: 2 nodes, no mistakes\n0\n");
}

#[test]
fn file_that_is_not_utf_8_is_named_with_place_and_remedy() {
    let cli = Cli::new();
    let utf16 = "\u{feff}noob_id: t\n".encode_utf16();
    let utf16: Vec<u8> = utf16.flat_map(u16::to_le_bytes).collect();
    let (utf16, latin) = (
        cli.file("u.yaml", utf16),
        cli.file("l.yaml", b"# caf\xE9\n"),
    );
    let nul = cli.file("n.yaml", b"noob_id: t\0\n");
    for (file, parts) in [
        (
            &utf16,
            ["u.yaml`", "it is UTF-16", "iconv -f UTF-16 -t UTF-8"],
        ),
        (
            &latin,
            ["l.yaml`: line 1, column 6", "0xE9", "iconv -f LATIN1"],
        ),
        (
            &nul,
            ["n.yaml:1:11", "a NUL byte", "save the file as UTF-8"],
        ),
    ] {
        for command in ["check", "run"] {
            let output = cli.run(&[command, file.to_str().unwrap()]);
            let errors = text(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{errors}");
            for part in parts {
                assert!(errors.contains(part), "{part}: {errors}");
            }
        }
    }
}
