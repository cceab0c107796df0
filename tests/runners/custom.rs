//! Custom command nodes.

use noob_zmq::actor::{ActorError, XPub};
use noob_zmq::graph::{Map, Value};
use noob_zmq::runner::zmq::{CommandNode, CommandSockets};
use noob_zmq::runner::{RunError, Runner, RunnerExt, ZmqRunner};
use noob_zmq::wire::{Events, MessageType};
use noob_zmq::{Message, Sockets, handlers};
use noob_zmq_tests::processes::left_in;
use noob_zmq_tests::runners::tube;

#[derive(Debug, serde::Serialize, serde::Deserialize, Message)]
#[message(kind = "progress")]
struct Progress {
    events: usize,
}

#[derive(Sockets)]
#[sockets(path = "watch")]
struct WatchSockets {
    #[sockets]
    command: CommandSockets,
    #[bind]
    #[send(Progress)]
    progress: XPub<Self>,
}

struct Watch {
    inner: CommandNode,
    progress: XPub<WatchSockets>,
    events: usize,
    panics_at: usize,
    fails_at: usize,
}

#[handlers(WatchSockets, delegate(command = inner))]
impl Watch {
    #[on_inbox(MessageType::Events)]
    async fn on_event(&mut self, events: &Events) -> Result<(), ActorError> {
        self.events += events.0.len();
        assert!(self.events < self.panics_at, "the watcher has seen enough");
        if self.events == self.fails_at {
            return Err(ActorError::Stopped);
        }
        self.progress.send(&Progress {
            events: self.events,
        })
    }
}

impl AsMut<CommandNode> for Watch {
    fn as_mut(&mut self) -> &mut CommandNode {
        &mut self.inner
    }
}

const CHAIN: &str = "
nodes:
  count: {type: test.count}
  twice: {type: test.double, depends: [{value: count.index}]}
  return: {type: return, depends: twice.value}
";

fn watched(root: &std::path::Path, panics_at: usize, fails_at: usize) -> ZmqRunner<Watch> {
    let make = move |command: CommandNode, sockets: WatchSockets| Watch {
        inner: command.attach(sockets.command),
        progress: sockets.progress,
        events: 0,
        panics_at,
        fails_at,
    };
    ZmqRunner::builder(tube(CHAIN))
        .command(make)
        .runtime_dir(root)
        .build()
}

#[test]
fn custom_command_node_delegates_other_messages() {
    let dir = tempfile::TempDir::with_prefix("nz").unwrap();
    let root = dir.path().join("r");
    let mut runner = watched(&root, usize::MAX, usize::MAX);
    assert_eq!(runner.run(10).unwrap().last(), Some(&Value::Int(18)));
    let handle = runner.handle().unwrap();
    assert_eq!(handle.ask_blocking(|watch| watch.events).unwrap(), 20);
    let run = root.join(runner.runner_id().unwrap());
    assert!(run.join("watch/progress").exists() && run.join("command/outbox").exists());
    runner.deinit().unwrap();
    assert!(handle.ask_blocking(|watch| watch.events).is_err());
    assert_eq!(left_in(&root), Vec::<String>::new());
}

#[test]
fn handler_panic_ends_the_run_and_leaves_nothing() {
    let dir = tempfile::TempDir::with_prefix("nz").unwrap();
    let root = dir.path().join("r");
    let mut runner = watched(&root, 3, usize::MAX);
    assert_eq!(runner.process(Map::new()).unwrap(), Some(Value::Int(0)));
    let error = runner.process(Map::new()).unwrap_err();
    assert!(
        matches!(error, RunError::Closed { .. })
            && error.to_string().contains("the watcher has seen enough"),
        "{error}"
    );
    runner.deinit().unwrap();
    assert_eq!(left_in(&root), Vec::<String>::new());
}

#[test]
fn observing_handler_error_reaches_caller_and_loses_nothing() {
    let dir = tempfile::TempDir::with_prefix("nz").unwrap();
    let root = dir.path().join("r");
    // Each epoch has an event of `count` and one of `twice`; the third event is of epoch 1.
    let mut runner = watched(&root, usize::MAX, 3);
    assert_eq!(runner.process(Map::new()).unwrap(), Some(Value::Int(0)));
    let error = runner.process(Map::new()).unwrap_err();
    assert!(
        matches!(&error, RunError::Handler { socket: "inbox", error, .. }
            if error.message == ActorError::Stopped.to_string()),
        "{error}"
    );
    assert_eq!(error.kind(), noob_zmq::runner::RunErrorKind::UserCode);
    // The wrapped command node got the event, so the run goes on.
    assert_eq!(runner.process(Map::new()).unwrap(), Some(Value::Int(4)));
    runner.deinit().unwrap();
    assert_eq!(left_in(&root), Vec::<String>::new());
}
