use crate::graph::Map;
use crate::node::Registry;
use crate::view::{Diagram, dot, mermaid, svg};

const TUBE: &str = "
noob_id: \"a<b>&'c\"
input:
  factor: {type: int, default: 2}
nodes:
  count: {type: noob_zmq.node.tests.count, params: {start: 0}}
  twice: {type: noob_zmq.node.tests.multiply, depends: [{left: count.index}, {right: input.factor}]}
  return: {type: return, depends: [{twice: twice.value}]}
";

fn diagram(text: &str) -> Diagram {
    let tube = crate::tube::from_text("picture.yaml", text, Map::new());
    let tube = tube.unwrap_or_else(|errors| panic!("{errors}"));
    Diagram::of(&tube, Registry::get().unwrap())
}

/// Asserts that every element of an XML text is closed, in order, and that texts are escaped.
fn assert_well_formed(text: &str) {
    let mut open = Vec::new();
    for piece in text.split('<').skip(1) {
        let (tag, rest) = piece.split_once('>').expect("the end of a tag");
        assert!(!rest.contains('>'), "{rest}");
        match (tag.strip_prefix('/'), tag.ends_with('/')) {
            (Some(closed), _) => assert_eq!(open.pop(), Some(closed)),
            (None, false) => open.push(tag.split(' ').next().expect("a name")),
            (None, true) => {}
        }
        let mut entities = rest.split('&').skip(1);
        let known = ["amp;", "lt;", "gt;", "quot;"];
        assert!(entities.all(|entity| known.iter().any(|known| entity.starts_with(known))));
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn svg_has_every_node_port_and_edge() {
    let picture = svg(&diagram(TUBE));
    assert_well_formed(&picture);
    for part in [
        "<title>a&lt;b&gt;&amp;'c</title>",
        "<g class=\"input\">",
        "<g class=\"source\">",
        "<g class=\"return\">",
        ">noob_zmq.node.tests.multiply</text>",
        "<title>count.index: u64 → twice.left: i64</title>",
        "<title>input.factor: int → twice.right: i64</title>",
        "<title>twice.value: i64 → return.twice</title>",
    ] {
        assert!(picture.contains(part), "{part:?} is not in\n{picture}");
    }
}

#[test]
fn mermaid_has_a_line_for_each_node_and_edge() {
    let expected = "flowchart LR
    n0[/\"input\"/]
    n1([\"count<br/>noob_zmq.node.tests.count\"])
    n2[\"twice<br/>noob_zmq.node.tests.multiply\"]
    n3[[\"return<br/>return\"]]
    n1 -->|\"index → left\"| n2
    n0 -->|\"factor → right\"| n2
    n2 -->|\"value → twice\"| n3
";
    assert_eq!(mermaid(&diagram(TUBE)), expected);
}

#[test]
fn dot_has_a_statement_for_each_node_and_edge() {
    let text = dot(&diagram(TUBE));
    for part in [
        "digraph \"a<b>&'c\" {\n",
        "n1 [label=\"count\\nnoob_zmq.node.tests.count\", shape=oval];",
        "n1 -> n2 [label=\"index → left\"];",
        "n2 -> n3 [label=\"value → twice\"];",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
}

#[test]
fn disabled_nodes_optional_and_lossy_edges_are_marked() {
    let text = TUBE
        .replace(
            "{type: noob_zmq.node.tests.count,",
            "{enabled: false, type: noob_zmq.node.tests.count,",
        )
        .replace(
            "{left: count.index}",
            "{left: {from: count.index, policy: latest}}",
        );
    let diagram = diagram(&text);
    let picture = svg(&diagram);
    assert!(
        picture.contains("<g class=\"source disabled\">"),
        "{picture}"
    );
    assert!(picture.contains("class=\"edge drops\""), "{picture}");
    assert!(
        picture.contains("(drops the oldest when 1 wait)"),
        "{picture}"
    );
    assert!(mermaid(&diagram).contains("style n1 stroke-dasharray"));
    assert!(dot(&diagram).contains("shape=oval, style=dashed]"));
}

#[test]
fn tube_inside_is_drawn_inside() {
    let folder = tempfile::tempdir().unwrap();
    let inner = TUBE.replace("\"a<b>&'c\"", "inner");
    std::fs::write(folder.path().join("inner.yaml"), inner).unwrap();
    let outer = folder.path().join("outer.yaml");
    std::fs::write(
        &outer,
        "
noob_id: outer
nodes:
  part: {type: tube, params: {tube: inner}}
  return: {type: return, depends: part.twice}
",
    )
    .unwrap();
    let tube = crate::tube::load(&outer, ()).unwrap_or_else(|errors| panic!("{errors}"));
    let diagram = Diagram::of(&tube, Registry::get().unwrap());
    let picture = svg(&diagram);
    assert_well_formed(&picture);
    assert_eq!(
        picture.matches("<g class=\"return\">").count(),
        2,
        "{picture}"
    );
    assert!(picture.contains("<g class=\"tube\">"), "{picture}");
    assert!(mermaid(&diagram).contains("    subgraph n0[\"part<br/>tube\"]\n        n0_0[/"));
    assert!(dot(&diagram).contains("[label=\"twice → value\", ltail=cluster_n0];"));
}
