//! The command `noob-zmq keygen`.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use noob_zmq::transport::keys::{AllowedKeys, KeyPair, KeyRole};

fn keygen(home: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_host"))
        .arg("keygen")
        .args(arguments)
        .env_remove("XDG_CONFIG_HOME")
        .env("HOME", home)
        .env("USER", "ada")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn key_is_generated_once_and_its_line_fits_an_allow_file() {
    let home = tempfile::tempdir().unwrap();
    let made = keygen(home.path(), &[]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let path = home.path().join(".config/noob-zmq/key");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    let key = KeyPair::load(&path).unwrap().public();
    let line = text(&made.stdout);
    assert!(
        line.starts_with(&format!("noob-ed25519 {key} ada@")),
        "{line}"
    );
    let allowed = AllowedKeys::parse(Path::new("allow"), &format!("node {line}")).unwrap();
    assert!(allowed.get(&key).unwrap().has_any_role(&[KeyRole::Node]));
    let said = text(&made.stderr);
    assert!(
        said.contains(&key.fingerprint()) && said.contains(".config/noob-zmq/key"),
        "{said}"
    );

    let again = keygen(home.path(), &[]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("never overwritten"));
    let shown = keygen(home.path(), &["--show", "--name", "desk"]);
    assert_eq!(text(&shown.stdout), format!("noob-ed25519 {key} desk\n"));
}

#[test]
fn key_that_others_can_read_is_not_printed() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("key");
    let file = path.to_str().unwrap();
    assert!(keygen(home.path(), &[file]).status.success());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let shown = keygen(home.path(), &[file, "--show"]);
    assert_eq!(shown.status.code(), Some(1));
    assert!(shown.stdout.is_empty());
    let said = text(&shown.stderr);
    assert!(
        said.contains("can be read by others (mode 644)") && said.contains("chmod 600"),
        "{said}"
    );
}

/// The file is a private key to openssl, if that is installed.
#[test]
fn key_is_readable_by_openssl() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("key");
    assert!(
        keygen(home.path(), &[path.to_str().unwrap()])
            .status
            .success()
    );
    let read = Command::new("openssl")
        .args(["pkey", "-noout", "-text", "-in"])
        .arg(&path)
        .output();
    match read {
        Ok(read) => {
            let said = text(&read.stdout) + &text(&read.stderr);
            assert!(
                read.status.success() && said.contains("ED25519 Private-Key"),
                "{said}"
            );
        }
        Err(error) => eprintln!("SKIPPED: no `openssl` to read the key with: {error}"),
    }
}
