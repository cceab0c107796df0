//! Links of other hosts that end at a publisher (XPUB) of this process: they take from it what they subscribe to, and there is no unix socket
//! between. The owner of the socket has [`PublisherLinks`]; who serves a link finds it by the path that the socket is bound to, and has a [`LinkEnd`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use zeromq::ZmqMessage;

use super::handle::FLUSH;

/// How many bytes may wait for one link before the publisher waits for it, as it waits for a socket whose peer does not read.
const ROOM: u32 = 4 << 20;

type Publishers = BTreeMap<PathBuf, mpsc::UnboundedSender<LinkEvent>>;

/// The publishers of this process.
fn publishers() -> MutexGuard<'static, Publishers> {
    static PUBLISHERS: Mutex<Publishers> = Mutex::new(BTreeMap::new());
    PUBLISHERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the owner of a publisher is told by a link.
enum LinkEvent {
    Came(LinkHandle),
    /// Its first byte says whether the topic behind it is subscribed to (1), or not any more (0).
    Subscribed(u64, Bytes),
    Gone(u64),
}

/// A link, as the publisher sees it.
struct LinkHandle {
    link: u64,
    topics: Vec<Bytes>,
    queue: mpsc::UnboundedSender<QueuedMessage>,
    room: Arc<Semaphore>,
}

/// A message on its way to a link, and the room that it takes.
pub(crate) struct QueuedMessage {
    pub(crate) message: ZmqMessage,
    _room: OwnedSemaphorePermit,
}

/// The links that end at a publisher.
#[derive(Default)]
pub(crate) struct PublisherLinks {
    bound: Option<(PathBuf, mpsc::UnboundedReceiver<LinkEvent>)>,
    outlets: Vec<LinkHandle>,
}

impl PublisherLinks {
    /// From now on links find the publisher that is bound to `path`.
    pub(crate) fn open(&mut self, path: &Path) {
        let (calls, called) = mpsc::unbounded_channel();
        publishers().insert(path.to_owned(), calls);
        self.bound = Some((path.to_owned(), called));
    }

    /// The next subscription, as an XPUB gives it; it holds from now on. May be cancelled.
    pub(crate) async fn subscribed(&mut self) -> Bytes {
        let Some((_, called)) = &mut self.bound else {
            return std::future::pending().await;
        };
        loop {
            match called.recv().await {
                Some(LinkEvent::Came(outlet)) => self.outlets.push(outlet),
                Some(LinkEvent::Gone(link)) => self.outlets.retain(|outlet| outlet.link != link),
                Some(LinkEvent::Subscribed(link, frame)) => {
                    let mut outlets = self.outlets.iter_mut();
                    if let Some(outlet) = outlets.find(|outlet| outlet.link == link) {
                        outlet.subscribe(&frame);
                        return frame;
                    }
                }
                None => return std::future::pending().await,
            }
        }
    }

    /// Gives a message to the links that want it; waits for those that have too much of them.
    pub(crate) async fn send(&mut self, message: &ZmqMessage) {
        let Some(topic) = message.get(0) else { return };
        if self.outlets.is_empty() {
            return;
        }
        let size: usize = message.iter().map(Bytes::len).sum();
        let size = u32::try_from(size).map_or(ROOM, |size| size.clamp(1, ROOM));
        for outlet in &self.outlets {
            if !outlet.topics.iter().any(|prefix| topic.starts_with(prefix)) {
                continue;
            }
            let room = Arc::clone(&outlet.room);
            // It is closed when the link has gone.
            if let Ok(room) = room.acquire_many_owned(size).await {
                let _ = outlet.queue.send(QueuedMessage {
                    message: message.clone(),
                    _room: room,
                });
            }
        }
    }

    /// Waits until the links have passed on what they were given, for a while.
    pub(crate) async fn flush(&mut self) {
        let all = async {
            for outlet in &self.outlets {
                let _ = outlet.room.acquire_many(ROOM).await;
            }
        };
        if tokio::time::timeout(FLUSH, all).await.is_err() {
            tracing::warn!("a link to another host did not take what was sent last; it is dropped");
        }
    }
}

impl Drop for PublisherLinks {
    fn drop(&mut self) {
        let Some((path, called)) = &mut self.bound else {
            return;
        };
        called.close();
        let mut publishers = publishers();
        // Whoever has bound the path since is found further on.
        if publishers.get(path).is_some_and(|calls| calls.is_closed()) {
            publishers.remove(path);
        }
    }
}

impl LinkHandle {
    fn subscribe(&mut self, frame: &Bytes) {
        let topic = frame.slice(frame.len().min(1)..);
        if frame.first() == Some(&1) {
            self.topics.push(topic);
        } else if let Some(at) = self.topics.iter().position(|known| *known == topic) {
            self.topics.swap_remove(at);
        }
    }
}

/// A way to a publisher of this process.
pub(crate) struct PublisherHandle(mpsc::UnboundedSender<LinkEvent>);

/// The way to the publisher that is bound to this path, if it is of this process.
pub(crate) fn way(path: &Path) -> Option<PublisherHandle> {
    publishers().get(path).cloned().map(PublisherHandle)
}

/// A link, as it sees its publisher. When it is dropped, the publisher forgets it.
pub(crate) struct LinkEnd {
    link: u64,
    calls: mpsc::UnboundedSender<LinkEvent>,
    queue: mpsc::UnboundedReceiver<QueuedMessage>,
    room: Arc<Semaphore>,
}

impl PublisherHandle {
    /// A new link.
    pub(crate) fn open(self) -> LinkEnd {
        static LINKS: AtomicU64 = AtomicU64::new(0);
        let link = LINKS.fetch_add(1, Ordering::Relaxed);
        let (give, queue) = mpsc::unbounded_channel();
        let room = Arc::new(Semaphore::new(ROOM as usize));
        let outlet = LinkHandle {
            link,
            topics: Vec::new(),
            queue: give,
            room: Arc::clone(&room),
        };
        let _ = self.0.send(LinkEvent::Came(outlet));
        LinkEnd {
            link,
            calls: self.0,
            queue,
            room,
        }
    }
}

impl LinkEnd {
    /// Passes on what a peer has subscribed to, or not any more.
    pub(crate) fn subscribe(&self, frame: Bytes) {
        let _ = self.calls.send(LinkEvent::Subscribed(self.link, frame));
    }

    /// The next message; none when the publisher was closed. May be cancelled.
    pub(crate) async fn next(&mut self) -> Option<QueuedMessage> {
        self.queue.recv().await
    }

    /// The next message that is there already.
    pub(crate) fn more(&mut self) -> Option<QueuedMessage> {
        self.queue.try_recv().ok()
    }
}

impl Drop for LinkEnd {
    fn drop(&mut self) {
        self.room.close();
        let _ = self.calls.send(LinkEvent::Gone(self.link));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn message(topic: &str, size: usize) -> ZmqMessage {
        let frames: Vec<Bytes> = vec![topic.to_owned().into(), vec![0; size].into()];
        ZmqMessage::try_from(frames).unwrap()
    }

    fn topics(line: &mut LinkEnd) -> Vec<Bytes> {
        std::iter::from_fn(|| line.more())
            .map(|queued| queued.message.get(0).cloned().unwrap())
            .collect()
    }

    #[tokio::test]
    async fn a_link_gets_what_it_subscribes_to() {
        let path = Path::new("/outlets/one");
        assert!(way(path).is_none());
        let mut outlets = PublisherLinks::default();
        outlets.open(path);
        let mut one = way(path).unwrap().open();
        let mut other = way(path).unwrap().open();
        other.subscribe(Bytes::from_static(b"\x01"));
        assert_eq!(outlets.subscribed().await, &b"\x01"[..]);
        for frame in [&b"\x01a."[..], b"\x01b", b"\x00b"] {
            one.subscribe(Bytes::from_static(frame));
            assert_eq!(outlets.subscribed().await, frame);
        }
        for topic in ["a.x", "b", "a"] {
            outlets.send(&message(topic, 1)).await;
        }
        assert_eq!(topics(&mut one), ["a.x"]);
        assert_eq!(topics(&mut other), ["a.x", "b", "a"]);
        let mut next = PublisherLinks::default();
        next.open(path);
        drop(outlets);
        assert!(one.next().await.is_none());
        assert!(way(path).is_some());
        drop(next);
        assert!(way(path).is_none());
    }

    #[tokio::test]
    async fn a_publisher_waits_for_a_link_that_lags_and_for_none_that_has_gone() {
        let path = Path::new("/outlets/two");
        let mut outlets = PublisherLinks::default();
        outlets.open(path);
        let mut line = way(path).unwrap().open();
        line.subscribe(Bytes::from_static(b"\x01"));
        outlets.subscribed().await;
        let large = message("a", (ROOM / 4) as usize);
        for _ in 0..3 {
            outlets.send(&large).await;
        }
        {
            let mut waits = std::pin::pin!(outlets.send(&large));
            let now = tokio::time::timeout(Duration::from_millis(1), &mut waits).await;
            assert!(now.is_err());
            drop(line.next().await);
            waits.await;
        }
        // More than there ever is room for.
        topics(&mut line);
        outlets.send(&message("a", 2 * ROOM as usize)).await;
        let mut waits = std::pin::pin!(outlets.send(&large));
        let now = tokio::time::timeout(Duration::from_millis(1), &mut waits).await;
        assert!(now.is_err());
        drop(line);
        waits.await;
    }
}
