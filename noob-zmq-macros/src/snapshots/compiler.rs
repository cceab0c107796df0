//! Compares expansions of the examples by the compiler with those by the functions behind the
//! snapshots.

use std::path::Path;
use std::process::Command;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Item;
use syn::spanned::Spanned as _;

use super::hidden_macros::KnownSpecs;

const ACTORS: [&str; 4] = ["custom_runner", "monitor", "pipeline", "timed"];

/// Examples of nodes, tubes, messages and add-ons: the cargo target, and its file.
const OTHERS: [(&[&str], &str); 3] = [
    (
        &["--package", "noob-zmq-examples", "--bin", "multiply"],
        "multiply.rs",
    ),
    (
        &["--package", "noob-zmq-examples", "--bin", "typed"],
        "typed.rs",
    ),
    (
        &["--package", "noob-zmq-heartbeat", "--lib"],
        "heartbeat/lib.rs",
    ),
];

/// Returns the impls of the traits of actors, which no macro but ours writes.
fn impls(items: Vec<Item>) -> Vec<String> {
    let ours = |item: &Item| match item {
        Item::Impl(block) => block.trait_.as_ref().is_some_and(|(path, _)| {
            let path = path.to_token_stream().to_string();
            path.starts_with(":: noob_zmq :: actor ::")
        }),
        _ => false,
    };
    items.into_iter().filter(ours).map(print).collect()
}

fn print(item: Item) -> String {
    prettyplease::unparse(&syn::File {
        shebang: None,
        frontmatter: None,
        attrs: Vec::new(),
        items: vec![item],
    })
}

/// Returns whether an item names the library and calls no macro, so that only our macros have
/// written it.
fn is_ours_alone(item: &Item) -> bool {
    let text = item.to_token_stream().to_string();
    let calls = [" ! (", " ! {", " ! [", "# [derive"].iter();
    text.contains(":: noob_zmq ::") && calls.into_iter().all(|call| !text.contains(call))
}

/// Returns the items of an example as `cargo expand` shows them.
fn expanded_by_the_compiler(what: &[&str]) -> Vec<Item> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    // Build scripts that look for `RUSTC_BOOTSTRAP` build their crates differently with it, so that
    // the artifacts of the normal target folder would not fit.
    let this = std::env::current_exe().unwrap();
    let target = this.ancestors().nth(3).unwrap().join("expanded");
    let output = Command::new(env!("CARGO"))
        .args(["rustc", "--quiet", "--profile", "check"])
        .args(what)
        .args(["--", "-Zunpretty=expanded"])
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", target)
        .current_dir(root)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let text = String::from_utf8(output.stdout).unwrap();
    syn::parse_file(&text).unwrap().items
}

/// Returns the items of an example as the functions behind the snapshots expand them.
fn expanded_here(example: &str) -> Vec<Item> {
    let mut specs = KnownSpecs::default();
    specs.add_specs_of("src/runner/zmq/sockets.rs");
    let tokens: TokenStream = specs.file(&format!("../examples/{example}.rs"));
    syn::parse2::<syn::File>(tokens).unwrap().items
}

#[test]
fn every_example_of_actors_matches_the_compiler() {
    for example in ACTORS {
        let what = ["--package", "noob-zmq-examples", "--bin", example];
        let (there, here) = (
            impls(expanded_by_the_compiler(&what)),
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

#[cfg(feature = "tube")]
#[test]
fn every_example_of_nodes_matches_the_compiler() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    for (what, file) in OTHERS {
        let there = expanded_by_the_compiler(what).into_iter().map(print);
        let there: Vec<String> = there.collect();
        let written = std::fs::read_to_string(examples.join(file)).unwrap();
        let items = syn::parse_file(&written).unwrap().items;
        let items = items
            .into_iter()
            .filter(|item| !matches!(item, Item::Use(_)));
        let here = items.map(|item| match item {
            Item::Macro(call) => {
                assert!(call.mac.path.segments.last().unwrap().ident == "tube");
                let at = call.span().start();
                let file = format!("examples/{file}");
                let unique = crate::names::unique(&file, at.line, at.column + 1);
                crate::tube::tube(call.mac.tokens, Some(examples.clone()), &unique)
            }
            other => super::expand(other),
        });
        let here: TokenStream = here.collect();
        let here = syn::parse2::<syn::File>(here).unwrap().items;
        let here: Vec<Item> = here.into_iter().filter(is_ours_alone).collect();
        assert!(here.len() > 1, "{file}");
        for item in here {
            let item = print(item);
            assert!(
                there.contains(&item),
                "{file}: the compiler does not make\n{item}\nbut\n{}",
                there.join("\n")
            );
        }
    }
}
