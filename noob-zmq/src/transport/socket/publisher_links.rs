//! Links of other hosts that end at a publisher (XPUB) of this process.
//!
//! Such a link receives its messages from the publisher's task, without a unix socket between. The
//! task of the socket owns the [`PublisherLinks`]; the task of a link finds the publisher by the
//! path that the socket is bound to, and holds a [`LinkEnd`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use zeromq::ZmqMessage;

use super::config::FLUSH;
use crate::sync::lock;

/// Number of bytes that may be queued for one link.
///
/// The publisher then waits for the link, as it waits for a socket whose peer does not read.
const MAX_QUEUED: u32 = 4 << 20;

type Publishers = BTreeMap<PathBuf, mpsc::UnboundedSender<LinkEvent>>;

/// Returns the publishers of this process.
fn publishers() -> MutexGuard<'static, Publishers> {
    // Global: a link knows its publisher by path only. Held for one look-up or change of the map.
    static PUBLISHERS: Mutex<Publishers> = Mutex::new(BTreeMap::new());
    lock(&PUBLISHERS)
}

/// Message of a link to the task of its publisher.
enum LinkEvent {
    Opened(LinkHandle),
    /// A subscription frame: its first byte is 1 to subscribe to the topic that follows, 0 to
    /// unsubscribe.
    Subscribed(u64, Bytes),
    Closed(u64),
}

/// Link as the publisher sees it.
struct LinkHandle {
    link: u64,
    topics: Vec<Bytes>,
    /// Unbounded; `free` bounds the bytes in the queue.
    queue: mpsc::UnboundedSender<QueuedMessage>,
    free: Arc<Semaphore>,
}

/// Message queued for a link, with its share of the link's [`MAX_QUEUED`] bytes.
pub(crate) struct QueuedMessage {
    pub(crate) message: ZmqMessage,
    _bytes: OwnedSemaphorePermit,
}

/// Links that end at a publisher.
#[derive(Default)]
pub(super) struct PublisherLinks {
    bound: Option<(PathBuf, mpsc::UnboundedReceiver<LinkEvent>)>,
    links: Vec<LinkHandle>,
}

impl PublisherLinks {
    /// Lets links find the publisher that is bound to `path`.
    pub(super) fn open(&mut self, path: &Path) {
        let (events, receiver) = mpsc::unbounded_channel();
        publishers().insert(path.to_owned(), events);
        self.bound = Some((path.to_owned(), receiver));
    }

    /// Applies the next subscription and returns its frame, as an XPUB returns it.
    ///
    /// Cancel safe.
    pub(super) async fn subscribed(&mut self) -> Bytes {
        let Some((_, events)) = &mut self.bound else {
            return std::future::pending().await;
        };
        loop {
            match events.recv().await {
                Some(LinkEvent::Opened(link)) => self.links.push(link),
                Some(LinkEvent::Closed(id)) => self.links.retain(|link| link.link != id),
                Some(LinkEvent::Subscribed(id, frame)) => {
                    if let Some(link) = self.links.iter_mut().find(|link| link.link == id) {
                        link.subscribe(&frame);
                        return frame;
                    }
                }
                None => return std::future::pending().await,
            }
        }
    }

    /// Queues a message for the links that subscribe to its topic, and waits for links whose queue
    /// is full.
    pub(super) async fn send(&mut self, message: &ZmqMessage) {
        let Some(topic) = message.get(0) else { return };
        if self.links.is_empty() {
            return;
        }
        let size: usize = message.iter().map(Bytes::len).sum();
        // A message that is larger than the queue takes the whole queue.
        let size = u32::try_from(size).map_or(MAX_QUEUED, |size| size.clamp(1, MAX_QUEUED));
        for link in &self.links {
            if !link.topics.iter().any(|prefix| topic.starts_with(prefix)) {
                continue;
            }
            // Waits, and does not drop: a lost event would leave the run waiting for ever. The
            // semaphore is closed when the link ends, so that a dead link blocks nobody.
            if let Ok(bytes) = Arc::clone(&link.free).acquire_many_owned(size).await {
                let _ = link.queue.send(QueuedMessage {
                    message: message.clone(),
                    _bytes: bytes,
                });
            }
        }
    }

    /// Waits until the links have written their queued messages, for at most [`FLUSH`].
    pub(super) async fn flush(&mut self) {
        let all = async {
            for link in &self.links {
                // All bytes are free only when the queue is empty.
                let _ = link.free.acquire_many(MAX_QUEUED).await;
            }
        };
        if tokio::time::timeout(FLUSH, all).await.is_err() {
            tracing::warn!(
                "a link to another host did not take the messages that were sent last; they are \
                 dropped"
            );
        }
    }
}

impl Drop for PublisherLinks {
    fn drop(&mut self) {
        let Some((path, events)) = &mut self.bound else {
            return;
        };
        // Closed before the map is locked: the entry is then recognized as the one of this socket.
        events.close();
        let mut publishers = publishers();
        // A socket that was bound to the path since keeps its entry.
        if publishers
            .get(path)
            .is_some_and(|events| events.is_closed())
        {
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

/// Handle of a publisher of this process, by which links are opened.
pub(crate) struct PublisherHandle(mpsc::UnboundedSender<LinkEvent>);

/// Returns the publisher of this process that is bound to `path`.
pub(crate) fn find_publisher(path: &Path) -> Option<PublisherHandle> {
    publishers().get(path).cloned().map(PublisherHandle)
}

/// Link as its own task sees it.
///
/// The publisher forgets the link when this end is dropped.
pub(crate) struct LinkEnd {
    link: u64,
    events: mpsc::UnboundedSender<LinkEvent>,
    queue: mpsc::UnboundedReceiver<QueuedMessage>,
    free: Arc<Semaphore>,
}

impl PublisherHandle {
    /// Opens a link without subscriptions.
    pub(crate) fn open_link(self) -> LinkEnd {
        static LINKS: AtomicU64 = AtomicU64::new(0);
        let link = LINKS.fetch_add(1, Ordering::Relaxed);
        let (sender, queue) = mpsc::unbounded_channel();
        let free = Arc::new(Semaphore::new(MAX_QUEUED as usize));
        let _ = self.0.send(LinkEvent::Opened(LinkHandle {
            link,
            topics: Vec::new(),
            queue: sender,
            free: Arc::clone(&free),
        }));
        LinkEnd {
            link,
            events: self.0,
            queue,
            free,
        }
    }
}

impl LinkEnd {
    /// Passes a subscription frame of the peer to the publisher.
    pub(crate) fn subscribe(&self, frame: Bytes) {
        let _ = self.events.send(LinkEvent::Subscribed(self.link, frame));
    }

    /// Returns the next message; `None` when the publisher was closed.
    ///
    /// Cancel safe.
    pub(crate) async fn next(&mut self) -> Option<QueuedMessage> {
        self.queue.recv().await
    }

    /// Returns the next message if one is queued.
    pub(crate) fn try_next(&mut self) -> Option<QueuedMessage> {
        self.queue.try_recv().ok()
    }
}

impl Drop for LinkEnd {
    fn drop(&mut self) {
        // Wakes a publisher that waits for this link.
        self.free.close();
        let _ = self.events.send(LinkEvent::Closed(self.link));
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

    fn topics(link: &mut LinkEnd) -> Vec<Bytes> {
        std::iter::from_fn(|| link.try_next())
            .map(|queued| queued.message.get(0).cloned().unwrap())
            .collect()
    }

    #[tokio::test]
    async fn link_receives_the_topics_it_subscribes_to() {
        let path = Path::new("/links/one");
        assert!(find_publisher(path).is_none());
        let mut links = PublisherLinks::default();
        links.open(path);
        let mut one = find_publisher(path).unwrap().open_link();
        let mut other = find_publisher(path).unwrap().open_link();
        other.subscribe(Bytes::from_static(b"\x01"));
        assert_eq!(links.subscribed().await, &b"\x01"[..]);
        for frame in [&b"\x01a."[..], b"\x01b", b"\x00b"] {
            one.subscribe(Bytes::from_static(frame));
            assert_eq!(links.subscribed().await, frame);
        }
        for topic in ["a.x", "b", "a"] {
            links.send(&message(topic, 1)).await;
        }
        assert_eq!(topics(&mut one), ["a.x"]);
        assert_eq!(topics(&mut other), ["a.x", "b", "a"]);
        let mut next = PublisherLinks::default();
        next.open(path);
        drop(links);
        assert!(one.next().await.is_none());
        assert!(find_publisher(path).is_some());
        drop(next);
        assert!(find_publisher(path).is_none());
    }

    #[tokio::test]
    async fn publisher_waits_for_a_slow_link_but_not_a_closed_one() {
        let path = Path::new("/links/two");
        let mut links = PublisherLinks::default();
        links.open(path);
        let mut link = find_publisher(path).unwrap().open_link();
        link.subscribe(Bytes::from_static(b"\x01"));
        links.subscribed().await;
        let large = message("a", (MAX_QUEUED / 4) as usize);
        for _ in 0..3 {
            links.send(&large).await;
        }
        {
            let mut waits = std::pin::pin!(links.send(&large));
            let now = tokio::time::timeout(Duration::from_millis(1), &mut waits).await;
            assert!(now.is_err());
            drop(link.next().await);
            waits.await;
        }
        // Larger than the queue.
        topics(&mut link);
        links.send(&message("a", 2 * MAX_QUEUED as usize)).await;
        let mut waits = std::pin::pin!(links.send(&large));
        let now = tokio::time::timeout(Duration::from_millis(1), &mut waits).await;
        assert!(now.is_err());
        drop(link);
        waits.await;
    }
}
