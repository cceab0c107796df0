//! One end of what is measured: an actor with the sockets of a node, that says events and hears those of the other end.

use std::time::{Duration, Instant};

use noob_zmq::actor::{ActorError, Sub, XPub};
use noob_zmq::graph::{Bytes, Emit, Epoch, Event, Name, Timestamp, Value};
use noob_zmq::wire::{Events, Subscription};
use noob_zmq::{Sockets, handlers};
use tokio::sync::oneshot;

/// A node runner sends what has come together in one message. So many events, and so many bytes of them, are sent so here: as much as the link
/// itself packs into one.
const BATCH: (u64, u64) = (64, 64 << 10);

#[derive(Debug, Sockets)]
#[sockets(path = "nodes/{id}", identity = "{id}")]
pub(crate) struct EndSockets {
    #[bind]
    #[recv(Subscription)]
    #[send(Events)]
    pub(crate) outbox: XPub,
    #[connect]
    #[recv(Events)]
    pub(crate) inbox: Sub,
}

/// How much is sent: the size of a payload, how many, and how many may be unacknowledged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) size: u64,
    pub(crate) count: u64,
    pub(crate) window: u64,
}

/// What the near end does at the moment.
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

/// What an event is for, by its signal.
mod signal {
    pub(crate) const HELLO: &str = "hello";
    pub(crate) const PING: &str = "ping";
    pub(crate) const PONG: &str = "pong";
    /// A load begins; the id says how often to acknowledge.
    pub(crate) const BEGIN: &str = "begin";
    pub(crate) const LOAD: &str = "load";
    pub(crate) const LAST: &str = "last";
    /// The id says how many have come.
    pub(crate) const HEARD: &str = "heard";
}

/// One end.
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

    /// Whether both ends hear each other.
    pub(crate) const fn is_ready(&self) -> bool {
        self.subscribed && self.greeted
    }

    /// Says `count` pings, one after the other's answer.
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

    /// Says as much as the window lets it.
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
