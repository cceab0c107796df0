//! Owner tasks: each socket of the `zeromq` crate belongs to one task, and everybody else talks to it through channels.
//!
//! That is what makes the crate safe to use: a send is never cancelled, a receiver is always polled, a connection that broke is made
//! anew, and a peer that does not read holds up its own socket and nobody else.

use std::collections::{HashMap, HashSet, VecDeque};
use std::future::poll_fn;
use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};
use zeromq::{ZmqError, ZmqMessage};

use super::backend::BackendSocket;
use super::batch;
use super::dedicated_runtime;
use super::publisher_links::PublisherLinks;
use super::subscriber::{PeerSocket, SubscriberTask};
use crate::transport::{Endpoint, SocketKind, TransportError};

/// How long one attempt to connect may take before it is begun anew. Long, because an attempt that is given up may already have been
/// taken for a subscriber by the other side: what that publishes before the next attempt is there would be lost. Under load a handshake
/// does take seconds; an attempt that waits holds up nobody.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// Pauses between attempts: the first, doubled up to the last.
pub(super) const RETRY: (Duration, Duration) =
    (Duration::from_millis(10), Duration::from_millis(250));
/// How long a socket that queues inside the crate is kept after the last send: the crate has no other way to let its queue run empty.
const LINGER: Duration = Duration::from_millis(100);
/// How long what was sent before a socket was closed waits for somebody to get it.
pub(crate) const FLUSH: Duration = Duration::from_secs(1);
/// What a topic begins with that bears the name of who subscribes, for the publisher to know.
pub(crate) const SUBSCRIBER: &str = "__subscriber__:";
/// How many queued messages one turn of the owner sends before it looks at what arrives.
const TURN: usize = 64;

/// What a socket is opened with.
#[derive(Debug, Clone)]
pub(crate) struct SocketConfig {
    /// Its kind.
    pub(crate) kind: SocketKind,
    /// Its number among the sockets of the actor.
    pub(crate) socket: usize,
    /// Its name, for logs.
    pub(crate) name: Arc<str>,
    /// Its identity on the wire, where the kind has one.
    pub(crate) identity: Arc<str>,
    /// What it subscribes to (SUB, XSUB), in this order as far as the last is concerned.
    pub(crate) topics: Vec<String>,
    /// Whether it puts an empty frame before what it sends, as a REP expects it of a DEALER.
    pub(crate) delimits: bool,
    /// Whether queued messages of one topic travel as one (XPUB, between Rust processes).
    pub(crate) packs: bool,
    /// How other hosts are reached.
    #[cfg(feature = "remote")]
    pub(crate) network: Option<crate::transport::tcp::AddressResolver>,
}

impl SocketConfig {
    /// The unix socket by which an address is reached.
    fn local(&self, endpoint: &Endpoint) -> Result<Endpoint, TransportError> {
        #[cfg(feature = "remote")]
        match (&self.network, endpoint.remote()) {
            (Some(network), _) => return network.to_local(endpoint),
            (None, Some(_)) => {
                return Err(TransportError::Address {
                    address: endpoint.to_string(),
                    what: "this actor was opened without a network; see `Opener::with_resolver`"
                        .into(),
                });
            }
            (None, None) => {}
        }
        Ok(endpoint.clone())
    }

    /// Whom to hear who has this address.
    fn peer(&self, endpoint: &Endpoint) -> Result<PeerSocket, TransportError> {
        let local = self.local(endpoint)?;
        #[cfg(feature = "remote")]
        if let Some(aim) = self
            .network
            .as_ref()
            .and_then(|network| network.aim(endpoint))
        {
            return Ok(PeerSocket::Remote(aim?));
        }
        Ok(PeerSocket::Local(local))
    }
}

/// Who is at the other end of a connection.
#[derive(Debug)]
pub(crate) struct PeerInfo {
    /// In whose name it speaks, if that is known.
    pub(crate) name: Option<Arc<str>>,
    /// Kinds of message that are not its to send.
    pub(crate) never: Vec<&'static str>,
}

/// A message that arrived.
#[derive(Debug)]
pub(crate) struct Inbound {
    /// Whom it is from, where a connection has a socket of its own and its other end is known.
    pub(crate) from: Option<Arc<PeerInfo>>,
    /// The number of the socket.
    pub(crate) socket: usize,
    /// Its frames, as the socket gives them.
    pub(crate) frames: Vec<Bytes>,
    /// To be dropped when it was handled: a REP hears the next question only then, for an answer goes to whoever asked last.
    pub(crate) handled: Option<oneshot::Sender<()>>,
}

enum SocketCommand {
    Send(ZmqMessage),
    Connect(Endpoint),
}

/// A socket, from outside of its owner task. Cheap to clone; the socket is closed when the last clone is dropped, after all that was
/// queued has been sent.
#[derive(Debug, Clone)]
pub(crate) struct SocketHandle {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    options: SocketConfig,
    jobs: mpsc::UnboundedSender<SocketCommand>,
    arrivals: mpsc::Sender<Inbound>,
    /// For kinds with a socket a peer: the task of each.
    peers: Mutex<HashMap<Endpoint, AbortHandle>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        for task in self
            .peers
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
        {
            task.abort();
        }
    }
}

impl SocketHandle {
    /// Opens a socket that binds.
    ///
    /// # Errors
    /// An address that cannot be bound.
    pub(crate) async fn bind(
        options: SocketConfig,
        endpoint: &Endpoint,
        arrivals: mpsc::Sender<Inbound>,
    ) -> Result<(Self, tokio::task::JoinHandle<()>), TransportError> {
        let Some(path) = endpoint.path().map(std::path::Path::to_owned) else {
            return Err(TransportError::Address {
                address: endpoint.to_string(),
                what: "sockets are bound to paths; a gate listens on tcp".into(),
            });
        };
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)
                .map_err(|error| TransportError::refused("create", parent.display(), error))?;
        }
        let refused = |error: String| TransportError::refused("bind", endpoint, error);
        let place = dedicated_runtime::place(options.kind);
        let place = place.map_err(|error| refused(error.to_string()))?;
        let (jobs, queue) = mpsc::unbounded_channel();
        let mut owner = SocketTask::new(options.clone(), queue, arrivals.clone());
        let kind = options.kind;
        let (tell, told) = oneshot::channel();
        let address = endpoint.to_string();
        let task = place.spawn(async move {
            match owner.bound(&address).await {
                Ok(socket) => {
                    if kind == SocketKind::XPub {
                        owner.outlets.open(&path);
                    }
                    let _ = tell.send(Ok(()));
                    owner.run(Some(socket)).await;
                    // The crate leaves it behind, and would refuse to bind it again.
                    let _ = std::fs::remove_file(path);
                }
                Err(error) => drop(tell.send(Err(error.to_string()))),
            }
        });
        let gone = |_| Err("its task has ended".to_owned());
        told.await.unwrap_or_else(gone).map_err(refused)?;
        Ok((
            Self {
                inner: Arc::new(Inner {
                    options,
                    jobs,
                    arrivals,
                    peers: Mutex::default(),
                }),
            },
            task,
        ))
    }

    /// Opens a socket that connects; to whom, [`connect`](Self::connect) says.
    pub(crate) fn connecting(
        options: SocketConfig,
        arrivals: mpsc::Sender<Inbound>,
    ) -> (Self, Option<tokio::task::JoinHandle<()>>) {
        let (jobs, queue) = mpsc::unbounded_channel();
        let task = (!options.kind.one_socket_a_peer()).then(|| {
            let owner = SocketTask::new(options.clone(), queue, arrivals.clone());
            tokio::spawn(owner.run(None))
        });
        (
            Self {
                inner: Arc::new(Inner {
                    options,
                    jobs,
                    arrivals,
                    peers: Mutex::default(),
                }),
            },
            task,
        )
    }

    /// Connects to a peer, and goes on trying until it is there. Does nothing if that was asked for before.
    /// What comes from there is from `origin`.
    pub(crate) fn connect(&self, endpoint: &Endpoint, origin: Option<Arc<PeerInfo>>) {
        let options = &self.inner.options;
        let unreachable =
            |error| tracing::error!(socket = %options.name, %error, "a peer cannot be reached");
        if !options.kind.one_socket_a_peer() {
            match options.local(endpoint) {
                Ok(local) => drop(self.inner.jobs.send(SocketCommand::Connect(local))),
                Err(error) => unreachable(error),
            }
            return;
        }
        let peer = match options.peer(endpoint) {
            Ok(peer) => peer,
            Err(error) => return unreachable(error),
        };
        let mut peers = self
            .inner
            .peers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        peers.entry(endpoint.clone()).or_insert_with(|| {
            let ear = SubscriberTask {
                options: self.inner.options.clone(),
                origin,
                arrivals: self.inner.arrivals.clone(),
            };
            tokio::spawn(ear.hear(peer)).abort_handle()
        });
    }

    /// Ends the connection to a peer (kinds with a socket a peer only).
    pub(crate) fn disconnect(&self, endpoint: &Endpoint) {
        if let Some(task) = self
            .inner
            .peers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(endpoint)
        {
            task.abort();
        }
    }

    /// Queues a message. Never waits.
    ///
    /// # Errors
    /// A socket whose owner is gone, a kind that does not send, and a message without frames.
    pub(crate) fn send(&self, frames: Vec<Bytes>) -> Result<(), TransportError> {
        let closed = || TransportError::Closed {
            socket: self.inner.options.name.to_string(),
        };
        let message = ZmqMessage::try_from(frames).map_err(|_| closed())?;
        self.inner
            .jobs
            .send(SocketCommand::Send(message))
            .map_err(|_| closed())
    }

    /// What the socket was opened with.
    pub(crate) fn options(&self) -> &SocketConfig {
        &self.inner.options
    }
}

/// The task that owns a socket.
struct SocketTask {
    options: SocketConfig,
    endpoints: Vec<Endpoint>,
    queue: mpsc::UnboundedReceiver<SocketCommand>,
    /// Taken from the queue and not sent yet.
    pending: VecDeque<ZmqMessage>,
    /// Nobody will ask for anything any more; what is left is sent until then.
    closing: Option<Instant>,
    /// Somebody was there, to whom it has connected: should they go, nothing waits for them once it is closing.
    met: bool,
    arrivals: mpsc::Sender<Inbound>,
    /// REQ: has asked, and was not answered yet.
    asking: bool,
    /// REP: the question that was heard is being handled.
    answering: Option<oneshot::Receiver<()>>,
    /// ROUTER: peers whose last message had a delimiter, and who expect one in the answer.
    delimiting: HashSet<Bytes>,
    /// XPUB: links of other hosts that end here.
    outlets: PublisherLinks,
}

/// What became of a message that was to be sent.
enum SendOutcome {
    Done,
    /// Nobody is there yet; it waits.
    Waits,
    /// The socket is of no use any more.
    Broken,
}

/// Why the owner let go of a socket.
enum TaskExit {
    /// Nobody will ask for anything any more.
    Closed,
    /// The socket is of no use any more: make a new one.
    Broken,
}

impl SocketTask {
    fn new(
        options: SocketConfig,
        queue: mpsc::UnboundedReceiver<SocketCommand>,
        arrivals: mpsc::Sender<Inbound>,
    ) -> Self {
        Self {
            options,
            endpoints: Vec::new(),
            queue,
            pending: VecDeque::new(),
            closing: None,
            met: false,
            arrivals,
            asking: false,
            answering: None,
            delimiting: HashSet::new(),
            outlets: PublisherLinks::default(),
        }
    }

    /// A socket that is bound to this address.
    async fn bound(&self, address: &str) -> Result<BackendSocket, ZmqError> {
        let options = &self.options;
        let mut socket = BackendSocket::new(options.kind, &options.identity, CONNECT_TIMEOUT)?;
        for topic in &options.topics {
            socket.subscribe(topic).await?;
        }
        socket.bind(address).await?;
        Ok(socket)
    }

    /// Serves `bound` until it is closed; or a socket that connects, as often as it must be made anew.
    async fn run(mut self, bound: Option<BackendSocket>) {
        let mut socket = bound;
        let binds = socket.is_some();
        loop {
            let Some(mut serving) = (match socket.take() {
                Some(socket) => Some(socket),
                None => self.connected().await,
            }) else {
                break;
            };
            match self.serve(&mut serving, binds).await {
                TaskExit::Closed => {
                    self.outlets.flush().await;
                    if self.options.kind.queues_inside() {
                        tokio::time::sleep(LINGER).await;
                    }
                    break;
                }
                TaskExit::Broken if binds => socket = Some(serving),
                TaskExit::Broken => {}
            }
        }
        if !self.pending.is_empty() {
            tracing::warn!(
                socket = %self.options.name,
                messages = self.pending.len(),
                "nobody came to get what was sent before the socket was closed; it is dropped"
            );
        }
    }

    /// Whether there is nothing left to do: nobody will ask for more, and all was sent, or had its time.
    fn is_through(&self) -> bool {
        self.closing
            .is_some_and(|until| self.pending.is_empty() || Instant::now() >= until)
    }

    /// Whether nobody need be connected to any more.
    fn is_done_with(&self) -> bool {
        self.is_through() || (self.closing.is_some() && self.met)
    }

    /// A new socket, connected to every endpoint; `None` when it was closed before that.
    async fn connected(&mut self) -> Option<BackendSocket> {
        let mut pause = RETRY.0;
        loop {
            while self.endpoints.is_empty() {
                if self.closing.is_some() {
                    return None;
                }
                let job = self.queue.recv().await;
                self.take(job);
            }
            if self.is_done_with() {
                return None;
            }
            match self.try_connect().await {
                ControlFlow::Break(()) => return None,
                ControlFlow::Continue(Ok(socket)) => {
                    self.met = true;
                    return Some(socket);
                }
                ControlFlow::Continue(Err(error)) => {
                    tracing::debug!(socket = %self.options.name, %error, "cannot connect yet");
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(RETRY.1);
        }
    }

    async fn try_connect(&mut self) -> ControlFlow<(), Result<BackendSocket, ZmqError>> {
        let made = BackendSocket::new(self.options.kind, &self.options.identity, CONNECT_TIMEOUT);
        let mut socket = match made {
            Ok(socket) => socket,
            Err(error) => return ControlFlow::Continue(Err(error)),
        };
        for endpoint in self.endpoints.clone() {
            let address = endpoint.to_string();
            let connect = socket.connect(&address);
            tokio::pin!(connect);
            loop {
                tokio::select! {
                    done = &mut connect => match done {
                        Ok(()) => break,
                        Err(error) => return ControlFlow::Continue(Err(error)),
                    },
                    job = self.queue.recv(), if self.closing.is_none() => self.take(job),
                    () = at(self.closing) => return ControlFlow::Break(()),
                }
                if self.is_done_with() {
                    return ControlFlow::Break(());
                }
            }
        }
        ControlFlow::Continue(Ok(socket))
    }

    /// Puts a job aside; without one, there will be no more.
    fn take(&mut self, job: Option<SocketCommand>) {
        match job {
            Some(SocketCommand::Send(message)) => self.pending.push_back(message),
            Some(SocketCommand::Connect(endpoint)) if self.endpoints.contains(&endpoint) => {}
            Some(SocketCommand::Connect(endpoint)) => self.endpoints.push(endpoint),
            None => self.closing = Some(Instant::now() + FLUSH),
        }
    }

    async fn serve(&mut self, socket: &mut BackendSocket, binds: bool) -> TaskExit {
        let mut jobs = Vec::with_capacity(TURN);
        let connected = self.endpoints.len();
        let asks = self.options.kind == SocketKind::Req;
        loop {
            let mut waits = false;
            while !(waits || self.asking) {
                let Some(message) = batch::next(&mut self.pending, self.options.packs) else {
                    break;
                };
                match self.send(socket, message, binds).await {
                    SendOutcome::Done => self.asking = asks,
                    SendOutcome::Waits => waits = true,
                    SendOutcome::Broken => return TaskExit::Broken,
                }
            }
            if !binds && self.endpoints.len() > connected {
                return TaskExit::Broken;
            }
            if self.is_through() {
                return TaskExit::Closed;
            }
            // A REQ that has not asked has nothing to hear, and a REP hears one question after the other.
            let hears = self.asking == asks && self.answering.is_none();
            tokio::select! {
                biased;
                received = socket.recv(), if hears => {
                    self.asking = false;
                    match received {
                        Ok(message) => if self.deliver(message).await.is_err() {
                            return TaskExit::Closed;
                        },
                        // A socket that binds has dropped the peer; one that connects may say the same for ever.
                        Err(error) => {
                            tracing::debug!(socket = %self.options.name, %error, "a connection broke");
                            if !binds {
                                return TaskExit::Broken;
                            }
                            tokio::task::yield_now().await;
                        }
                    }
                }
                taken = self.queue.recv_many(&mut jobs, TURN), if self.closing.is_none() => {
                    if taken == 0 {
                        self.take(None);
                    }
                    for job in jobs.drain(..) {
                        self.take(Some(job));
                    }
                }
                frame = self.outlets.subscribed() => {
                    if self.deliver(frame.into()).await.is_err() {
                        return TaskExit::Closed;
                    }
                }
                () = at(self.closing) => {}
                () = handled(&mut self.answering) => self.answering = None,
                () = tokio::time::sleep(RETRY.0), if waits => {}
            }
        }
    }

    async fn send(
        &mut self,
        socket: &mut BackendSocket,
        message: ZmqMessage,
        binds: bool,
    ) -> SendOutcome {
        self.outlets.send(&message).await;
        let mut waited = false;
        let sent = {
            let mut sending = pin!(socket.send(self.delimited(message)));
            poll_fn(|context| {
                let polled = sending.as_mut().poll(context);
                waited |= polled.is_pending();
                polled
            })
            .await
        };
        if waited {
            // A peer that came meanwhile may have been left in the middle of the crate's table: it goes on before anything is received here,
            // for which this thread would wait for it.
            tokio::task::yield_now().await;
        }
        match sent {
            Ok(()) => SendOutcome::Done,
            Err(ZmqError::ReturnToSender { message, .. })
                if self.options.kind.waits_for_peers() =>
            {
                self.pending.push_front(self.undelimited(message));
                if binds {
                    SendOutcome::Waits
                } else {
                    SendOutcome::Broken
                }
            }
            Err(error) => {
                tracing::warn!(socket = %self.options.name, %error, "a message could not be sent");
                SendOutcome::Done
            }
        }
    }

    /// The message with the empty frame before its body that its receiver expects.
    fn delimited(&mut self, mut message: ZmqMessage) -> ZmqMessage {
        if self.options.delimits {
            message.push_front(Bytes::new());
        } else if self.options.kind == SocketKind::Router
            && message
                .get(0)
                .is_some_and(|peer| self.delimiting.remove(peer))
        {
            let mut rest = message.split_off(1);
            rest.push_front(Bytes::new());
            rest.prepend(&message);
            return rest;
        }
        message
    }

    /// The message as it was before [`delimited`](Self::delimited), by which a DEALER sends it again.
    fn undelimited(&self, mut message: ZmqMessage) -> ZmqMessage {
        if self.options.delimits {
            return message.split_off(1);
        }
        message
    }

    async fn deliver(&mut self, message: ZmqMessage) -> Result<(), ()> {
        let frames = message.into_vec();
        if self.options.kind == SocketKind::Router
            && let [peer, delimiter, _, ..] = &frames[..]
            && delimiter.is_empty()
        {
            self.delimiting.insert(peer.clone());
        }
        let mut handled = None;
        if self.options.kind == SocketKind::Rep {
            let (send, receive) = oneshot::channel();
            (handled, self.answering) = (Some(send), Some(receive));
        }
        let delivery = Inbound {
            from: None,
            socket: self.options.socket,
            frames,
            handled,
        };
        self.arrivals.send(delivery).await.map_err(drop)
    }
}

/// Waits until then; for ever if there is no such time.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// Waits until a question was handled; for ever if there is none.
async fn handled(question: &mut Option<oneshot::Receiver<()>>) {
    match question {
        Some(question) => _ = question.await,
        None => std::future::pending().await,
    }
}
