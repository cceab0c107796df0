//! The compiler and the loader agree on the types of edges: [`TypedEdge`](super::TypedEdge) beside
//! [`fit`](crate::graph::fit).

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use expect_test::expect;

use crate::graph::{Bytes, Fit, HasShape, Value, fit};

/// Verdicts on an edge between two types.
struct Verdict {
    compiler: bool,
    loader: Fit,
}

impl Verdict {
    /// Returns a mark for the table, and `None` for an edge that only the compiler accepts.
    const fn mark(&self) -> Option<char> {
        match (self.compiler, &self.loader) {
            // Both accept every value.
            (true, Fit::Fits) => Some('='),
            // The loader warns that not every value fits, and the compiler accepts.
            (true, Fit::Narrows(_)) => Some('~'),
            // The loader warns, and the compiler rejects.
            (false, Fit::Narrows(_)) => Some('!'),
            // The compiler does not know that the types fit.
            (false, Fit::Fits) => Some('?'),
            // Both reject.
            (false, Fit::Never(_)) => Some('.'),
            (true, Fit::Never(_)) => None,
        }
    }
}

/// Compares all types with all types.
macro_rules! verdicts {
    ($($ty:ty),+) => { verdicts!(@rows [$($ty),+] [$($ty),+]) };
    (@rows [$($from:ty),+] $to:tt) => {
        vec![$((stringify!($from), verdicts!(@row $from, $to))),+]
    };
    (@row $from:ty, [$($to:ty),+]) => {
        vec![$((stringify!($to), Verdict {
            compiler: crate::__private::fits!($from, $to),
            loader: fit(&<$from>::shape(), &<$to>::shape()),
        })),+]
    };
}

#[test]
fn compiler_accepts_no_edge_that_the_loader_rejects() {
    let rows = verdicts!(
        bool,
        i64,
        u8,
        f64,
        String,
        char,
        PathBuf,
        Bytes,
        Value,
        Option<i64>,
        Option<String>,
        Vec<i64>,
        Vec<u8>,
        Vec<String>,
        HashSet<i64>,
        [i64; 2],
        BTreeMap<String, i64>,
        BTreeMap<String, String>
    );
    let mut table = String::new();
    for (from, verdicts) in &rows {
        let marks = verdicts.iter().map(|(to, verdict)| {
            verdict
                .mark()
                .unwrap_or_else(|| panic!("only the compiler accepts `{from}` for `{to}`"))
        });
        table += &format!("{} {from}\n", marks.collect::<String>());
    }
    expect![[r#"
        =.......=......... bool
        .=~=....=?........ i64
        .===....=?........ u8
        ...=....=......... f64
        ....=~===.?....... String
        ....=====.?....... char
        ....=!===.?....... PathBuf
        ....~!!==.!==!?!.. Bytes
        ~~~~~~~~=~~~~~~~~~ Value
        .~~~....==!....... Option<i64>
        ....~~~~=!=....... Option<String>
        .......!=..=~!=~.. Vec<i64>
        .......==..==!=~.. Vec<u8>
        .......!=..!!=!... Vec<String>
        .......!=..=~!=!.. HashSet<i64>
        .......!=..=~.?=.. [i64; 2]
        ........=.......=! BTreeMap<String, i64>
        ........=.......!= BTreeMap<String, String>
    "#]]
    .assert_eq(&table);
}
