//! Cost of links: `cargo bench -p noob-zmq-tests --bench links`.
//!
//! Two processes send events to each other, XPUB to SUB both ways, through the actors of a run:
//! over ipc, over plain tcp and over authenticated tcp on loopback, where each process has a
//! directory and a listener of its own as two hosts do. They are compared with libzmq over tcp
//! with NULL and with CURVE, if `NOOB_LIBZMQ` names the program that
//! `cc -O2 tests/benches/links/libzmq.c -o PROGRAM -lzmq` makes: two processes too, with the same
//! sizes, counts and windows.
//!
//! All are measured in turns; printed are medians, and ratios of medians. `-- 9` measures nine
//! times, `-- tls 9` that link alone (`ipc`, `plain`). CPU is that of both processes together.
//! All figures are of this machine and this run: compare them with each other only.

mod end;
mod libzmq;
mod ours;

use std::time::Duration;

use crate::end::Load;
use crate::ours::Link;

type Failed = Box<dyn std::error::Error>;

const ROUNDS: usize = 7;
const ROUND_TRIPS: usize = 5000;
const LOADS: [Load; 3] = [
    Load {
        size: 64,
        count: 400_000,
        window: 16_384,
    },
    Load {
        size: 1 << 10,
        count: 200_000,
        window: 8192,
    },
    Load {
        size: 1 << 20,
        count: 600,
        window: 16,
    },
];

/// Result of one measurement.
struct Figures {
    /// Median and 99th percentile of a round trip of 64 bytes.
    round_trip: (Duration, Duration),
    /// As [`LOADS`].
    loads: Vec<Taken>,
}

/// Duration and CPU time of a load, in seconds.
#[derive(Clone, Copy)]
struct Taken {
    seconds: f64,
    cpu: f64,
}

/// Measured link: its name, and its results.
struct Row {
    name: &'static str,
    figures: Vec<Figures>,
}

fn main() -> Result<(), Failed> {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    match words.as_slice() {
        [far, link, near] if far == "far" => ours::far(link, near),
        [] => compare(ROUNDS),
        [rounds] => compare(rounds.parse()?),
        [link, rounds] => alone(Link::named(link)?, rounds.parse()?),
        _ => Err("give the number of rounds, or nothing".into()),
    }
}

fn compare(rounds: usize) -> Result<(), Failed> {
    let program = libzmq::program();
    let rows = [
        "ipc",
        "plain tcp",
        "authenticated tcp",
        "libzmq NULL",
        "libzmq CURVE",
    ];
    let ours = [Link::Ipc, Link::Plain, Link::Tls];
    let taking_part = if program.is_some() { 5 } else { 3 };
    let mut rows: Vec<Row> = rows
        .into_iter()
        .take(taking_part)
        .map(|name| Row {
            name,
            figures: Vec::new(),
        })
        .collect();
    for round in 0..rounds {
        eprintln!("round {} of {rounds}", round + 1);
        for (i, link) in ours.into_iter().enumerate() {
            rows[i].figures.push(ours::measure(link)?);
        }
        if let Some(program) = &program {
            rows[3].figures.push(libzmq::measure(program, "null")?);
            rows[4].figures.push(libzmq::measure(program, "curve")?);
        }
    }
    table(&rows);
    match rows.as_slice() {
        [_, _, tls, _, curve] => ratios(tls, curve),
        _ => println!(
            "\nlibzmq is not compared with: `NOOB_LIBZMQ` names no program; \
             `tests/benches/links/libzmq.c` says how to make it"
        ),
    }
    Ok(())
}

/// Measures one link alone, for a profiler.
fn alone(link: Link, rounds: usize) -> Result<(), Failed> {
    let figures: Result<_, _> = (0..rounds).map(|_| ours::measure(link)).collect();
    let (name, figures) = (link.name(), figures?);
    table(&[Row { name, figures }]);
    Ok(())
}

fn table(rows: &[Row]) {
    println!(
        "| link | round trip 64 B, µs: p50 | p99 | 64 B, 1000/s | CPU, µs each \
         | 1 KiB, 1000/s | CPU, µs each | 1 MiB, GB/s | CPU, µs each |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for row in rows {
        let micros = |seconds: f64| format!("{:.1}", seconds * 1e6);
        let mut cells = vec![
            row.name.to_owned(),
            micros(row.median(|figures| figures.round_trip.0.as_secs_f64())),
            micros(row.median(|figures| figures.round_trip.1.as_secs_f64())),
        ];
        for (i, load) in LOADS.iter().enumerate() {
            let rate = row.rate(i);
            cells.push(if load.size < 1 << 20 {
                format!("{:.0}", rate / 1e3)
            } else {
                format!("{:.2}", rate * load.size as f64 / 1e9)
            });
            cells.push(format!("{:.2}", row.cpu(i) * 1e6));
        }
        println!("| {} |", cells.join(" | "));
    }
}

/// Requirement on authenticated tcp: at least the throughput of CURVE at every size, and at most
/// its latency.
fn ratios(tls: &Row, curve: &Row) {
    let p50 = |row: &Row| row.median(|figures| figures.round_trip.0.as_secs_f64());
    let p99 = |row: &Row| row.median(|figures| figures.round_trip.1.as_secs_f64());
    println!("\nauthenticated tcp, times libzmq CURVE:");
    println!(
        "round trip (at most 1 wanted): p50 {:.2}, p99 {:.2}",
        p50(tls) / p50(curve),
        p99(tls) / p99(curve)
    );
    for (i, load) in LOADS.iter().enumerate() {
        println!(
            "throughput at {} B (at least 1 wanted): {:.2}; CPU {:.2}",
            load.size,
            tls.rate(i) / curve.rate(i),
            tls.cpu(i) / curve.cpu(i)
        );
    }
}

impl Row {
    fn median(&self, of: impl Fn(&Figures) -> f64) -> f64 {
        let mut all: Vec<f64> = self.figures.iter().map(of).collect();
        all.sort_unstable_by(f64::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// Payloads a second.
    fn rate(&self, load: usize) -> f64 {
        LOADS[load].count as f64 / self.median(|figures| figures.loads[load].seconds)
    }

    /// Seconds that both processes run for one payload.
    fn cpu(&self, load: usize) -> f64 {
        self.median(|figures| figures.loads[load].cpu) / LOADS[load].count as f64
    }
}

/// Of times in ascending order.
fn percentile(times: &[Duration], percent: usize) -> Duration {
    let at = times.len() * percent / 100;
    times.get(at).copied().unwrap_or_default()
}
