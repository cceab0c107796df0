//! The handle of an actor, turns between its sockets, and no message lost by slowness or a stop.

use std::sync::Arc;
use std::time::Duration;

use noob_zmq::actor::{Actor, ActorError, Pull, Push};
use noob_zmq::{Message, Sockets, handlers};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use super::Place;

#[derive(Debug, Clone, Serialize, Deserialize, Message)]
struct Number(u32);

#[derive(Debug, Clone, Serialize, Deserialize, Message)]
struct Question;

#[derive(Sockets)]
struct SourceSockets {
    #[connect("numbers")]
    #[send(Number)]
    #[peer(SinkSockets::NUMBERS)]
    numbers: Push<Self>,
    #[connect("questions")]
    #[send(Question)]
    #[peer(SinkSockets::QUESTIONS)]
    questions: Push<Self>,
}

#[derive(Sockets)]
struct SinkSockets {
    #[bind("numbers")]
    #[recv(Number)]
    numbers: Pull,
    #[bind("questions")]
    #[recv(Question)]
    questions: Pull,
}

struct Source(SourceSockets);

#[handlers(SourceSockets)]
impl Source {}

impl Source {
    fn send(&self, numbers: std::ops::Range<u32>) -> Result<(), ActorError> {
        numbers
            .into_iter()
            .try_for_each(|n| self.0.numbers.send(&Number(n)))
    }
}

struct Sink {
    _sockets: SinkSockets,
    /// A number is handled only when there is a permit for it.
    permits: Arc<Semaphore>,
    numbers: Vec<u32>,
    /// Counts of the numbers that were handled when each question arrived.
    questions: Vec<usize>,
    fails: bool,
}

#[handlers(SinkSockets)]
impl Sink {
    #[on_numbers(Number)]
    async fn on_number(
        &mut self,
        number: Number,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.permits.acquire().await?.forget();
        self.numbers.push(number.0);
        if self.fails {
            return Err("as it was asked to".into());
        }
        Ok(())
    }

    #[on_questions(Question)]
    fn on_question(&mut self, _question: Question) {
        self.questions.push(self.numbers.len());
    }
}

impl Sink {
    fn new(permits: &Arc<Semaphore>) -> impl FnOnce(SinkSockets) -> Self + Send + use<> {
        let permits = Arc::clone(permits);
        |sockets| Self {
            _sockets: sockets,
            permits,
            numbers: Vec::new(),
            questions: Vec::new(),
            fails: false,
        }
    }
}

const MANY: usize = 20_000;

fn all(n: u32) -> Vec<u32> {
    (0..n).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handle_tells_asks_and_stops() {
    let place = Place::new();
    let permits = Arc::new(Semaphore::new(MANY));
    let sink = Sink::run(place.scope("sink"), Sink::new(&permits))
        .await
        .unwrap();
    let source = Source::run(place.scope("source"), Source).await.unwrap();
    let handle = sink.handle();
    sink.tell(|sink| sink.fails = true).unwrap();
    source
        .ask(|source| source.send(0..3))
        .await
        .unwrap()
        .unwrap();
    // A handler that fails is no reason to stop.
    while sink.ask(|sink| sink.numbers.len()).await.unwrap() < 3 {}
    let elsewhere = handle.clone();
    let numbers = std::thread::spawn(move || elsewhere.ask_blocking(|sink| sink.numbers.clone()));
    assert_eq!(numbers.join().unwrap().unwrap(), all(3));
    sink.stop().await.unwrap();
    assert!(matches!(handle.tell(|_| ()), Err(ActorError::Stopped)));
    assert!(matches!(handle.ask(|_| ()).await, Err(ActorError::Stopped)));
    handle.stop();
    // The address is free again.
    let again = Sink::run(place.scope("sink"), Sink::new(&permits)).await;
    again.unwrap().stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_that_is_flooded_keeps_no_other_waiting() {
    let place = Place::new();
    let permits = Arc::new(Semaphore::new(MANY));
    let sink = Sink::run(place.scope("sink"), Sink::new(&permits))
        .await
        .unwrap();
    let source = Source::run(place.scope("source"), Source).await.unwrap();
    let sent = source.ask(|source| {
        source.send(0..MANY as u32)?;
        source.0.questions.send(&Question)
    });
    sent.await.unwrap().unwrap();
    while sink.ask(|sink| sink.numbers.len()).await.unwrap() < MANY {
        tokio::task::yield_now().await;
    }
    let (numbers, questions) = sink
        .ask(|sink| (sink.numbers.clone(), sink.questions.clone()))
        .await
        .unwrap();
    assert_eq!(numbers, all(MANY as u32));
    // It was sent last, and came long before the flood was over.
    assert!(questions.len() == 1 && questions[0] < MANY, "{questions:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_while_a_handler_is_slow() {
    let place = Place::new();
    let permits = Arc::new(Semaphore::new(0));
    let sink = Sink::run(place.scope("sink"), Sink::new(&permits))
        .await
        .unwrap();
    let source = Source::run(place.scope("source"), Source).await.unwrap();
    source
        .ask(|source| source.send(0..MANY as u32))
        .await
        .unwrap()
        .unwrap();
    // The first handler waits, and everything else behind it.
    tokio::task::yield_now().await;
    permits.add_permits(MANY);
    while sink.ask(|sink| sink.numbers.len()).await.unwrap() < MANY {
        tokio::task::yield_now().await;
    }
    let numbers = sink.ask(|sink| sink.numbers.clone()).await.unwrap();
    assert_eq!(numbers, all(MANY as u32));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sent_before_a_stop_arrives() {
    let place = Place::new();
    let permits = Arc::new(Semaphore::new(MANY));
    let sink = Sink::run(place.scope("sink"), Sink::new(&permits))
        .await
        .unwrap();
    let source = Source::run(place.scope("source"), Source).await.unwrap();
    // Connected: what is sent to nobody can arrive nowhere.
    source
        .ask(|source| source.send(0..1))
        .await
        .unwrap()
        .unwrap();
    while sink.ask(|sink| sink.numbers.len()).await.unwrap() < 1 {}
    source.tell(|source| source.send(1..1000).unwrap()).unwrap();
    source.stop().await.unwrap();
    while sink.ask(|sink| sink.numbers.len()).await.unwrap() < 1000 {
        tokio::task::yield_now().await;
    }
    let numbers = sink.ask(|sink| sink.numbers.clone()).await.unwrap();
    assert_eq!(numbers, all(1000));
}

/// Records of the handlers of an actor, read after its end.
struct Left(
    Arc<std::sync::Mutex<Vec<u32>>>,
    #[expect(dead_code, reason = "kept open")] SinkSockets,
);

#[handlers(SinkSockets)]
impl Left {
    #[on_numbers(Number)]
    fn on_number(&mut self, number: Number) {
        if number.0 == 0 {
            // Time for the others to arrive behind it.
            std::thread::sleep(Duration::from_millis(300));
        }
        self.0.lock().unwrap().push(number.0);
    }

    #[on_questions(Question)]
    fn on_question(&mut self, _question: Question) {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_arrived_before_a_stop_is_handled() {
    let place = Place::new();
    let left = Arc::default();
    let kept = Arc::clone(&left);
    let sink = Left::run(place.scope("sink"), |sockets| Left(kept, sockets))
        .await
        .unwrap();
    let source = Source::run(place.scope("source"), Source).await.unwrap();
    source
        .ask(|source| source.send(0..100))
        .await
        .unwrap()
        .unwrap();
    source.stop().await.unwrap();
    // The first message is being handled, or was not read yet; a stop waits for its turn, and for
    // what came before it.
    let arrived = async {
        while left.try_lock().is_ok_and(|left| left.is_empty()) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), arrived)
        .await
        .expect("what was sent arrives");
    sink.stop().await.unwrap();
    assert_eq!(*left.lock().unwrap(), all(100));
}
