//! Long measurements: memory while many events pass, and many starts and stops.
//!
//! Run by `tests/soak`.
//!
//! `soak memory EVENTS`, `soak starts TIMES [NODES]`, `soak answers TIMES`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use noob_zmq::graph::{Map, Value};
use noob_zmq::runner::zmq::{RouterMessage, ZmqRunnerBuilder};
use noob_zmq::runner::{Runner, RunnerExt, ZmqRunner};
use noob_zmq::wire::{Ping, Stop};
use noob_zmq_tests::processes::{left_in, of_run};

type Outcome = Result<(), Box<dyn Error>>;

/// Growth of the memory of a process that is allowed during a run, in KiB.
const GROWTH: u64 = 50 << 10;
/// Interval at which the memory is measured.
const LOOK: Duration = Duration::from_millis(100);

#[noob_zmq::main]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| arguments.get(at).and_then(|text| text.parse::<u64>().ok());
    let outcome = match (arguments.first().map(String::as_str), number(1)) {
        (Some("memory"), Some(events)) => slow_node(events).and_then(|()| slow_reader(events)),
        (Some("starts"), Some(times)) => starts(times, number(2).unwrap_or(5)),
        (Some("answers"), Some(times)) => answers(times),
        _ => Err("what: memory EVENTS, starts TIMES [NODES], or answers TIMES".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            println!("FAILED: {why}");
            ExitCode::FAILURE
        }
    }
}

fn runner(text: &str) -> Result<ZmqRunnerBuilder, Box<dyn Error>> {
    let text = format!("noob_id: soak\n{text}");
    let tube = noob_zmq::tube::from_text("soak.yaml", &text, ())?;
    Ok(ZmqRunner::builder(tube))
}

/// A source against a node that sleeps for a millisecond every 100 events.
fn slow_node(events: u64) -> Outcome {
    let mut runner = runner(&format!(
        "nodes:
  count: {{type: test.count, params: {{limit: {events}}}}}
  naps: {{type: test.nap, params: {{every: 100, ms: 1}}, depends: [{{value: count.index}}]}}
  return: {{type: return, depends: naps.value}}
"
    ))?
    .build();
    watched("a node that sleeps", &mut runner, |runner| {
        let mut seen = 0;
        let mut wrong = None;
        runner.run_each_all(&mut |value| {
            if value != Value::Int(seen) {
                wrong = Some(format!("{value} came in the place of {seen}"));
                return ControlFlow::Break(());
            }
            seen += 1;
            ControlFlow::Continue(())
        })?;
        complete(events, seen, wrong)
    })
}

/// A source against a reader of `iter` that stops reading for five seconds.
fn slow_reader(events: u64) -> Outcome {
    let mut runner = runner(&format!(
        "nodes:
  count: {{type: test.count, params: {{limit: {events}}}}}
  twice: {{type: test.double, depends: [{{value: count.index}}]}}
  return: {{type: return, depends: twice.value}}
"
    ))?
    .build();
    watched("a reader that stops for 5 s", &mut runner, |runner| {
        let mut seen = 0;
        let mut wrong = None;
        for value in runner.iter(events)? {
            let value = value?;
            if value != Value::Int(2 * seen) {
                wrong = Some(format!("{value} came in the place of {}", 2 * seen));
                break;
            }
            seen += 1;
            if seen.unsigned_abs() == events / 10 {
                std::thread::sleep(Duration::from_secs(5));
            }
        }
        complete(events, seen, wrong)
    })
}

fn complete(events: u64, seen: i64, wrong: Option<String>) -> Outcome {
    match wrong {
        Some(wrong) => Err(wrong.into()),
        None if seen.unsigned_abs() == events => Ok(()),
        None => Err(format!("{seen} of {events} came").into()),
    }
}

/// Does something with a runner, and looks at the memory of all its processes meanwhile.
fn watched(
    what: &str,
    runner: &mut ZmqRunner,
    run: impl FnOnce(&mut ZmqRunner) -> Outcome,
) -> Outcome {
    runner.init()?;
    let mut processes: BTreeMap<String, u32> = runner
        .processes()
        .into_iter()
        .map(|(node, pid)| (node.to_string(), pid))
        .collect();
    processes.insert("(runner)".into(), std::process::id());
    let over = AtomicBool::new(false);
    let begun = Instant::now();
    let (outcome, seen) = std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut seen: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
            while !over.load(Ordering::Relaxed) {
                for (node, pid) in &processes {
                    let now = resident(*pid);
                    let entry = seen.entry(node).or_insert((now, now));
                    entry.1 = entry.1.max(now);
                }
                std::thread::park_timeout(LOOK);
            }
            seen
        });
        let outcome = run(runner);
        over.store(true, Ordering::Relaxed);
        (outcome, watch.join())
    });
    outcome?;
    let took = begun.elapsed();
    let seen = seen.map_err(|_| "the memory cannot be looked at")?;
    let mut told = String::new();
    let mut most = 0;
    for (node, (start, peak)) in &seen {
        most = most.max(peak - start);
        write!(told, " {node} {}+{}", start >> 10, (peak - start) >> 10)?;
    }
    println!(
        "{what}: nothing lost, {took:.1?}; resident memory, MiB at the start and more at \
            most:{told}"
    );
    runner.deinit()?;
    if most > GROWTH {
        return Err(format!("the memory of a process grew by {} MiB", most >> 10).into());
    }
    Ok(())
}

/// The resident memory of a process in KiB; 0 if it is gone.
fn resident(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

/// Resources that a process could leak: open files, threads, resident memory in KiB.
fn held() -> (usize, usize, u64) {
    let count = |of: &str| fs::read_dir(of).map_or(0, Iterator::count);
    (
        count("/proc/self/fd"),
        count("/proc/self/task"),
        resident(std::process::id()),
    )
}

/// Starts and stops one runner many times, with both cores loaded.
fn starts(times: u64, nodes: u64) -> Outcome {
    let dir = tempfile::TempDir::with_prefix("nz")?;
    let root = dir.path().join("r");
    let mut text = "nodes:\n  n1: {type: test.count}\n".to_owned();
    for node in 2..=nodes {
        let before = node - 1;
        let signal = if before == 1 { "index" } else { "value" };
        writeln!(
            text,
            "  n{node}: {{type: test.double, depends: [{{value: n{before}.{signal}}}]}}"
        )?;
    }
    let last = if nodes == 1 { "index" } else { "value" };
    writeln!(text, "  return: {{type: return, depends: n{nodes}.{last}}}")?;
    let mut runner = runner(&text)?.runtime_dir(&root).build();
    let over = Arc::new(AtomicBool::new(false));
    for _ in 0..std::thread::available_parallelism()?.get() {
        let over = Arc::clone(&over);
        std::thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                std::hint::spin_loop();
            }
        });
    }
    let mut starts = Vec::new();
    let mut before = held();
    let warm = (times / 10).clamp(1, 20);
    for time in 0..times {
        let begun = Instant::now();
        runner.init()?;
        starts.push(begun.elapsed());
        let id = runner.runner_id().ok_or("the run has no name")?.to_owned();
        if runner.process(Map::new())? != Some(Value::Int(0)) {
            return Err(format!("start {time} returned something else").into());
        }
        runner.deinit()?;
        let (processes, files) = (of_run(&id), left_in(&root));
        if !processes.is_empty() || !files.is_empty() {
            return Err(format!("start {time} left {processes:?}, {files:?}").into());
        }
        if time + 1 == warm {
            before = held();
        }
    }
    let after = held();
    over.store(true, Ordering::Relaxed);
    starts.sort();
    let at = |part: usize| starts[(starts.len() - 1) * part / 100];
    println!(
        "{times} starts and stops of {nodes} nodes under load: nothing left; start: median \
            {:.0?}, 99 of 100 within {:.0?}, longest {:.0?}",
        at(50),
        at(99),
        at(100)
    );
    println!(
        "the runner's process, after {warm} and after {times}: open files {} and {}, threads {} \
            and {}, resident KiB {} and {}",
        before.0, after.0, before.1, after.1, before.2, after.2
    );
    if after.0 > before.0 || after.1 > before.1 {
        return Err("files or threads are leaked".into());
    }
    if after.2 > before.2 + (8 << 10) {
        return Err("memory is leaked".into());
    }
    Ok(())
}

/// Measures how soon nodes that compute answer a ping and a stop.
fn answers(times: u64) -> Outcome {
    const NODES: usize = 4;
    let mut text = "input: {ms: {type: int, scope: process}}\nnodes:\n".to_owned();
    for node in 0..NODES {
        writeln!(
            text,
            "  n{node}: {{type: test.spin, depends: [{{ms: input.ms}}]}}"
        )?;
    }
    let mut runner = runner(&text)?.build();
    runner.init()?;
    let handle = runner.handle().ok_or("it is not started")?;
    let (told, heard) = mpsc::channel();
    handle.ask_blocking(move |command| {
        command.observe_reports(move |_, report| {
            let _ = match report {
                RouterMessage::Identify(_) => told.send("ping"),
                RouterMessage::Status(_) => told.send("stop"),
                _ => Ok(()),
            };
        });
    })?;
    let computing = Arc::new(AtomicUsize::new(1));
    let still = Arc::clone(&computing);
    let busy = std::thread::spawn(move || {
        let input = Map::from_iter([("ms".to_owned(), Value::Int(10_000))]);
        let outcome = runner.process(input);
        still.store(0, Ordering::Release);
        outcome.map(|_| runner)
    });
    // All of them are called by then, and compute for seconds.
    std::thread::sleep(Duration::from_secs(1));
    let mut took: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    for _ in 0..times {
        for what in ["ping", "stop"] {
            while heard.try_recv().is_ok() {}
            let begun = Instant::now();
            handle.tell(move |command| {
                let _ = match what {
                    "ping" => command.send(&Ping),
                    _ => command.send(&Stop),
                };
            })?;
            let mut answered = 0;
            while answered < NODES {
                if heard.recv_timeout(Duration::from_secs(5))? == what {
                    answered += 1;
                }
            }
            took.entry(what).or_default().push(begun.elapsed());
        }
    }
    if computing.load(Ordering::Acquire) == 0 {
        return Err("the nodes were done before all questions were asked".into());
    }
    for (what, mut took) in took {
        took.sort();
        println!(
            "{what}, answered by all of {NODES} nodes that compute: median {:.1?}, longest of \
                {times} {:.1?}",
            took[took.len() / 2],
            took[took.len() - 1]
        );
    }
    let mut runner = busy.join().map_err(|_| "the call panicked")??;
    let begun = Instant::now();
    let status = runner.status();
    println!(
        "status of {} nodes: {:.1?}",
        status.nodes.len(),
        begun.elapsed()
    );
    runner.deinit()?;
    Ok(())
}
