//! Pools between processes that are killed at any moment.
//!
//! The processes are this test program, run again with the name of its role in the environment.
#![cfg(not(loom))]

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Lines, Write, stdin, stdout};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::{env, fs, thread};

use noob_zmq_frames::{Attachment, Block, Handle, Pool};

const ROLE: &str = "NOOB_ZMQ_FRAMES_ROLE";
const LEN: usize = 200_000;
const POOL: usize = 2_000_000;

/// Returns the value number `n`.
fn value(n: usize) -> Vec<u8> {
    n.to_ne_bytes().repeat(LEN / 8)
}

fn line(n: usize, block: &Block) -> String {
    let mut line = format!("{n} ");
    for byte in block.handle().to_bytes() {
        write!(line, "{byte:02x}").unwrap();
    }
    line
}

fn read_line(line: &str) -> (usize, Handle) {
    let (n, hex) = line.split_once(' ').unwrap();
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    let bytes: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
    (n.parse().unwrap(), Handle::from_bytes(&bytes).unwrap())
}

/// Process in a role, killed at the end at the latest.
struct Process {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Process {
    fn start(role: &str) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args([
                "--exact",
                "role",
                "--nocapture",
                "--quiet",
                "--include-ignored",
            ])
            .env(ROLE, role)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut process = Self {
            child,
            input,
            output,
        };
        // The test harness has lines of its own before.
        while process.receive().expect("the process starts") != "ready" {}
        process
    }

    fn send(&mut self, line: &str) {
        // A process that was killed reads nothing.
        let _ = writeln!(self.input, "{line}");
    }

    fn receive(&mut self) -> Option<String> {
        self.output.next()?.ok()
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Entry of the processes; does nothing as a test.
#[test]
#[ignore = "the entry of other processes"]
fn role() {
    match env::var(ROLE).as_deref() {
        Ok("reader") => reader(),
        Ok("owner") => owner(),
        _ => {}
    }
}

/// Reads what standard input names, and holds the last three values.
fn reader() {
    println!("\nready");
    let lines = stdin().lines().map(Result::unwrap);
    let mut attachment = None;
    let mut held = Vec::new();
    for line in lines {
        let (n, handle) = read_line(&line);
        let attachment =
            attachment.get_or_insert_with(|| Attachment::open(&handle.address()).unwrap());
        let view = attachment.view(&handle);
        let answer = if view.is_some() { "read" } else { "gone" };
        held.extend(view.map(|view| (n, view)));
        let right = held.iter().all(|(n, view)| *view == value(*n));
        println!("{}", if right { answer } else { "corrupted" });
        if held.len() > 3 {
            held.remove(0);
        }
    }
}

/// Publishes values until it is killed, one for each line of standard input.
fn owner() {
    println!("\nready");
    let pool = Pool::new(POOL).unwrap();
    let mut held = Vec::new();
    for (n, _) in stdin().lines().enumerate() {
        let Some(block) = pool.copy(&value(n)) else {
            println!("full");
            continue;
        };
        println!("{}", line(n, &block));
        stdout().flush().unwrap();
        held.push(block);
        if held.len() > 2 {
            held.remove(0);
        }
    }
}

/// Returns pseudo-random numbers.
fn numbers(mut state: u64) -> impl FnMut(u64) -> u64 {
    move |below| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) % below
    }
}

#[test]
fn killed_readers_corrupt_nothing_and_occupy_nothing() {
    let pool = Pool::new(POOL).unwrap();
    let start = || Process::start("reader");
    let mut readers: Vec<Process> = (0..3).map(|_| start()).collect();
    let mut random = numbers(1);
    let mut held = Vec::new();
    let (mut read, mut kills) = (0, 0);
    for n in 0..400 {
        let block = pool.copy(&value(n)).expect("killed readers hold no blocks");
        let text = line(n, &block);
        held.push(block);
        if held.len() > 2 {
            held.remove(0);
        }
        for reader in &mut readers {
            reader.send(&text);
        }
        // While the others read, one may be killed.
        let victim = (random(20) == 0).then(|| random(3) as usize);
        if let Some(victim) = victim {
            for _ in 0..random(2000) {
                thread::yield_now();
            }
            readers[victim].kill();
            readers[victim] = start();
            kills += 1;
        }
        for (at, reader) in readers.iter_mut().enumerate() {
            if Some(at) != victim {
                assert_eq!(reader.receive().as_deref(), Some("read"));
                read += 1;
            }
        }
    }
    assert!(
        read > 1000 && kills > 5,
        "{read} values read, {kills} kills"
    );
    drop((readers, held));
    assert_eq!(pool.used(), 0);
}

#[test]
fn reader_that_is_late_reads_the_right_value_or_none() {
    let pool = Pool::new(POOL).unwrap();
    let mut reader = Process::start("reader");
    let mut answers = [0, 0];
    for n in 0..300 {
        // The owner holds nothing, so that it uses the block while the reader looks for it.
        match pool.copy(&value(n)) {
            Some(block) => reader.send(&line(n, &block)),
            None => continue,
        }
        drop(pool.copy(&value(n + 1000)));
        match reader.receive().as_deref() {
            Some("read") => answers[0] += 1,
            Some("gone") => answers[1] += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(answers.iter().sum::<i32>(), 300, "{answers:?}");
    drop(reader);
    assert_eq!(pool.used(), 0);
}

/// Returns the memory that this process has of pools of `pid`, and its descriptors of them.
fn attached() -> (usize, usize) {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let files = fs::read_dir("/proc/self/fd").unwrap();
    let is_pool = |path: &std::path::Path| path.to_string_lossy().starts_with("/memfd:noob-zmq");
    let files = files.filter_map(|file| fs::read_link(file.ok()?.path()).ok());
    let files = files.filter(|path| is_pool(path)).count();
    let maps = maps
        .lines()
        .filter_map(|line| line.split_once("/memfd:noob-zmq"));
    (maps.count(), files)
}

#[test]
fn values_of_a_killed_owner_stay_and_leave_nothing() {
    let mut random = numbers(2);
    for round in 0..30 {
        let mut owner = Process::start("owner");
        for _ in 0..10 {
            owner.send("next");
        }
        let (n, handle) = read_line(&owner.receive().unwrap());
        let attachment = Attachment::open(&handle.address()).unwrap();
        let mut views = Vec::new();
        views.extend(attachment.view(&handle).map(|view| (n, view)));
        for _ in 0..random(6) {
            let (n, handle) = read_line(&owner.receive().unwrap());
            views.extend(attachment.view(&handle).map(|view| (n, view)));
        }
        for _ in 0..random(2000) {
            thread::yield_now();
        }
        owner.kill();
        // Handles that are under way name values of the owner, or nothing.
        while let Some(line) = owner.receive().filter(|line| line.len() > 80) {
            let (n, handle) = read_line(&line);
            views.extend(attachment.view(&handle).map(|view| (n, view)));
        }
        assert!(!views.is_empty(), "round {round}");
        for (n, view) in &views {
            assert!(*view == value(*n), "round {round}: value {n} is corrupted");
        }
        assert!(Attachment::open(&attachment.address()).is_err());
    }
}

#[test]
#[ignore = "counts what the whole process has: run alone by `nothing_is_left_of_a_pool`"]
fn alone() {
    let mut owner = Process::start("owner");
    owner.send("next");
    let (_, handle) = read_line(&owner.receive().unwrap());
    let attachment = Attachment::open(&handle.address()).unwrap();
    let view = attachment.view(&handle).unwrap();
    assert_eq!(attached(), (1, 1));
    owner.kill();
    drop(attachment);
    assert_eq!(attached(), (1, 1));
    assert_eq!(view, value(0));
    drop(view);
    assert_eq!(attached(), (0, 0));
}

#[test]
fn nothing_is_left_of_a_pool() {
    let status = Command::new(env::current_exe().unwrap())
        .args(["--exact", "alone", "--include-ignored"])
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "run the test `alone` to see why");
}
