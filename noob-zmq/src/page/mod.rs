//! Page of a run in the browser (feature `view`).
//!
//! [`serve`] opens an HTTP server on a thread of its own, which never shares a thread with the run.
//! `access` decides who may read, `server` answers requests, and `stream` sends what a page looks
//! at. `Shown` is the thing that is looked at: `watched` is a runner of this program, `distant` a
//! run of another process. `metrics` writes the numbers for Prometheus.

mod access;
mod connection;
mod distant;
mod metrics;
mod server;
mod shown;
mod stream;
mod watched;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

pub use server::Page;
pub(crate) use shown::{Look, News, Shown};

use crate::runner::Watcher;
use crate::runner::watch::client::FoundRun;
use crate::view::Diagram;

/// Pause between two updates of a page.
const INTERVAL: std::time::Duration = std::time::Duration::from_millis(250);

/// Options of a [`Page`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PageOptions {
    /// The address to listen on.
    ///
    /// The default is a free port of the loopback interface. Every other address lets other
    /// machines ask, over plain HTTP: whoever sees the token on the way can read the run.
    pub address: SocketAddr,
}

impl Default for PageOptions {
    fn default() -> Self {
        Self {
            address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
        }
    }
}

/// Serves a page of a run, from its [`watcher`](crate::Runner::watcher), until the page is dropped.
///
/// Open the [`url`](Page::url) in a browser: the secret token in it is all that a reader needs.
///
/// ```no_run
/// use noob_zmq::page::{PageOptions, serve};
/// use noob_zmq::prelude::*;
///
/// # fn example(mut runner: SyncRunner) -> Result<(), Box<dyn std::error::Error>> {
/// let page = serve(runner.watcher(), &PageOptions::default())?;
/// println!("{}", page.url());
/// runner.run(1000)?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// An address that cannot be listened on, or a system without a source of random bytes.
pub fn serve(watcher: Watcher, options: &PageOptions) -> io::Result<Page> {
    Page::open(watched::Watched::new(watcher, None), options.address)
}

/// Serves a page of a run of this program, with the types of the ports of its tube.
pub(crate) fn serve_run(
    watcher: Watcher,
    diagram: Diagram,
    address: SocketAddr,
) -> io::Result<Page> {
    Page::open(watched::Watched::new(watcher, Some(diagram)), address)
}

/// Serves a page of a run of another process.
pub(crate) fn serve_found(run: FoundRun, address: SocketAddr) -> io::Result<Page> {
    Page::open(distant::Distant::new(run), address)
}

/// Serves a page of something else.
pub(crate) fn serve_shown(shown: impl Shown, address: SocketAddr) -> io::Result<Page> {
    Page::open(shown, address)
}
