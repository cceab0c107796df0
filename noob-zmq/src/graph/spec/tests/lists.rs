//! Warnings of values below a `map` that no result has.

use expect_test::expect;

use super::fake::good;

fn warnings(nodes: &str) -> Vec<String> {
    let tube = good(nodes);
    let warnings = tube.warnings.iter();
    warnings.map(|warning| warning.render()).collect()
}

#[test]
fn lost_lists_below_a_map_are_warned_of_with_a_remedy() {
    let nodes = "  words: {type: t.lists}
  each: {type: map, depends: [{value: words.items}]}
  upper: {type: t.any, depends: [{value: each.value}]}
  pairs: {type: gather, params: {n: 2}, depends: [{value: upper.value}]}
  last: {type: gather, depends: [{value: upper.value}, {trigger: words.items}]}
  inner: {type: map, depends: upper.value}
  outer_n: {type: gather, depends: [inner.value, {n: each.n}]}
  ends: {type: t.any, depends: [pairs.value, last.value, outer_n.value]}
  return: {type: return, depends: upper.value}
";
    expect![["
        tube.yaml:6:34: warning: only the last list of an epoch is returned: gather `pairs` may \
          emit several for the items of map `each`
          |
        6 |   pairs: {type: gather, params: {n: 2}, depends: [{value: upper.value}]}
          |                                  ^ here
          = help: `n: each.n` in its `depends` makes one list of all items; a return of \
            `[upper.value]` returns all items without a gather

        tube.yaml:7:66: warning: only the last list of an epoch is returned: gather `last` may \
          emit several for the items of map `each`
          |
        7 |   last: {type: gather, depends: [{value: upper.value}, {trigger: words.items}]}
          |                                                                  ^^^^^^^^^^^ here
          = help: `n: each.n` in its `depends` makes one list of all items; a return of \
            `[upper.value]` returns all items without a gather

        tube.yaml:9:54: warning: only the last list of an epoch is returned: gather `outer_n` may \
          emit several for the items of map `inner`
          |
        9 |   outer_n: {type: gather, depends: [inner.value, {n: each.n}]}
          |                                                      ^^^^^^ here
          = help: `n: inner.n` in its `depends` makes one list of all items; a return of \
            `[inner.value]` returns all items without a gather

        tube.yaml:11:35: warning: only the first item of an epoch is returned: `upper.value` is \
          emitted for each item of map `each`
           |
        11 |   return: {type: return, depends: upper.value}
           |                                   ^^^^^^^^^^^ here
           = help: `[upper.value]` returns all items
    "]]
    .assert_eq(&warnings(nodes).join("\n"));
}

#[test]
fn whole_lists_of_a_map_are_not_warned_of() {
    for rest in [
        "{type: return, depends: [upper.value]}",
        "{type: return, depends: [{all: upper.value}, {n: each.n}]}",
        "{type: return, depends: all.value}",
        "{type: return, depends: each.n}",
        "{type: return, depends: threes.value}",
        // Nobody reads these lists, or no node is there that could emit them.
        "{type: gather, params: {n: 2}, depends: upper.value}",
        "{type: gather, params: {n: 2}, depends: upper.value, enabled: false}",
    ] {
        let nodes = format!(
            "  words: {{type: t.lists}}
  each: {{type: map, depends: words.items}}
  upper: {{type: t.any, depends: each.value}}
  all: {{type: gather, depends: [upper.value, {{n: each.n}}]}}
  threes: {{type: gather, params: {{n: 3}}, depends: all.value}}
  x: {rest}
"
        );
        assert_eq!(warnings(&nodes), Vec::<String>::new(), "{rest}");
    }
}
