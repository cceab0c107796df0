//! Compile errors of every mistake, and programs that must compile; see `README.md` here.

mod pass;

/// Version of the compiler whose texts the `.stderr` files hold, as in `rust-toolchain.toml`.
const PINNED: &str = "rustc 1.95.0 ";

#[test]
fn mistakes_are_told_in_words() {
    let version = std::process::Command::new("rustc")
        .arg("--version")
        .output()
        .expect("rustc runs");
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    if !version.starts_with(PINNED) {
        eprintln!("SKIPPED: the texts are those of {PINNED}, and this is {version}");
        return;
    }
    let cases = trybuild::TestCases::new();
    for folder in [
        "addon", "asset", "handlers", "message", "node", "sockets", "tube",
    ] {
        cases.compile_fail(format!("ui/{folder}/*.rs"));
    }
}
