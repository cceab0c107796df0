//! Compares what the compiler makes of the examples with what the snapshots would show of them, so that these can be trusted.

use std::path::Path;
use std::process::Command;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Item;

use super::snapshots::Specs;

const EXAMPLES: [&str; 4] = ["custom_runner", "monitor", "pipeline", "timed"];

/// The items that our macros write and that no other macro has a hand in: impls of the traits of actors.
fn impls(items: Vec<Item>) -> Vec<String> {
    let ours = |item: &Item| match item {
        Item::Impl(block) => block.trait_.as_ref().is_some_and(|(path, _)| {
            let path = path.to_token_stream().to_string();
            path.starts_with(":: noob_zmq :: actor ::")
        }),
        _ => false,
    };
    let print = |item: Item| {
        prettyplease::unparse(&syn::File {
            shebang: None,
            frontmatter: None,
            attrs: Vec::new(),
            items: vec![item],
        })
    };
    items.into_iter().filter(ours).map(print).collect()
}

/// What `cargo expand` shows of an example; the exact compiler of this workspace is told to allow it.
fn expanded_by_the_compiler(example: &str) -> Vec<Item> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    // A folder of its own: crates that look for the permission are built otherwise with it, and what was built before would not fit them.
    let this = std::env::current_exe().unwrap();
    let target = this.ancestors().nth(3).unwrap().join("expanded");
    let output = Command::new(env!("CARGO"))
        .args(["rustc", "--quiet", "--profile", "check"])
        .args(["--package", "noob-zmq-examples", "--bin", example])
        .args(["--", "-Zunpretty=expanded"])
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", target)
        .current_dir(root)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let text = String::from_utf8(output.stdout).unwrap();
    syn::parse_file(&text).unwrap().items
}

/// The same by the functions behind the snapshots.
fn expanded_here(example: &str) -> Vec<Item> {
    let mut specs = Specs::default();
    specs.learn("src/runner/zmq/sockets.rs");
    let tokens: TokenStream = specs.file(&format!("../examples/{example}.rs"));
    syn::parse2::<syn::File>(tokens).unwrap().items
}

#[test]
fn the_compiler_makes_of_every_example_what_the_snapshots_show() {
    for example in EXAMPLES {
        let (there, here) = (
            impls(expanded_by_the_compiler(example)),
            impls(expanded_here(example)),
        );
        assert!(!here.is_empty(), "{example}");
        for block in here {
            assert!(
                there.contains(&block),
                "{example}: the compiler does not make\n{block}\nbut\n{}",
                there.join("\n")
            );
        }
    }
}
