//! The printed table.

use crate::System;
use crate::job::{Frame, Graph, LARGE, Pace, Values};
use crate::rows::{Measure, Row};

/// Prints the medians of all rows, and the ratios of this project to the bare systems.
pub(crate) fn print(rows: &[Row], rounds: usize, seconds: f64) {
    println!("Medians of {rounds} rounds of about {seconds} s each, all systems in turns.\n");
    let systems = System::ALL.map(System::name).join(" | ");
    println!("| | {systems} | × `zeromq` | × unix | × noob |");
    println!("|---|---|---|---|---|---|---|---|");
    let frames = |kind| {
        let is_kind = |row: &&Row| row.job.values == Values::Frames(kind);
        rows.iter().find(is_kind)?.median(System::Ours, "seconds")
    };
    for row in rows {
        match row.measure {
            Measure::Latency => {
                line(row, "p50, µs", |system| row.median(system, "p50"));
                line(row, "p99, µs", |system| row.median(system, "p99"));
            }
            Measure::Rate => rate(row),
            Measure::StartStop => {
                line(row, "start to first value, ms", |system| {
                    row.median(system, "start")
                });
                line(row, "stop, ms", |system| row.median(system, "stop"));
            }
            Measure::Received => {
                line(
                    row,
                    "bytes at the command process for each epoch",
                    |system| row.median(system, "received"),
                );
            }
        }
    }
    for (kind, name) in [(Frame::Vector, "`Vec<u8>`"), (Frame::Array, "`ndarray`")] {
        if let Some((own, bytes)) = frames(kind).zip(frames(Frame::Bytes)) {
            println!(
                "\nFrames as {name} take {:.2} times as long as `Bytes`.",
                own / bytes
            );
        }
    }
}

fn rate(row: &Row) {
    let values = (row.job.count as f64) * row.job.graph.items() as f64;
    let per_second = |system| Some(values / row.median(system, "seconds")?);
    match row.job.values {
        Values::Small | Values::Frames(_) => line(row, "values/s", per_second),
        Values::Large => line(row, "GB/s from the source", |system| {
            Some(per_second(system)? * LARGE as f64 / 1e9)
        }),
    }
    // Of a map, both ends pass lists; its hops have different numbers of events.
    if row.job.pace == Pace::Free && !matches!(row.job.graph, Graph::Map(_)) {
        let events = values * row.job.graph.hops() as f64;
        line(row, "CPU of all processes, µs/event and hop", |system| {
            Some(row.median(system, "cpu")? * 1e6 / events)
        });
    }
}

/// Prints one figure of every system, and the ratios.
fn line(row: &Row, unit: &str, figure: impl Fn(System) -> Option<f64>) {
    let ours = figure(System::Ours);
    let mut cells = vec![format!("{}: {unit}", row.name)];
    cells.extend(System::ALL.map(|system| figure(system).map_or("–".into(), shown)));
    for system in [System::Zmq, System::Unix, System::Noob] {
        let ratio = ours.zip(figure(system)).map(|(ours, theirs)| ours / theirs);
        cells.push(ratio.map_or("–".into(), |ratio| format!("{ratio:.2}")));
    }
    println!("| {} |", cells.join(" | "));
}

/// Returns a number with three significant digits.
fn shown(number: f64) -> String {
    match number {
        _ if number >= 100.0 => format!("{number:.0}"),
        _ if number >= 10.0 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}
