//! Mistakes of the graph as a whole: cycles, and nodes below unrelated maps.

use expect_test::expect;

use super::fake::{bad, good};

#[test]
fn cycles_are_reported() {
    expect![[r#"
        tube.yaml:3:34: error: these nodes wait for each other: `a` → `a`
          |
        3 |   a: {type: t.multiply, depends: a.value}
          |                                  ^^^^^^^ closes the circle
          = help: a value cannot depend on itself: cut one of these dependencies
    "#]]
    .assert_eq(&bad("  a: {type: t.multiply, depends: a.value}\n"));
    expect![[r#"
        tube.yaml:3:42: error: these nodes wait for each other: `a` → `b` → `c` → `a`
          |
        3 |   a: {type: t.multiply, depends: [{left: c.value}]}
          |                                          ^^^^^^^ closes the circle
          = help: a value cannot depend on itself: cut one of these dependencies
    "#]]
    .assert_eq(&bad("  a: {type: t.multiply, depends: [{left: c.value}]}
  b: {type: t.multiply, depends: [{left: a.value}]}
  c: {type: t.multiply, depends: [{left: b.value}]}
  below: {type: t.multiply, depends: c.value}
"));
    // Two circles are two mistakes; the longer way round the first is not a third.
    expect![[r#"
        tube.yaml:3:31: error: these nodes wait for each other: `a` → `b` → `a`
          |
        3 |   a: {type: t.pair, depends: [b.value, c.value]}
          |                               ^^^^^^^ closes the circle
          = help: a value cannot depend on itself: cut one of these dependencies

        tube.yaml:6:34: error: these nodes wait for each other: `x` → `y` → `x`
          |
        6 |   x: {type: t.multiply, depends: y.value}
          |                                  ^^^^^^^ closes the circle
          = help: a value cannot depend on itself: cut one of these dependencies

        2 mistakes in tube.yaml
    "#]]
    .assert_eq(&bad("  a: {type: t.pair, depends: [b.value, c.value]}
  b: {type: t.multiply, depends: a.value}
  c: {type: t.multiply, depends: b.value}
  x: {type: t.multiply, depends: y.value}
  y: {type: t.multiply, depends: x.value}
  z: {type: t.pair, depends: [a.value, x.value]}
"));
}

#[test]
fn disabled_node_breaks_a_cycle() {
    good(
        "  a: {type: t.multiply, depends: b.value}
  b: {type: t.multiply, enabled: false, depends: a.value}
",
    );
}

#[test]
fn node_below_unrelated_maps_is_reported() {
    let maps = "  a: {type: t.lists}
  ma: {type: map, depends: a.items}
  mb: {type: map, depends: a.items}
";
    // What stands below it is not reported again.
    expect![["
        tube.yaml:6:3: error: node `p` is downstream of `ma` and of `mb`, two maps of which \
          neither is downstream of the other
          |
        6 |   p: {type: t.pair, depends: [ma.value, mb.value]}
          |   ^ fed by both
          = help: put what must be together into one list and map that, or leave the two unconnected
    "]]
    .assert_eq(&bad(&format!(
        "{maps}  p: {{type: t.pair, depends: [ma.value, mb.value]}}
  q: {{type: t.multiply, depends: p.value}}
"
    )));
    expect![["
        tube.yaml:7:3: error: node `r` is downstream of `ma` and of `mb`, two maps of which \
          neither is downstream of the other
          |
        7 |   r: {type: return, depends: [g.value, mb.n]}
          |   ^ fed by both
          = help: put what must be together into one list and map that, or leave the two unconnected
    "]]
    .assert_eq(&bad(&format!(
        "{maps}  g: {{type: gather, depends: [{{value: ma.value}}, {{n: \
            ma.n}}]}}
  r: {{type: return, depends: [g.value, mb.n]}}
"
    )));
    good(&format!(
        "{maps}  r: {{type: return, depends: [ma.value, a.items]}}\n"
    ));
    good(
        "  a: {type: t.lists}
  m: {type: map, depends: a.items}
  n: {type: map, depends: m.value}
  p: {type: t.pair, depends: [m.value, n.value]}
  q: {type: t.pair, depends: [p.value, n.n]}
",
    );
}
