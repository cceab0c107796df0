//! HTTP server of a page, on a thread of its own.

use std::fmt::Write;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::Response;
use tokio::sync::watch;

use super::access::{self, Access};
use super::connection::Connections;
use super::shown::Shown;
use super::{metrics, stream};

const PAGE: &str = include_str!("page.html");
/// Mark of the page in place of a number that is used once.
const NONCE: &str = "{{nonce}}";
/// Time in which streams see that the server closes.
const FAREWELL: Duration = Duration::from_millis(1500);
/// Time in which their last bytes are taken.
const LAST_BYTES: Duration = Duration::from_millis(500);

/// Server of a page; a drop tells its readers that the run has ended, and closes it.
pub struct Page {
    url: String,
    shared: Arc<Shared>,
    /// Dropped to end the server.
    stop: Option<watch::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// State of a server.
pub(super) struct Shared {
    access: Access,
    pub(super) shown: Box<dyn Shown>,
    /// Whether the server is about to close.
    pub(super) closing: AtomicBool,
    /// Streams that are open.
    pub(super) streams: AtomicUsize,
}

impl Page {
    pub(super) fn open(shown: impl Shown, address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).map_err(|error| {
            let why = format!("the page cannot listen on `{address}`: {error}");
            io::Error::new(error.kind(), why)
        })?;
        listener.set_nonblocking(true)?;
        let access = Access::new(listener.local_addr()?)?;
        let url = access.url();
        let shared = Arc::new(Shared {
            access,
            shown: Box::new(shown),
            closing: AtomicBool::new(false),
            streams: AtomicUsize::new(0),
        });
        // A runtime of its own on a thread of its own: nothing here waits for the run, and nothing
        // of the run for this.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let (stop, mut stopped) = watch::channel(());
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&shared));
        let thread = std::thread::Builder::new()
            .name("noob-zmq-page".into())
            .spawn(move || {
                runtime.block_on(async move {
                    let mut graceful = stopped.clone();
                    let serving = axum::serve(Connections::new(listener), router)
                        .with_graceful_shutdown(async move {
                            // An error: the sender is gone.
                            let _ = graceful.changed().await;
                        });
                    let patience = async {
                        let _ = stopped.changed().await;
                        tokio::time::sleep(LAST_BYTES).await;
                    };
                    // Connections that do not end are closed with the runtime.
                    tokio::select! {
                        result = serving => {
                            if let Err(error) = result {
                                tracing::warn!(%error, "the page is served no more");
                            }
                        }
                        () = patience => {}
                    }
                });
            })?;
        Ok(Self {
            url,
            shared,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Returns the address of the page, with the token that lets its reader in.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits until the server ends, which it does by itself on an error alone.
    pub(crate) fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // Streams see the flag at their next update, send the last status, and end.
        self.shared.closing.store(true, Ordering::Release);
        let begun = Instant::now();
        while self.shared.streams.load(Ordering::Acquire) > 0 && begun.elapsed() < FAREWELL {
            std::thread::sleep(Duration::from_millis(10));
        }
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the token.
        f.debug_struct("Page").finish_non_exhaustive()
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let query = request.uri().query();
    let shown = match shared.access.admit(query, request.headers()) {
        Ok(shown) => shown,
        Err((status, why)) => return text(status, why),
    };
    let path = request.uri().path();
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return text(StatusCode::METHOD_NOT_ALLOWED, "the page is only read\n");
    }
    match (path, shown) {
        ("/", access::Shown::Query) => {
            // The token leaves the address, so that it is in no history and no picture.
            let mut response = text(StatusCode::SEE_OTHER, "");
            let headers = response.headers_mut();
            headers.insert(header::LOCATION, header::HeaderValue::from_static("/"));
            if let Ok(cookie) = shared.access.set_cookie().parse() {
                headers.insert(header::SET_COOKIE, cookie);
            }
            response
        }
        ("/", access::Shown::Header) => page(),
        ("/events", access::Shown::Header) => stream::open(&shared, query),
        ("/metrics", access::Shown::Header) => {
            let shared = Arc::clone(&shared);
            // The status of a run of another process is waited for.
            let status = tokio::task::spawn_blocking(move || shared.shown.status()).await;
            match status.ok().flatten() {
                Some(status) => respond(
                    StatusCode::OK,
                    "text/plain; version=0.0.4; charset=utf-8",
                    "default-src 'none'",
                    metrics::write(&status).into(),
                ),
                None => text(StatusCode::SERVICE_UNAVAILABLE, "no run goes on\n"),
            }
        }
        (_, access::Shown::Query) => text(
            StatusCode::FORBIDDEN,
            "send the token as a cookie or as `Authorization: Bearer TOKEN`\n",
        ),
        _ => text(
            StatusCode::NOT_FOUND,
            "there are `/`, `/events` and `/metrics`\n",
        ),
    }
}

fn page() -> Response {
    let Ok(nonce) = access::random() else {
        return text(StatusCode::INTERNAL_SERVER_ERROR, "no random bytes\n");
    };
    let mut policy = "default-src 'none'; connect-src 'self'; img-src data: blob:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        .to_owned();
    let _ = write!(
        policy,
        "; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'"
    );
    let body = PAGE.replace(NONCE, &nonce);
    respond(
        StatusCode::OK,
        "text/html; charset=utf-8",
        &policy,
        body.into(),
    )
}

/// Returns an answer of plain text.
pub(super) fn text(status: StatusCode, text: &'static str) -> Response {
    let policy = "default-src 'none'; frame-ancestors 'none'";
    respond(status, "text/plain; charset=utf-8", policy, text.into())
}

/// Returns an answer with the headers that every answer has.
pub(super) fn respond(status: StatusCode, kind: &str, policy: &str, body: Body) -> Response {
    let response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, kind)
        .header(header::CONTENT_SECURITY_POLICY, policy)
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::REFERRER_POLICY, "no-referrer")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::X_FRAME_OPTIONS, "DENY")
        .header("cross-origin-resource-policy", "same-origin")
        .header("cross-origin-opener-policy", "same-origin")
        .body(body);
    response.unwrap_or_else(|_| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

#[cfg(test)]
mod tests {
    use super::PAGE;

    #[test]
    fn page_is_small_and_asks_no_other_machine() {
        assert!(PAGE.len() < 150 << 10, "{}", PAGE.len());
        for foreign in ["https:", "src=\"", "@import", "url(", "eval(", "Function("] {
            assert!(!PAGE.contains(foreign), "{foreign}");
        }
    }

    #[test]
    fn scripts_and_styles_have_the_nonce() {
        assert_eq!(
            PAGE.matches("<script").count(),
            PAGE.matches("<script nonce=\"{{nonce}}\"").count()
        );
        assert_eq!(
            PAGE.matches("<style").count(),
            PAGE.matches("<style nonce=\"{{nonce}}\"").count()
        );
        assert!(!PAGE.contains(" style=\"") && !PAGE.contains(" onclick=\""));
    }
}
