//! Agents that the runner starts by the system's ssh, whose configuration, agent and jump hosts are
//! used as they are.

use std::collections::VecDeque;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::Command;

use super::connection::{AgentEnd, AgentMsg, LinePrinter, serve_agent};
use crate::graph::Name;
use crate::standard_streams::status_line;
use crate::sync::lock;

/// Number of lines of ssh that are kept for an error.
const TAIL_LINES: usize = 6;
/// Number of bytes from which a line of ssh is taken for two.
const MAX_LINE: u64 = 8 << 10;
/// Longest time in which ssh ends after the connection to its agent.
const EXIT_TIMEOUT: Duration = Duration::from_secs(2);
/// Longest time in which ssh connects and the agent says hello; the wait of the run ends before.
const HELLO_TIMEOUT: Duration = Duration::from_secs(3600);
/// Exit code of ssh for a failure of its own.
const SSH_FAILED: i32 = 255;

/// Lines that ssh, and its agent before the hello, have written to standard error; once they are
/// shown, further lines are shown as they come.
#[derive(Default)]
struct Lines {
    shown: bool,
    tail: VecDeque<String>,
}

/// Runs the agent of a host by ssh until one of them ends; `agent` is the command of the agent.
///
/// Dropping the future kills ssh, and the agent sees the end of its standard input.
///
/// # Errors
/// The reason of the end, as the rest of a sentence about the agent.
pub(crate) async fn run_by_ssh(
    (host, connection): (&Name, u64),
    target: &str,
    agent: &[Name],
    printer: &LinePrinter,
    messages: impl Fn(AgentMsg),
) -> Result<(), String> {
    let mut child = command(target, agent, host).spawn().map_err(|error| {
        let why = match error.kind() {
            io::ErrorKind::NotFound => "there is no `ssh` in `PATH` on this host".to_owned(),
            _ => format!("`ssh` cannot be run: {error}"),
        };
        format!("cannot be started: {why}")
    })?;
    let (Some(from), Some(to), Some(errors)) =
        (child.stdout.take(), child.stdin.take(), child.stderr.take())
    else {
        return Err("cannot be started: `ssh` has no standard streams".to_owned());
    };
    let lines = Arc::<Mutex<Lines>>::default();
    let forwarded = tokio::spawn(forward(errors, host.clone(), Arc::clone(&lines)));
    let of = (host, connection, HELLO_TIMEOUT);
    let served = serve_agent((from, to), of, printer, |message| {
        if matches!(message, AgentMsg::Joined(_)) {
            show(&mut lock(&lines), host);
        }
        messages(message);
    });
    let Err(end) = served.await else {
        return Ok(());
    };
    if let AgentEnd::OtherVersion(_) | AgentEnd::Refused = end {
        return Err(end.to_string());
    }
    // ssh ends by itself: its output is at the end.
    let status = tokio::time::timeout(EXIT_TIMEOUT, child.wait()).await;
    let _ = tokio::time::timeout(EXIT_TIMEOUT, forwarded).await;
    let lines = lock(&lines);
    let said = lines.tail.iter().cloned().collect::<Vec<_>>().join("; ");
    let status = status.ok().and_then(Result::ok);
    Err(describe(&end, status, target, agent, &said))
}

/// Returns the reason of an end, as the rest of a sentence about the agent.
fn describe(
    end: &AgentEnd,
    status: Option<ExitStatus>,
    target: &str,
    agent: &[Name],
    said: &str,
) -> String {
    let program = agent.first().map_or("", |program| program);
    let said = match said {
        "" => "it said nothing".to_owned(),
        said => said.to_owned(),
    };
    match (end, status) {
        (AgentEnd::Broken(_), Some(status)) => format!("is gone ({status}): {said}"),
        (_, Some(status)) => match status.code() {
            Some(SSH_FAILED) => {
                format!("cannot be started: `ssh {target}` failed: {said}")
            }
            Some(126 | 127) => format!(
                "cannot be started: there is no program `{program}` on that host; name it by \
                 `program` of the host ({said})"
            ),
            _ => format!("has ended before it said hello ({status}): {said}"),
        },
        (end, None) => format!("{end}: {said}"),
    }
}

/// Returns the command that starts the agent.
fn command(target: &str, agent: &[Name], host: &Name) -> Command {
    let words = agent.iter().map(|word| &**word);
    let words = words.chain(["agent", "--stdin", "--name", host]);
    let words: Vec<String> = words.map(quoted).collect();
    let mut command = Command::new("ssh");
    command
        // Nobody is asked for a password, and a dead connection is noticed.
        .args(["-T", "-o", "BatchMode=yes", "-o", "ClearAllForwardings=yes"])
        .args(["-o", "ServerAliveInterval=2", "-o", "ServerAliveCountMax=3"])
        .args(["--", target])
        // The shell of the other host is replaced by the agent.
        .arg(format!("exec {}", words.join(" ")))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A terminal sends Ctrl-C to its foreground group only: to the runner, which then ends the
        // agent in order.
        .process_group(0)
        .kill_on_drop(true);
    command
}

/// Quotes a word for a shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

async fn forward(from: impl AsyncRead + Unpin, host: Name, lines: Arc<Mutex<Lines>>) {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while let Ok(1..) = (&mut from)
        .take(MAX_LINE)
        .read_until(b'\n', &mut line)
        .await
    {
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        line.clear();
        let mut lines = lock(&lines);
        if lines.shown {
            print(&host, &text);
        }
        if lines.tail.len() == TAIL_LINES {
            lines.tail.pop_front();
        }
        lines.tail.push_back(text);
    }
}

/// Shows the lines so far, and from now on each line at once.
fn show(lines: &mut Lines, host: &Name) {
    lines.shown = true;
    for line in lines.tail.drain(..) {
        print(host, &line);
    }
}

fn print(host: &Name, line: &str) {
    let _ = status_line::write_above(format!("[{host}] {line}\n").as_bytes());
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn words_of_the_agent_are_quoted_for_the_shell_of_the_host() {
        let agent = ["/opt/it's/noob-zmq".into(), "-m".into()];
        let command = command("me@lab", &agent, &"lab 1".into());
        let last = command.as_std().get_args().last().unwrap();
        assert_eq!(
            last.to_str().unwrap(),
            r"exec '/opt/it'\''s/noob-zmq' '-m' 'agent' '--stdin' '--name' 'lab 1'"
        );
    }

    #[test]
    fn each_failure_has_a_line_of_its_own() {
        let of = |code: i32, said: &str| {
            let end = AgentEnd::Silent(io::ErrorKind::UnexpectedEof.into());
            let status = ExitStatus::from_raw(code << 8);
            describe(&end, Some(status), "me@lab", &["tool".into()], said)
        };
        assert_eq!(
            of(255, "ssh: Connection refused"),
            "cannot be started: `ssh me@lab` failed: ssh: Connection refused"
        );
        assert!(of(127, "sh: tool: not found").contains("no program `tool` on that host"));
        assert!(of(2, "error: unrecognized subcommand").contains("before it said hello"));
    }
}
