//! Every fault, in every phase, over three tubes: what becomes of the run is as the table says, and
//! nothing is left over.

mod cell;
mod full;
mod table;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use cell::Cell;
use table::{Fault, Phase, TABLE, Verdict};

/// Three nodes in a row, two ways that meet, and a call for each item of a list.
const SHAPES: [cell::Shape; 3] = [cell::Shape::Chain, cell::Shape::Diamond, cell::Shape::Map];

/// Number of cells that are tried at once: most of their time they wait for processes.
const AT_ONCE: usize = 4;

/// Tries a fault in every phase over every tube; tells of all cells that are not as the table says.
fn try_all(fault: Fault) {
    // A word of a cell's description, to try some alone: `Process`, `shape: Map`.
    let only = std::env::var("FAULTS_ONLY").unwrap_or_default();
    let cells: Vec<Cell> = TABLE
        .iter()
        .filter(|(of, ..)| *of == fault)
        .flat_map(|&(fault, phase, verdict)| {
            SHAPES.map(|shape| Cell {
                fault,
                phase,
                shape,
                verdict,
            })
        })
        .filter(|cell| format!("{cell:?}").contains(&only))
        .filter(|cell| !matches!(cell.verdict, Verdict::NoSense(_)))
        .collect();
    let (left, wrong) = (Mutex::new(cells), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(cell) = left.lock().unwrap().pop() else {
                        return;
                    };
                    let tried = catch_unwind(AssertUnwindSafe(|| match fault {
                        Fault::Full => full::try_it(cell),
                        _ => cell.try_it(),
                    }));
                    if let Err(why) = tried {
                        let why = why
                            .downcast::<String>()
                            .map_or_else(|_| "see above".into(), |why| *why);
                        wrong.lock().unwrap().push(format!("{cell:?}: {why}"));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(
        wrong.is_empty(),
        "not as the table says:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_table_has_every_fault_in_every_phase_once() {
    for (fault, _, verdict) in TABLE {
        for phase in Phase::ALL {
            let rows = TABLE.iter().filter(|row| (row.0, row.1) == (*fault, phase));
            assert_eq!(rows.count(), 1, "{fault:?} {phase:?}");
        }
        assert!(!matches!(verdict, Verdict::NoSense("")));
    }
    assert_eq!(TABLE.len(), 8 * Phase::ALL.len());
}

#[test]
fn sigkill() {
    try_all(Fault::Kill);
}

#[test]
fn sigstop() {
    try_all(Fault::Stop);
}

#[test]
fn an_exit() {
    try_all(Fault::Exit);
}

#[test]
fn a_panic() {
    try_all(Fault::Panic);
}

#[test]
fn an_error() {
    try_all(Fault::Error);
}

#[test]
fn a_hang() {
    try_all(Fault::Hang);
}

#[test]
fn closed_sockets() {
    try_all(Fault::Cut);
}

#[test]
fn a_full_disk() {
    try_all(Fault::Full);
}
