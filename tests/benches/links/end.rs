//! Measured actor: it has the sockets of a node, emits events and receives those of the other end.

use std::time::{Duration, Instant};

use noob_zmq::actor::{ActorError, Sub, XPub};
use noob_zmq::graph::{Bytes, Emit, Epoch, Event, Name, Timestamp, Value};
use noob_zmq::wire::{Events, Subscription};
use noob_zmq::{Sockets, handlers};
use tokio::sync::oneshot;

/// Largest number of events in one message, and of their bytes: those of a batch of the socket.
///
/// A node runner too sends queued events in one message.
const BATCH: (u64, u64) = (64, 64 << 10);

#[derive(Debug, Sockets)]
#[sockets(path = "nodes/{id}", identity = "{id}")]
pub(crate) struct EndSockets {
    #[bind]
    #[recv(Subscription)]
    #[send(Events)]
    pub(crate) outbox: XPub<Self>,
    #[connect]
    #[recv(Events)]
    pub(crate) inbox: Sub,
}

/// Load: size of a payload, number of payloads, and number of unacknowledged ones.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) size: u64,
    pub(crate) count: u64,
    pub(crate) window: u64,
}

/// State of the near end.
enum Task {
    Idle,
    Pings {
        left: usize,
        said: Instant,
        times: Vec<Duration>,
        done: oneshot::Sender<Vec<Duration>>,
    },
    Load {
        load: Load,
        payload: Bytes,
        sent: u64,
        acknowledged: u64,
        done: oneshot::Sender<()>,
    },
}

/// Purpose of an event, by its signal.
mod signal {
    pub(crate) const HELLO: &str = "hello";
    pub(crate) const PING: &str = "ping";
    pub(crate) const PONG: &str = "pong";
    /// Start of a load; the id is the interval of acknowledgements.
    pub(crate) const BEGIN: &str = "begin";
    pub(crate) const LOAD: &str = "load";
    pub(crate) const LAST: &str = "last";
    /// Acknowledgement; the id is the number of received payloads.
    pub(crate) const HEARD: &str = "heard";
}

/// Actor at one end.
pub(crate) struct End {
    pub(crate) sockets: EndSockets,
    name: Name,
    subscribed: bool,
    greeted: bool,
    task: Task,
    count: u64,
    every: u64,
}

#[handlers(EndSockets)]
impl End {
    #[on_outbox(Subscription)]
    fn on_subscription(&mut self, subscription: Subscription) -> Result<(), ActorError> {
        if subscription.subscribed && subscription.topic.is_empty() {
            self.subscribed = true;
            self.say(signal::HELLO, 0, Bytes::new())?;
        }
        Ok(())
    }

    #[on_inbox(Events)]
    fn on_events(&mut self, events: Events) -> Result<(), ActorError> {
        for event in events.0 {
            match &*event.signal {
                signal::HELLO => self.greeted = true,
                signal::PING => self.say(signal::PONG, event.id, payload(event))?,
                signal::PONG => self.ping()?,
                signal::BEGIN => (self.count, self.every) = (0, event.id),
                signal::HEARD => {
                    if let Task::Load { acknowledged, .. } = &mut self.task {
                        *acknowledged = event.id;
                    }
                    self.pump()?;
                }
                last => {
                    self.count += 1;
                    if last == signal::LAST || self.count.is_multiple_of(self.every.max(1)) {
                        self.say(signal::HEARD, self.count, Bytes::new())?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn payload(event: Event) -> Bytes {
    match event.value {
        Emit::Value(Value::Bytes(bytes)) => bytes,
        _ => Bytes::new(),
    }
}

impl End {
    pub(crate) fn new(name: &str, sockets: EndSockets) -> Self {
        Self {
            sockets,
            name: name.into(),
            subscribed: false,
            greeted: false,
            task: Task::Idle,
            count: 0,
            every: 1,
        }
    }

    /// Whether both ends receive from each other.
    pub(crate) const fn is_ready(&self) -> bool {
        self.subscribed && self.greeted
    }

    /// Sends `count` pings, each after the reply to the last.
    pub(crate) fn begin_pings(
        &mut self,
        count: usize,
        done: oneshot::Sender<Vec<Duration>>,
    ) -> Result<(), ActorError> {
        self.task = Task::Pings {
            left: count,
            said: Instant::now(),
            times: Vec::with_capacity(count),
            done,
        };
        self.say(signal::PING, 0, Bytes::from_static(&[b'x'; 64]))
    }

    fn ping(&mut self) -> Result<(), ActorError> {
        let Task::Pings {
            left, said, times, ..
        } = &mut self.task
        else {
            return Ok(());
        };
        times.push(said.elapsed());
        *left -= 1;
        if *left > 0 {
            *said = Instant::now();
            return self.say(signal::PING, 0, Bytes::from_static(&[b'x'; 64]));
        }
        if let Task::Pings { times, done, .. } = std::mem::replace(&mut self.task, Task::Idle) {
            let _ = done.send(times);
        }
        Ok(())
    }

    pub(crate) fn begin_load(
        &mut self,
        load: Load,
        done: oneshot::Sender<()>,
    ) -> Result<(), ActorError> {
        self.task = Task::Load {
            load,
            payload: Bytes::from(vec![b'x'; load.size as usize]),
            sent: 0,
            acknowledged: 0,
            done,
        };
        self.say(signal::BEGIN, load.window / 4, Bytes::new())?;
        self.pump()
    }

    /// Sends payloads until the window is full.
    fn pump(&mut self) -> Result<(), ActorError> {
        let Task::Load {
            load,
            payload,
            sent,
            acknowledged,
            ..
        } = &mut self.task
        else {
            return Ok(());
        };
        let most = BATCH.0.min(BATCH.1 / load.size).max(1);
        while *sent < load.count && *sent - *acknowledged < load.window {
            let room = load.window - (*sent - *acknowledged);
            let batch = most.min(room).min(load.count - *sent);
            let events = (1..=batch).map(|i| {
                let last = *sent + i == load.count;
                let signal = if last { signal::LAST } else { signal::LOAD };
                event(&self.name, signal, *sent + i, payload.clone())
            });
            let events = Events(events.collect());
            self.sockets.outbox.send(&events)?;
            *sent += batch;
        }
        if *acknowledged >= load.count
            && let Task::Load { done, .. } = std::mem::replace(&mut self.task, Task::Idle)
        {
            let _ = done.send(());
        }
        Ok(())
    }

    fn say(&self, signal: &'static str, id: u64, payload: Bytes) -> Result<(), ActorError> {
        let events = Events(vec![event(&self.name, signal, id, payload)]);
        self.sockets.outbox.send(&events)
    }
}

fn event(name: &Name, signal: &'static str, id: u64, payload: Bytes) -> Event {
    let value = Emit::Value(Value::Bytes(payload));
    Event::new(
        id,
        Timestamp::from_micros(0),
        name.clone(),
        signal,
        Epoch::root(1),
        value,
    )
}
