//! Accepted connection: proof of the key, request, authorization, and the link to a socket.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

use super::access::{WATCH, max_message_size};
use super::listener::{Client, HandshakingConn, JoinTarget, PendingJoin, Shared};
use super::stream::{Stream, set_options};
use super::tunnel_copy::TunnelError;
use super::zmtp::{FrameInspector, StreamInspector};
use super::{handshake, remote_publisher, tls, tunnel_copy};
use crate::transport::keys::PublicKey;
use crate::transport::socket::publisher_links::{PublisherHandle, find_publisher};

/// Time limit of each step before a link is open.
const STEP_TIMEOUT: Duration = Duration::from_secs(5);
/// Largest number of open links.
const MAX_LINKS: u64 = 4096;

/// Local end of a link.
enum Route {
    /// Publisher of this process.
    Publisher(PublisherHandle),
    /// Socket of another process of this host, or the runner itself, behind a unix socket.
    Unix(UnixStream),
}

/// Count of an open link.
struct OpenLink(Arc<Shared>);

impl OpenLink {
    fn new(shared: &Arc<Shared>) -> Self {
        let mut stats = shared.stats();
        stats.accepted += 1;
        stats.open += 1;
        drop(stats);
        Self(Arc::clone(shared))
    }
}

impl Drop for OpenLink {
    fn drop(&mut self) {
        self.0.stats().open -= 1;
    }
}

/// Serves a connection until its link ends; task of the connection.
pub(super) async fn serve(
    shared: Arc<Shared>,
    stream: TcpStream,
    client: Client,
    handshaking: HandshakingConn,
) {
    let requested = async {
        let (mut stream, key) = authenticate(&shared, stream).await?;
        let socket = step("say what it wants", handshake::accept(&mut stream)).await?;
        let socket = socket.map_err(|error| error.to_string())?;
        Ok::<_, String>((stream, key, socket))
    };
    let (mut stream, key, socket) = match requested.await {
        Ok(requested) => requested,
        Err(why) => return shared.reject(client, why),
    };
    let (route, name) = match find_route(&shared, key, &socket, client).await {
        Ok(found) => found,
        Err(NoRoute { why, closed }) => {
            if closed {
                tracing::debug!(peer = %client.peer, at = %client.at, "closed: {why}");
            } else {
                // Counted before the client is told, since the client may look at the count.
                shared.reject(client, &why);
            }
            let _ = timeout(STEP_TIMEOUT, async {
                handshake::respond(&mut stream, Err(&why)).await?;
                stream.shutdown().await
            })
            .await;
            return;
        }
    };
    let responded = timeout(STEP_TIMEOUT, handshake::respond(&mut stream, Ok(()))).await;
    if !matches!(responded, Ok(Ok(()))) {
        return shared.reject(client, "it went before it was let in");
    }
    drop(handshaking);
    let _open = OpenLink::new(&shared);
    let Client { peer, at } = client;
    tracing::debug!(%peer, %at, %name, %socket, "let in");
    // The link is cancelled as a whole when its key is removed; a frame that is cut in two by that
    // is dropped by the socket behind it.
    let cut = tokio::select! {
        ended = pass(&shared, stream, route, key, &socket) => match ended {
            Ok(()) => return tracing::debug!(%peer, %at, %name, %socket, "the link was closed"),
            Err(TunnelError::Io(error)) => {
                return tracing::warn!(%peer, %at, %name, %socket, %error, "the link broke");
            }
            Err(error) => error.to_string(),
        },
        why = shared.access.revoked(key, &socket) => why,
    };
    shared.stats().cut += 1;
    tracing::warn!(%peer, %at, %name, %socket, "the link was cut: {cut}");
}

/// Waits for a step of the client for a limited time: a silent client would keep its place for
/// ever.
async fn step<T>(what: &str, step: impl Future<Output = T>) -> Result<T, String> {
    let done = timeout(STEP_TIMEOUT, step).await;
    done.map_err(|_| format!("it did not {what} within {STEP_TIMEOUT:?}"))
}

/// Returns the stream to the client and the key that the client has proved.
async fn authenticate(
    shared: &Shared,
    stream: TcpStream,
) -> Result<(Stream, Option<PublicKey>), String> {
    set_options(&stream).map_err(|error| error.to_string())?;
    let Some(acceptor) = &shared.acceptor else {
        return Ok((Stream::Left(stream), None));
    };
    let accepted = step("say who it is", acceptor.accept(stream)).await?;
    let stream = accepted.map_err(|error| tls::describe_failure(&error))?;
    let key = tls::proved_key(stream.get_ref().1.peer_certificates());
    Ok((Stream::Right(Box::new(stream.into())), key))
}

/// Passes messages between the client and the local end until one of them is closed.
async fn pass(
    shared: &Shared,
    stream: Stream,
    route: Route,
    key: Option<PublicKey>,
    socket: &str,
) -> Result<(), TunnelError> {
    let limit = max_message_size(socket);
    let content = || {
        let identities = shared.context.identities.clone();
        FrameInspector::for_socket(socket, identities.map(|acl| (acl, key)))
    };
    match route {
        Route::Publisher(publisher) => {
            remote_publisher::serve(stream, publisher.open_link(), limit, content()).await
        }
        Route::Unix(local) => {
            // What is for the runner itself is no ZMTP, and that of a watcher is none; the runner
            // checks them itself.
            let is_zmtp = JoinTarget::of(socket).is_none() && socket != WATCH;
            let inspector = is_zmtp.then(|| StreamInspector::new(limit, content()));
            tunnel_copy::copy(stream, local, inspector).await
        }
    }
}

/// Reason why a client is led nowhere.
struct NoRoute {
    why: String,
    /// Whether the socket was there before, and is closed.
    ///
    /// That is no rejection: a subscriber connects again when its link ends, as at the end of a
    /// run.
    closed: bool,
}

impl From<String> for NoRoute {
    fn from(why: String) -> Self {
        Self { why, closed: false }
    }
}

/// Returns the local end for the owner of a key, and the owner's name; or the reason why there is
/// none.
async fn find_route(
    shared: &Shared,
    key: Option<PublicKey>,
    socket: &str,
    client: Client,
) -> Result<(Route, String), NoRoute> {
    let name = shared.authorize(key, socket)?;
    if shared.stats().open >= MAX_LINKS {
        return Err(format!("{MAX_LINKS} links are open already").into());
    }
    if let Some(target) = JoinTarget::of(socket) {
        let stream = queue_join(shared, target, key, client, &name)?;
        return Ok((Route::Unix(stream), name));
    }
    let path = match &shared.context.watch {
        Some(path) if socket == WATCH => path.clone(),
        _ => shared.directory.join(socket),
    };
    let route = if let Some(publisher) = find_publisher(&path) {
        Route::Publisher(publisher)
    } else {
        match UnixStream::connect(path).await {
            Ok(local) => Route::Unix(local),
            Err(error) => {
                return Err(NoRoute {
                    why: format!("`{socket}` is not there ({error})"),
                    closed: shared.is_known_socket(socket),
                });
            }
        }
    };
    shared.add_socket(socket);
    Ok((route, name))
}

/// Queues a client for the runner itself; returns this side of the connection to the runner.
fn queue_join(
    shared: &Shared,
    target: JoinTarget,
    key: Option<PublicKey>,
    client: Client,
    name: &str,
) -> Result<UnixStream, String> {
    let joins = shared.context.joins.as_ref();
    let joins = joins.ok_or("no node can be joined here")?;
    let (ours, theirs) = UnixStream::pair().map_err(|error| error.to_string())?;
    let join = PendingJoin {
        target,
        peer: client.peer,
        key,
        name: name.to_owned(),
        stream: theirs,
    };
    // Never waits: clients that ask faster than the runner replies are rejected, not queued.
    match joins.try_send(join) {
        Ok(()) => Ok(ours),
        Err(_) => Err("too many wait to be heard, or the run is over".to_owned()),
    }
}
