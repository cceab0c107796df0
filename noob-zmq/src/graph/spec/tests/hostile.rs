//! Hostile texts cause no panic, and no cost beyond their size.

use proptest::prelude::*;

use super::fake::{bad, make, make_with};
use crate::graph::Map;
use crate::graph::spec::NoTubes;

#[test]
fn aliases_that_multiply_are_rejected() {
    let mut text = String::from(
        "noob_id: t
nodes:
  a:
    type: t.count
    params:
      l0: &l0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]
",
    );
    for level in 1..10 {
        let below = format!("*l{}, ", level - 1).repeat(10);
        text += &format!(
            "      l{level}: &l{level} [{}]\n",
            below.trim_end_matches(", ")
        );
    }
    let errors = make(&text).unwrap_err().to_string();
    assert!(
        errors.contains("aliases (`*name`) make the file grow by more than 100000 values"),
        "{errors}"
    );
}

#[test]
fn nesting_has_a_limit() {
    let deep = |levels| {
        format!(
            "  a: {{type: t.count, params: {{x: {}{}}}}}\n",
            "[".repeat(levels),
            "]".repeat(levels)
        )
    };
    let errors = bad(&deep(100));
    assert!(errors.contains("nested deeper than 64 levels"), "{errors}");
    // The parser has a limit too, for `[` and `{` that it has not taken in yet.
    bad(&deep(100_000));
    let mut text = String::from(
        "noob_id: t\nnodes:\n  a:\n    type: t.count\n    params:\n      l0: &l0 [ha]\n",
    );
    for level in 1..100 {
        text += &format!("      l{level}: &l{level} [*l{}]\n", level - 1);
    }
    assert!(
        make(&text)
            .unwrap_err()
            .to_string()
            .contains("nested deeper than 64 levels")
    );
}

#[test]
fn long_chain_is_checked_in_linear_time() {
    let mut text = String::from("noob_id: t\nnodes:\n  a0: {type: t.lists}\n");
    for at in 1..20_000 {
        let signal = if at == 1 { "items" } else { "value" };
        text += &format!("  a{at}: {{type: map, depends: a{}.{signal}}}\n", at - 1);
    }
    text += "  r: {type: return, depends: [a19999.value, a0.items]}\n";
    make(&text).unwrap();
}

/// Pieces of tubes in random order.
fn pieces() -> impl Strategy<Value = String> {
    let words = [
        "noob_id",
        "nodes",
        "input",
        "assets",
        "extends",
        "type",
        "depends",
        "params",
        "enabled",
        "stateful",
        "scope",
        "default",
        "required",
        "t.count",
        "t.multiply",
        "map",
        "gather",
        "return",
        "tube",
        "a",
        "b",
        "a.index",
        "b.value",
        "input.k",
        "assets.s",
        "k",
        "process",
        "left",
        "n",
        ": ",
        ":",
        "\n",
        "\n  ",
        "\n    ",
        "\n      ",
        "- ",
        "\n- ",
        "{",
        "}",
        "[",
        "]",
        ", ",
        "'",
        "\"",
        "&x ",
        "*x",
        "<<: ",
        "!!int ",
        "!",
        "|\n",
        ">",
        "#",
        "1",
        "0.5",
        "true",
        "null",
        "~",
        "ü",
        "\r",
        "\t",
        "---",
        "...",
        "? ",
        "%",
        "@",
        "\u{feff}",
        "\u{85}",
        "\0",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..60)
        .prop_map(|words| words.concat())
}

/// A tube of valid structure with random values.
fn framed() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("a.index".to_owned()),
        Just("b.value".to_owned()),
        Just("[a.index, {right: b.value}]".to_owned()),
        Just("{tube: {noob_id: x, nodes: {a: {type: t.count}}}}".to_owned()),
        Just("input.k".to_owned()),
        "[a-c.{}\\[\\], :]{0,12}",
        any::<i64>().prop_map(|int| int.to_string()),
    ];
    let types = prop::sample::select(vec![
        "t.count",
        "t.multiply",
        "map",
        "gather",
        "return",
        "tube",
        "t.any",
        "x",
    ]);
    (types.clone(), types, prop::collection::vec(value, 6)).prop_map(|(a, b, v)| {
        format!(
            "noob_id: t
input:
  k: {{type: int, default: {}}}
nodes:
  a: {{type: {a}, depends: {}, params: {}}}
  b: {{type: {b}, depends: {}, enabled: {}, params: {{n: {}}}}}
",
            v[0], v[1], v[2], v[3], v[4], v[5]
        )
    })
}

/// Checks that every report can be rendered, and that every place lies in the text.
fn looks_right(text: &str) {
    match make_with(text, &NoTubes, &Map::new()) {
        Ok(tube) => {
            let _ = tube.generations();
            for warning in &tube.warnings {
                let _ = warning.render();
            }
        }
        Err(errors) => {
            assert!(!errors.diagnostics().is_empty());
            let _ = errors.to_string();
            let _ = errors.render();
            for diagnostic in errors.diagnostics() {
                let place = diagnostic.place;
                assert!(place.line >= 1 && place.column >= 1, "{place:?}");
                assert!(
                    diagnostic
                        .source
                        .text
                        .get(place.offset..place.offset + place.len)
                        .is_some(),
                    "{place:?} of {text:?}"
                );
            }
            let distinct: Vec<String> = errors
                .diagnostics()
                .iter()
                .map(ToString::to_string)
                .collect();
            let mut unique = distinct.clone();
            unique.sort();
            unique.dedup();
            assert_eq!(
                unique.len(),
                distinct.len(),
                "nothing is reported twice: {errors}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_text_does_no_harm(text in any::<String>()) {
        looks_right(&text);
    }

    #[test]
    fn any_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        looks_right(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_pieces_of_tubes_do_no_harm(text in pieces()) {
        looks_right(&text);
    }

    #[test]
    fn any_values_in_a_tube_do_no_harm(text in framed()) {
        looks_right(&text);
    }
}
