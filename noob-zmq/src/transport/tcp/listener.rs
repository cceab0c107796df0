//! The side that listens: lets in those whose key is known, one socket a connection.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::access::{allowed_roles, max_message_size};
use super::identity_acl::IdentityAcl;
use super::tunnel_copy::{TunnelError, splice};
use super::zmtp::FrameInspector;
use super::{AccessControl, Stream, handshake, options, remote_publisher, tls};
use crate::transport::TransportError;
use crate::transport::keys::PublicKey;
use crate::transport::socket::publisher_links;

/// How long a stranger may take to say who they are and what they want.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// How many may be at that at once, all together and from one address.
const HALF_OPEN: (usize, usize) = (256, 64);
/// How many links may be open at once.
const LINKS: u64 = 4096;
/// How long nothing is accepted when the system has no more to give.
const SHORT: Duration = Duration::from_millis(100);

/// Listens on tcp for the sockets of one run, which are unix sockets in its directory. Dropping it cuts all that came through it.
pub struct Listener {
    addresses: Vec<SocketAddr>,
    inner: Arc<Inner>,
    /// Aborts what listens, and with it every link.
    tasks: JoinSet<()>,
}

/// What a gate has seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListenerStats {
    /// Connections that were let in.
    pub admitted: u64,
    /// Connections that were refused.
    pub refused: u64,
    /// Links that were cut since their key was taken out, or since they sent what is not passed on.
    pub cut: u64,
    /// Links that are open.
    pub open: u64,
}

/// Somebody who asks to host a node: the way to them, and who they are.
#[derive(Debug)]
pub(crate) struct PendingJoin {
    /// The node that they ask for.
    pub(crate) node: String,
    /// Where they are.
    pub(crate) peer: SocketAddr,
    /// The key that they have proved to have; none through plain tcp.
    pub(crate) key: Option<PublicKey>,
    /// What they are called in the allow file.
    pub(crate) name: String,
    /// The way to them. It ends when their key is taken out.
    pub(crate) stream: UnixStream,
}

/// What a gate of a run knows beside keys and roles.
#[derive(Default)]
pub(crate) struct ListenerContext {
    /// Where visitors are brought to who ask to host a node.
    pub(crate) reception: Option<mpsc::Sender<PendingJoin>>,
    /// Who may speak in which name; nobody looks if nothing is said.
    pub(crate) voices: Option<IdentityAcl>,
    /// The only socket that is for anybody. Others in its directory lead to other hosts.
    pub(crate) only: Option<String>,
}

struct Inner {
    directory: PathBuf,
    house: ListenerContext,
    door: AccessControl,
    acceptor: Option<TlsAcceptor>,
    half_open: Mutex<HashMap<IpAddr, usize>>,
    admitted: AtomicU64,
    refused: AtomicU64,
    cut: AtomicU64,
    open: AtomicU64,
}

impl Listener {
    /// Listens at each of `addresses` (port 0: one that is free) for the sockets below `directory`.
    ///
    /// # Errors
    /// An address that cannot be bound, or may not since the door has no keys.
    pub async fn open(
        addresses: &[SocketAddr],
        directory: impl Into<PathBuf>,
        door: AccessControl,
    ) -> Result<Self, TransportError> {
        Self::open_for(
            addresses,
            directory.into(),
            door,
            ListenerContext::default(),
        )
        .await
    }

    /// The same for a run.
    pub(crate) async fn open_for(
        addresses: &[SocketAddr],
        directory: PathBuf,
        door: AccessControl,
        house: ListenerContext,
    ) -> Result<Self, TransportError> {
        let acceptor = match &door {
            AccessControl::Keys { own, allow } => {
                let config = tls::server(own, allow)
                    .map_err(|error| TransportError::refused("use the key for", "tls", error))?;
                Some(TlsAcceptor::from(Arc::new(config)))
            }
            AccessControl::Plain => None,
        };
        let mut listeners = Vec::new();
        for address in addresses {
            door.check(*address)?;
            let refused = |error| TransportError::refused("listen at", address, error);
            let listener = TcpListener::bind(address).await.map_err(refused)?;
            listeners.push((listener.local_addr().map_err(refused)?, listener));
        }
        let inner = Arc::new(Inner {
            directory,
            house,
            door,
            acceptor,
            half_open: Mutex::default(),
            admitted: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            cut: AtomicU64::new(0),
            open: AtomicU64::new(0),
        });
        let mut tasks = JoinSet::new();
        let mut bound = Vec::new();
        for (address, listener) in listeners {
            tracing::info!(%address, "listening");
            bound.push(address);
            tasks.spawn(accept(Arc::clone(&inner), listener, address));
        }
        Ok(Self {
            addresses: bound,
            inner,
            tasks,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Cuts all that came through it, and is done when its addresses can be bound again.
    pub async fn close(mut self) {
        self.tasks.shutdown().await;
    }

    /// What it has seen so far.
    #[must_use]
    pub fn counts(&self) -> ListenerStats {
        let Inner {
            admitted,
            refused,
            cut,
            open,
            ..
        } = &*self.inner;
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        ListenerStats {
            admitted: read(admitted),
            refused: read(refused),
            cut: read(cut),
            open: read(open),
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate")
            .field("addresses", &self.addresses)
            .field("counts", &self.counts())
            .finish_non_exhaustive()
    }
}

async fn accept(inner: Arc<Inner>, listener: TcpListener, at: SocketAddr) {
    let mut links = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let caller = Client { peer, at };
                    match HandshakingConn::open(&inner, peer.ip()) {
                        Some(half) => drop(links.spawn(serve(Arc::clone(&inner), stream, caller, half))),
                        None => inner.refuse(caller, "too many others have not said who they are"),
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "nothing can be accepted at the moment");
                    tokio::time::sleep(SHORT).await;
                }
            },
            Some(_) = links.join_next() => {}
        }
    }
}

/// Who calls, and where.
#[derive(Debug, Clone, Copy)]
struct Client {
    peer: SocketAddr,
    at: SocketAddr,
}

/// A connection of somebody who has not said who they are.
struct HandshakingConn {
    inner: Arc<Inner>,
    from: IpAddr,
}

impl HandshakingConn {
    fn open(inner: &Arc<Inner>, from: IpAddr) -> Option<Self> {
        let mut half_open = inner.half_open();
        let all: usize = half_open.values().sum();
        let same = half_open.get(&from).copied().unwrap_or_default();
        if all >= HALF_OPEN.0 || same >= HALF_OPEN.1 {
            return None;
        }
        half_open.insert(from, same + 1);
        Some(Self {
            inner: Arc::clone(inner),
            from,
        })
    }
}

impl Drop for HandshakingConn {
    fn drop(&mut self) {
        let mut half_open = self.inner.half_open();
        match half_open.get_mut(&self.from) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(half_open.remove(&self.from)),
        }
    }
}

/// Where a link leads.
enum Route {
    /// To a socket of this process.
    Publisher(publisher_links::PublisherHandle),
    /// To a socket of another process of this host, or whatever else is behind a unix socket.
    Unix(UnixStream),
}

/// A link that is open.
struct OpenLink(Arc<Inner>);

impl Drop for OpenLink {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Inner {
    fn half_open(&self) -> std::sync::MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.half_open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn refuse(&self, Client { peer, at }: Client, why: impl fmt::Display) {
        // Last: whoever sees the count finds the line.
        tracing::warn!(%peer, %at, "refused: {why}");
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// A way to a socket for the owner of a key, and what they are called; or why there is none.
    async fn open(
        &self,
        key: Option<PublicKey>,
        socket: &str,
        peer: SocketAddr,
    ) -> Result<(Route, String), String> {
        let name = self.admits(key, socket)?;
        if self.open.load(Ordering::Relaxed) >= LINKS {
            return Err(format!("{LINKS} links are open already"));
        }
        if let Some(node) = socket.strip_prefix("join/") {
            return Ok((Route::Unix(self.receive(node, key, peer, &name)?), name));
        }
        let path = self.directory.join(socket);
        if let Some(publisher) = publisher_links::find_publisher(&path) {
            return Ok((Route::Publisher(publisher), name));
        }
        match UnixStream::connect(path).await {
            Ok(local) => Ok((Route::Unix(local), name)),
            Err(error) => Err(format!("`{socket}` is not there ({error})")),
        }
    }

    /// Brings a visitor to the reception; gives this end of the way to them.
    fn receive(
        &self,
        node: &str,
        key: Option<PublicKey>,
        peer: SocketAddr,
        name: &str,
    ) -> Result<UnixStream, String> {
        let reception = self
            .house
            .reception
            .as_ref()
            .ok_or("no node can be joined here")?;
        let (ours, theirs) = UnixStream::pair().map_err(|error| error.to_string())?;
        let visitor = PendingJoin {
            node: node.to_owned(),
            peer,
            key,
            name: name.to_owned(),
            stream: theirs,
        };
        match reception.try_send(visitor) {
            Ok(()) => Ok(ours),
            Err(_) => Err("too many wait to be heard, or the run is over".to_owned()),
        }
    }

    /// Waits until the owner of a key may not have a socket any more; says why.
    async fn locked_out(&self, key: Option<PublicKey>, socket: &str) -> String {
        let AccessControl::Keys { allow, .. } = &self.door else {
            return std::future::pending().await;
        };
        let mut changes = allow.changes();
        loop {
            if let Err(why) = self.admits(key, socket) {
                return why;
            }
            if changes.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }

    /// Whether the owner of a key may have a socket, and what they are called.
    fn admits(&self, key: Option<PublicKey>, socket: &str) -> Result<String, String> {
        let roles = allowed_roles(socket);
        let elsewhere = |only: &String| only != socket;
        if roles.is_empty() || self.house.only.as_ref().is_some_and(elsewhere) {
            return Err(format!("`{socket}` is for nobody"));
        }
        let (AccessControl::Keys { allow, .. }, Some(key)) = (&self.door, key) else {
            return match self.door {
                AccessControl::Plain => Ok("anybody".to_owned()),
                AccessControl::Keys { .. } => Err("it has shown no key".to_owned()),
            };
        };
        match allow.current().get(&key) {
            None => Err(format!("the key {key} is not among those that are let in")),
            Some(entry) if entry.may(roles) => Ok(entry.name.clone()),
            Some(entry) => {
                let needed: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
                Err(format!(
                    "the key of `{}` has not the role for `{socket}`: {}",
                    entry.name,
                    needed.join(" or ")
                ))
            }
        }
    }
}

async fn serve(inner: Arc<Inner>, stream: TcpStream, caller: Client, half: HandshakingConn) {
    if let Err(error) = options::set(&stream) {
        inner.refuse(caller, error);
        return;
    }
    match &inner.acceptor {
        None => greet(&inner, Stream::Plain(stream), None, caller, half).await,
        Some(acceptor) => match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => {
                let key = tls::proved(stream.get_ref().1.peer_certificates());
                let stream = Stream::Tls(Box::new(stream.into()));
                greet(&inner, stream, key, caller, half).await;
            }
            Ok(Err(error)) => inner.refuse(caller, tls::reason(&error)),
            Err(_) => inner.refuse(
                caller,
                format!("it did not say who it is within {HANDSHAKE:?}"),
            ),
        },
    }
}

/// Hears what is wanted, and passes it on if it may be had.
async fn greet(
    inner: &Arc<Inner>,
    mut stream: Stream,
    key: Option<PublicKey>,
    caller: Client,
    half: HandshakingConn,
) {
    let socket = match tokio::time::timeout(HANDSHAKE, handshake::hear(&mut stream)).await {
        Ok(Ok(socket)) => socket,
        Ok(Err(error)) => return inner.refuse(caller, error),
        Err(_) => {
            return inner.refuse(
                caller,
                format!("it did not say what it wants within {HANDSHAKE:?}"),
            );
        }
    };
    let opened = match inner.open(key, &socket, caller.peer).await {
        Ok(opened) => opened,
        Err(why) => {
            // Counted before it is told: whoever was told may look at the count.
            inner.refuse(caller, &why);
            let _ = tokio::time::timeout(HANDSHAKE, async {
                handshake::answer(&mut stream, Err(&why)).await?;
                stream.shutdown().await
            })
            .await;
            return;
        }
    };
    let told = tokio::time::timeout(HANDSHAKE, handshake::answer(&mut stream, Ok(()))).await;
    if !matches!(told, Ok(Ok(()))) {
        return inner.refuse(caller, "it went before it was let in");
    }
    drop(half);
    inner.admitted.fetch_add(1, Ordering::Relaxed);
    inner.open.fetch_add(1, Ordering::Relaxed);
    let _open = OpenLink(Arc::clone(inner));
    let (way, name) = opened;
    let Client { peer, at } = caller;
    tracing::debug!(%peer, %at, %name, %socket, "let in");
    let guard = if socket.starts_with("join/") {
        FrameInspector::off()
    } else {
        let voices = inner.house.voices.clone().map(|voices| (voices, key));
        FrameInspector::of(&socket, max_message_size(&socket), voices)
    };
    let passing = async {
        match way {
            Route::Publisher(publisher) => {
                remote_publisher::serve(stream, publisher.open_link(), guard).await
            }
            Route::Unix(local) => splice(stream, local, guard).await,
        }
    };
    let cut = tokio::select! {
        ended = passing => match ended {
            Ok(()) => return tracing::debug!(%peer, %at, %name, %socket, "the link was closed"),
            Err(TunnelError::Io(error)) => {
                return tracing::warn!(%peer, %at, %name, %socket, %error, "the link broke");
            }
            Err(error) => error.to_string(),
        },
        why = inner.locked_out(key, &socket) => why,
    };
    inner.cut.fetch_add(1, Ordering::Relaxed);
    tracing::warn!(%peer, %at, %name, %socket, "the link was cut: {cut}");
}
