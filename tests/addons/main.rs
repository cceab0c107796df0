//! Add-on handlers of other crates, over real sockets: what they handle arrives at them, and what
//! nobody handles is dropped and told.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use noob_zmq::actor::{ActorLoop, Pull, Push, Scope, unhandled_count};
use noob_zmq::runner::Runner;
use noob_zmq::wire::{MessageType, NodeStatus, Ping, RawMessage, Status};
use noob_zmq::{Message, Sockets, addon, handlers};
use noob_zmq_heartbeat::Ask;
use noob_zmq_tests::processes::wait_for;
use noob_zmq_tests::remote::Remote;
use noob_zmq_tests::runners::{tube, zmq};

noob_zmq::test_nodes!();

const PATIENCE: Duration = Duration::from_secs(10);

const CHAIN: &str = "
nodes:
  count: {type: test.count}
  twice: {type: test.double, depends: [{value: count.index}]}
  return: {type: return, depends: twice.value}
";

/// `noob-zmq-heartbeat` speaks with the nodes of a run, of whose specs neither names its messages.
#[test]
fn every_node_process_answers_to_an_add_on_of_another_crate() {
    let mut private = zmq(tube(CHAIN));
    private.runner.init().unwrap();
    let handle = private.runner.handle().unwrap();
    let beats = noob_zmq_heartbeat::beats(handle, Duration::from_millis(5));
    let (mut count, mut twice) = (0, 0);
    while count < 3 || twice < 3 {
        let beat = beats.recv_timeout(PATIENCE).unwrap();
        match beat.node.as_str() {
            "count" => count += 1,
            "twice" => twice += 1,
            other => panic!("`{other}` is not in the tube"),
        }
    }
    assert_eq!(private.runner.run(3).unwrap().len(), 3);
    private.runner.deinit().unwrap();
    let ended = wait_for("the end of the answers", PATIENCE, || {
        match beats.try_recv() {
            Err(std::sync::mpsc::TryRecvError::Disconnected) => Some(true),
            _ => None,
        }
    });
    assert!(ended);
}

/// Known to this test and to nobody else.
#[derive(Debug, serde::Serialize, serde::Deserialize, Message)]
#[message(kind = "test.note")]
struct Note(String);

#[addon(Remote, on_inbox(Note))]
fn on_note(remote: &mut Remote, note: Note) {
    remote.heard.push(note.0);
}

/// Has the names that the expansion uses itself.
#[addon(Remote, on_inbox = "named")]
fn message(actor: &mut Remote, context: RawMessage) {
    on_status(actor, context);
}

#[addon(Remote, on_inbox = "status")]
fn on_status(remote: &mut Remote, raw: RawMessage) {
    remote.heard.push(raw.kind().to_owned());
}

#[derive(Sockets)]
#[sockets(path = "own")]
struct OwnSockets {
    #[connect("remote/inbox")]
    #[send(Note, Status, Ask, Ping)]
    outbox: Push<Self>,
    #[bind]
    #[recv(Ping)]
    unused: Pull,
}

struct Own(OwnSockets);

#[handlers(OwnSockets)]
impl Own {
    #[on_unused(MessageType::Ping)]
    fn on_ping(&mut self, _ping: Ping) {}
}

/// Lines of the log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn lines(&self, with: &str) -> usize {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&bytes);
        text.lines().filter(|line| line.contains(with)).count()
    }
}

/// `Ask` is known to this program, but `Remote` has no add-on for it.
#[tokio::test]
async fn what_no_add_on_handles_is_counted_logged_and_dropped() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
        .with_writer(move || writer.clone())
        .init();
    let directory = tempfile::tempdir().unwrap();
    let scope = |id: &str| Scope {
        runtime_dir: directory.path().to_owned(),
        runner_id: "r".to_owned(),
        id: id.to_owned(),
    };
    let remote = ActorLoop::open(scope("remote"), Remote::new).await.unwrap();
    let own = ActorLoop::open(scope("own"), Own).await.unwrap();
    let (there, here) = (remote.handle(), own.handle());
    let acting = [tokio::spawn(remote.run()), tokio::spawn(own.run())];

    let before = unhandled_count();
    here.tell(|own| {
        let outbox = &own.0.outbox;
        outbox.send(&Note("of this crate".to_owned())).unwrap();
        outbox.send(&Ask { number: 1 }).unwrap();
        outbox
            .send(&Status::new("own".into(), NodeStatus::Ready))
            .unwrap();
        outbox.send(&Ping).unwrap();
    })
    .unwrap();
    // The ping was sent last, and one socket keeps the order.
    let heard = loop {
        let heard = there.ask(|remote| remote.heard.clone()).await.unwrap();
        if heard.last().is_some_and(|last| last == "ping") {
            break heard;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(heard, ["of this crate", "status", "ping"]);
    assert_eq!(unhandled_count(), before + 1);
    assert_eq!(log.lines("kind=\"heartbeat.ask\""), 1);
    here.stop();
    there.stop();
    for acting in acting {
        acting.await.unwrap();
    }
}
