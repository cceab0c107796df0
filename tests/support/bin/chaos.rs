//! Runs a tube of five nodes while a random node is killed about once a second, and compares the
//! results with an undisturbed run: `tests/chaos 1000000`.

use std::hash::{BuildHasher, RandomState};
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use noob_zmq::runner::{Runner, SyncRunner, ZmqRunner};
use noob_zmq_tests::processes::of_run;
use rustix::process::{Pid, Signal, kill_process};

const TUBE: &str = "
noob_id: chaos
nodes:
  count: {type: noob_zmq.numbers.count, restart: always}
  twice: {type: noob_zmq.numbers.multiply, depends: [{left: count.value}], restart: always}
  sum: {type: noob_zmq.numbers.add, depends: [{left: count.value}, {right: twice.value}], restart: \
    always}
  total: {type: noob_zmq.numbers.total, depends: [{number: sum.value}], restart: always}
  halves: {type: noob_zmq.numbers.divide, params: {right: 2}, depends: [{left: total.value}], \
    restart: always}
  return: {type: return, depends: halves.value}
";

/// Tube whose values are in shared memory.
const LARGE: &str = "
noob_id: chaos
nodes:
  count: {type: noob_zmq.numbers.count, restart: always}
  bytes: {type: large.bytes, depends: [{n: count.value}], restart: always}
  passed: {type: large.pass, depends: [{value: bytes.value}], restart: always}
  numbers: {type: large.numbers, depends: [{n: count.value}], restart: always}
  tensor: {type: large.tensor, depends: [{n: count.value}], restart: always}
  sum:
    type: large.sum
    depends:
    - {bytes: bytes.value}
    - {passed: passed.value}
    - {numbers: numbers.value}
    - {tensor: tensor.value}
    restart: always
  return: {type: return, depends: sum.value}
";

/// Number of epochs at the end of the run in which no node is killed: more than can be open at
/// once.
const UNDISTURBED: u64 = 256;

/// Pseudorandom numbers.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

#[noob_zmq::main]
fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let (large, arguments): (Vec<_>, Vec<_>) =
        std::env::args().skip(1).partition(|word| word == "large");
    let text = if large.is_empty() { TUBE } else { LARGE };
    let mut arguments = arguments.into_iter();
    let epochs: u64 = arguments.next().as_deref().unwrap_or("1000000").parse()?;
    let every: u64 = arguments.next().as_deref().unwrap_or("1000").parse()?;
    let seed = match arguments.next() {
        Some(seed) => seed.parse()?,
        None => RandomState::new().hash_one("chaos") >> 1,
    };
    println!("{epochs} epochs, a node killed every {every} ms or so, seed {seed}");
    let tube = |name| noob_zmq::tube::from_text(name, text, ());
    let mut undisturbed = SyncRunner::new(tube("chaos.yaml")?)?;
    let mut expected = undisturbed.iter(epochs)?;
    let mut runner = ZmqRunner::new(tube("chaos.yaml")?);
    runner.init()?;
    let id = runner.runner_id().ok_or("the run has no name")?.to_owned();
    let (over, kills) = (AtomicBool::new(false), AtomicU64::new(0));
    let begun = Instant::now();
    // The consumer of results holds the lock for each result, and the killer while it kills: a run
    // whose next epochs are not open yet cannot end before the killed node is restarted.
    let seen = Mutex::new(0_u64);
    let mut wrong = None;
    let outcome = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut dice = Dice(seed);
            let mut last = 0;
            while !over.load(Ordering::Relaxed) {
                std::thread::park_timeout(Duration::from_millis(every / 2 + dice.below(every)));
                let nodes = of_run(&id);
                let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                // On a slow machine the run needs longer to resume after a restart; a kill before
                // that shows nothing.
                if *seen == last || *seen + UNDISTURBED > epochs || nodes.is_empty() {
                    continue;
                }
                last = *seen;
                let at = usize::try_from(dice.below(nodes.len() as u64)).unwrap_or(0);
                let victim = Pid::from_raw(nodes[at].0.cast_signed());
                if victim.is_some_and(|pid| kill_process(pid, Signal::KILL).is_ok()) {
                    kills.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        let outcome = runner.run_each(epochs, &mut |value| {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            *seen += 1;
            match expected.next() {
                Some(Ok(one)) if one == value => ControlFlow::Continue(()),
                other => {
                    wrong = Some(format!("result {seen} is {value}, without kills {other:?}"));
                    ControlFlow::Break(())
                }
            }
        });
        over.store(true, Ordering::Relaxed);
        outcome
    });
    let took = begun.elapsed().as_secs_f64();
    let seen = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
    let report = runner.report();
    runner.deinit()?;
    if let Some(wrong) = outcome.err().map(|error| error.to_string()).or(wrong) {
        println!("FAILED: {wrong}\n{report}");
        return Ok(ExitCode::FAILURE);
    }
    #[expect(clippy::cast_precision_loss, reason = "shown to people")]
    let rate = seen as f64 / took;
    println!(
        "{seen} results in order, equal to an undisturbed run; {took:.1} s, {rate:.0} epochs/s"
    );
    println!(
        "{} processes killed, {} restarts reported, {} epochs retried",
        kills.load(Ordering::Relaxed),
        report.restarted,
        report.epochs.retried
    );
    Ok(if seen == epochs && report.epochs.done == epochs {
        ExitCode::SUCCESS
    } else {
        println!("FAILED: {epochs} were asked for\n{report}");
        ExitCode::FAILURE
    })
}
