//! Tubes of the tests, and where their nodes are placed.

/// Tube, and the nodes on each of the two other hosts.
pub(crate) struct Placed {
    pub(crate) tube: &'static str,
    pub(crate) lab: &'static [&'static str],
    pub(crate) roof: &'static [&'static str],
}

pub(crate) const CHAIN: Placed = Placed {
    tube: "
nodes:
  count: {type: test.count, params: {limit: 500}}
  twice: {type: test.double, depends: [{value: count.index}]}
  four: {type: test.double, depends: [{value: twice.value}]}
  return: {type: return, depends: four.value}
",
    lab: &["twice"],
    roof: &["four"],
};

pub(crate) const DIAMOND: Placed = Placed {
    tube: "
nodes:
  count: {type: test.count, params: {limit: 500}}
  left: {type: test.double, depends: [{value: count.index}]}
  right: {type: test.even, depends: [{value: count.index}]}
  join: {type: test.add, depends: [{left: left.value}, {right: right.value}]}
  sum: {type: test.running_sum, depends: [{value: join.value}]}
  return: {type: return, depends: sum.value}
",
    lab: &["left", "sum"],
    roof: &["right", "count"],
};

pub(crate) const MAP: Placed = Placed {
    tube: "
nodes:
  n: {type: test.count, params: {start: 1, limit: 40}}
  range: {type: test.range, depends: [{n: n.index}]}
  items: {type: map, depends: [{value: range.value}]}
  twice: {type: test.double, depends: [{value: items.value}]}
  all: {type: gather, depends: [{value: twice.value}, {n: items.n}]}
  return: {type: return, depends: all.value}
",
    lab: &["items", "all"],
    roof: &["twice"],
};

/// Tube that runs for some seconds, so that it can be disturbed.
pub(crate) const LONG: Placed = Placed {
    tube: "
nodes:
  count: {type: test.count, params: {limit: 3000}}
  twice: {type: test.slow, params: {ms: 1}, depends: [{value: count.index}], restart: on-failure}
  four: {type: test.double, depends: [{value: twice.value}]}
  return: {type: return, depends: four.value}
",
    lab: &["twice"],
    roof: &["four"],
};

/// Tube without an end.
pub(crate) const ENDLESS: Placed = Placed {
    tube: "
nodes:
  count: {type: test.count}
  twice: {type: test.slow, params: {ms: 1}, depends: [{value: count.index}]}
  four: {type: test.double, depends: [{value: twice.value}]}
  return: {type: return, depends: four.value}
",
    lab: &["twice"],
    roof: &["four"],
};
