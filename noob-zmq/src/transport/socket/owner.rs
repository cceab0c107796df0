//! Task that owns a socket of the `zeromq` crate: sends, receives, and replaces broken connections.
//!
//! Decisions are those of [`SocketState`]. Sockets of kinds with a socket per peer have no such
//! task; see `subscriber`.

use std::future::{pending, poll_fn};
use std::path::Path;
use std::pin::pin;

use bytes::Bytes;
use noob_zmq_sockets::BackendSocket;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, sleep_until};
use zeromq::{ZmqError, ZmqMessage};

use super::config::{
    CONNECT_TIMEOUT, FLUSH, Inbound, MAX_RETRY_PAUSE, MIN_RETRY_PAUSE, SocketCommand, SocketConfig,
};
use super::delimiters::Delimiters;
use super::handle::SendProgress;
use super::linger::{Linger, SentRecently};
use super::publisher_links::PublisherLinks;
use super::state::{Action, ConnectAction, SocketState};
use crate::transport::SocketKind;

/// Number of queued commands that one turn takes before it receives again.
const MAX_COMMANDS: usize = 64;

/// Task that owns a socket.
pub(super) struct SocketTask {
    config: SocketConfig,
    state: SocketState,
    delimiters: Delimiters,
    queue: mpsc::UnboundedReceiver<SocketCommand>,
    arrivals: mpsc::Sender<Inbound>,
    /// End of the time for pending messages, once all handles are gone.
    close_deadline: Option<Instant>,
    /// REP: resolves when the current request was handled.
    request: Option<oneshot::Receiver<()>>,
    /// XPUB: links of other hosts that end here.
    links: PublisherLinks,
    /// Messages that the crate may still hold in a queue of its own.
    sent: SentRecently,
    /// Number of messages that were taken from the queue.
    taken: u64,
    progress: SendProgress,
}

/// Reason why a task stopped serving a socket.
enum TaskExit {
    /// The socket is to be closed.
    Closed,
    /// The socket is unusable, and a new one is to be connected.
    Broken,
}

impl SocketTask {
    pub(super) fn new(
        config: SocketConfig,
        queue: mpsc::UnboundedReceiver<SocketCommand>,
        arrivals: mpsc::Sender<Inbound>,
        binds: bool,
    ) -> Self {
        Self {
            state: SocketState::new(&config, binds),
            delimiters: Delimiters::new(&config),
            config,
            queue,
            arrivals,
            close_deadline: None,
            request: None,
            links: PublisherLinks::default(),
            sent: SentRecently::default(),
            taken: 0,
            progress: SendProgress::default(),
        }
    }

    /// Returns the counters of queued and sent messages.
    pub(super) fn progress(&self) -> SendProgress {
        self.progress.clone()
    }

    /// Returns a socket that is bound to `address`.
    pub(super) async fn bind(&self, address: &str) -> Result<BackendSocket, ZmqError> {
        let mut socket = self.open()?;
        for topic in &self.config.topics {
            socket.subscribe(topic).await?;
        }
        socket.bind(address).await?;
        Ok(socket)
    }

    /// Accepts links of other hosts to the publisher that is bound to `path`.
    pub(super) fn accept_links(&mut self, path: &Path) {
        self.links.open(path);
    }

    fn open(&self) -> Result<BackendSocket, ZmqError> {
        BackendSocket::new(
            self.config.kind.as_str().parse()?,
            &self.config.identity,
            CONNECT_TIMEOUT,
        )
    }

    /// Serves the `bound` socket until it is closed, or a socket that connects, which is replaced
    /// as often as its connection breaks.
    pub(super) async fn run(mut self, bound: Option<BackendSocket>) {
        let mut socket = bound;
        loop {
            let Some(mut serving) = (match socket.take() {
                Some(socket) => Some(socket),
                None => self.connect().await,
            }) else {
                break;
            };
            match self.serve(&mut serving).await {
                TaskExit::Closed => {
                    self.links.flush().await;
                    self.linger().await;
                    serving.unbind().await;
                    break;
                }
                // The crate does not connect a DEALER again; a new socket does (docs/upstream.md).
                TaskExit::Broken => drop(serving),
            }
        }
        if self.state.unsent() > 0 {
            tracing::warn!(
                socket = %self.config.name,
                messages = self.state.unsent(),
                "no peer received the messages that were sent before the socket was closed; \
                 they are dropped"
            );
        }
    }

    /// Returns a new socket that is connected to every endpoint; `None` if the socket is closed
    /// before that.
    async fn connect(&mut self) -> Option<BackendSocket> {
        let mut pause = MIN_RETRY_PAUSE;
        loop {
            match self.next_connect_action() {
                ConnectAction::Close => return None,
                ConnectAction::WaitForEndpoint => {
                    let command = self.queue.recv().await;
                    self.on_command(command);
                    continue;
                }
                ConnectAction::Connect => {}
            }
            match self.try_connect().await? {
                Ok(socket) => return Some(socket),
                Err(error) => {
                    tracing::debug!(socket = %self.config.name, %error, "cannot connect yet");
                }
            }
            sleep(pause).await;
            pause = (pause * 2).min(MAX_RETRY_PAUSE);
        }
    }

    /// Tries once to connect; `None` if the socket is closed meanwhile.
    async fn try_connect(&mut self) -> Option<Result<BackendSocket, ZmqError>> {
        let mut socket = match self.open() {
            Ok(socket) => socket,
            Err(error) => return Some(Err(error)),
        };
        // A copy: commands that arrive meanwhile may add endpoints, which cause a reconnect.
        let endpoints = self.state.endpoints().to_vec();
        for endpoint in &endpoints {
            let address = endpoint.to_string();
            // Pinned outside of the loop: an attempt that is dropped may already have been
            // accepted by the other side, which would then send to nobody.
            let mut connect = pin!(socket.connect(&address));
            loop {
                tokio::select! {
                    done = &mut connect => match done {
                        Ok(()) => break,
                        Err(error) => return Some(Err(error)),
                    },
                    // Commands are taken during a long attempt, so that the drop of the last
                    // handle starts the close deadline at once.
                    command = self.queue.recv(), if !self.state.is_closing() => {
                        self.on_command(command);
                    }
                    () = at(self.close_deadline) => return None,
                }
                if self.next_connect_action() == ConnectAction::Close {
                    return None;
                }
            }
        }
        self.state.on_connected(endpoints.len());
        Some(Ok(socket))
    }

    /// Takes a command; `None` if there will be no more.
    fn on_command(&mut self, command: Option<SocketCommand>) {
        match command {
            Some(command) => {
                self.taken += u64::from(matches!(command, SocketCommand::Send(_)));
                self.state.on_command(command);
            }
            None => {
                self.state.on_handles_dropped();
                self.close_deadline = Some(Instant::now() + FLUSH);
            }
        }
    }

    fn next_connect_action(&mut self) -> ConnectAction {
        self.check_deadline();
        self.state.next_connect_action()
    }

    /// Tells the state that the close deadline has passed.
    ///
    /// The timer of the `select!` alone is not enough: a socket that always has a message to
    /// receive keeps that branch from being polled.
    fn check_deadline(&mut self) {
        if self
            .close_deadline
            .is_some_and(|until| Instant::now() >= until)
        {
            self.state.on_close_deadline();
        }
    }

    async fn serve(&mut self, socket: &mut BackendSocket) -> TaskExit {
        let mut commands = Vec::with_capacity(MAX_COMMANDS);
        loop {
            self.check_deadline();
            let (receive, retry_send) = match self.state.next_action() {
                Action::Send(message) => {
                    self.send(socket, message).await;
                    continue;
                }
                Action::Reconnect => return TaskExit::Broken,
                Action::Close => return TaskExit::Closed,
                Action::Wait {
                    receive,
                    retry_send,
                } => (receive, retry_send),
            };
            if self.state.unsent() == 0 {
                self.progress.set_sent(self.taken);
            }
            tokio::select! {
                // In this order: received messages first, since a peer whose messages are not
                // read stops reading too, and both would wait for each other.
                biased;
                // `recv` keeps a partly received message in the socket, so that it is safe to
                // cancel; `send` is not, and is awaited above on its own.
                received = socket.recv(), if receive => match received {
                    Ok(message) => {
                        self.state.on_received();
                        if self.deliver(message).await.is_err() {
                            return TaskExit::Closed;
                        }
                    }
                    Err(error) => {
                        tracing::debug!(
                            socket = %self.config.name, %error, "a connection broke"
                        );
                        self.state.on_receive_error();
                        // The task of the peer that left runs on this thread, and removes the
                        // peer; without the yield a bound socket could return the error forever.
                        tokio::task::yield_now().await;
                    }
                },
                taken = self.queue.recv_many(&mut commands, MAX_COMMANDS),
                    if !self.state.is_closing() =>
                {
                    if taken == 0 {
                        self.on_command(None);
                    }
                    for command in commands.drain(..) {
                        self.on_command(Some(command));
                    }
                }
                frame = self.links.subscribed() => {
                    if self.deliver(frame.into()).await.is_err() {
                        return TaskExit::Closed;
                    }
                }
                () = at(self.close_deadline) => {}
                () = handled(&mut self.request) => {
                    self.request = None;
                    self.state.on_request_handled();
                }
                () = sleep(MIN_RETRY_PAUSE), if retry_send => {}
            }
        }
    }

    /// Lets the queues inside the crate run empty, before the socket is dropped.
    async fn linger(&self) {
        let one_thread = Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread;
        match self.sent.linger(Instant::now(), one_thread) {
            Linger::None => {}
            // The task of the crate that writes was woken before, and runs before this one.
            Linger::Yield => tokio::task::yield_now().await,
            Linger::Until(time) => sleep_until(time).await,
        }
    }

    async fn send(&mut self, socket: &mut BackendSocket, message: ZmqMessage) {
        if self.config.kind.queues_inside() {
            let size = message.iter().map(Bytes::len).sum();
            self.sent.record(Instant::now(), size);
        }
        self.links.send(&message).await;
        let mut waited = false;
        let sent = {
            let mut sending = pin!(socket.send(self.delimiters.add(message)));
            // Never cancelled: the crate may have sent the message to some peers only.
            poll_fn(|context| {
                let polled = sending.as_mut().poll(context);
                waited |= polled.is_pending();
                polled
            })
            .await
        };
        if waited {
            // The task of a peer that connected meanwhile may hold a lock of the crate's peer
            // table. It must run before this thread receives, which would block on that lock.
            tokio::task::yield_now().await;
        }
        match sent {
            Ok(()) => self.state.on_sent(),
            Err(ZmqError::ReturnToSender { message, .. }) if self.config.kind.waits_for_peers() => {
                self.state.on_no_peer(self.delimiters.remove(message));
            }
            Err(error) => {
                tracing::warn!(socket = %self.config.name, %error, "a message could not be sent");
                self.state.on_sent();
            }
        }
    }

    /// Passes a received message to the actor loop; fails if that loop has ended.
    async fn deliver(&mut self, message: ZmqMessage) -> Result<(), ()> {
        let frames = message.into_vec();
        self.delimiters.on_received(&frames);
        let mut handled = None;
        if self.config.kind == SocketKind::Rep {
            let (send, receive) = oneshot::channel();
            (handled, self.request) = (Some(send), Some(receive));
        }
        let inbound = Inbound {
            from: None,
            socket: self.config.socket,
            frames,
            handled,
        };
        // Bounded: an actor loop that is behind stops this task from receiving, and the kernel's
        // buffers then slow down the peers.
        self.arrivals.send(inbound).await.map_err(drop)
    }
}

/// Waits until `time`; for ever without one.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => pending().await,
    }
}

/// Waits until the current request was handled; for ever if there is none.
async fn handled(request: &mut Option<oneshot::Receiver<()>>) {
    match request {
        Some(request) => _ = request.await,
        None => pending().await,
    }
}
