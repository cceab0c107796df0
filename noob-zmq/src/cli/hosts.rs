//! Options for other hosts: of `run`, and of the commands that watch a run.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::output::print_error;
use super::{Failure, keygen};
use crate::runner::watch::client::FoundRun;
use crate::runner::zmq::{Placed, Placement, RemoteConfig};
use crate::transport::keys::{KeyError, KeyPair, PublicKey};
use crate::transport::tcp::{BlockingLink, WATCH};

/// Nodes on other hosts.
#[derive(Debug, Args)]
#[command(next_help_heading = "Other hosts")]
pub(super) struct OtherHosts {
    /// Listen here for other hosts (`10.0.0.1:5600`); may be given several times.
    #[arg(long, value_name = "ADDR")]
    listen: Vec<SocketAddr>,
    /// Nodes that are left to other hosts, separated by commas.
    #[arg(long, value_name = "NODES", value_delimiter = ',', requires = "listen")]
    remote: Vec<String>,
    /// The private key of this host [default: that of `noob-zmq keygen`].
    #[arg(long, value_name = "FILE", requires = "listen")]
    key: Option<PathBuf>,
    /// The keys that are authorized [default: the file `allow` beside the private key].
    #[arg(long, value_name = "FILE", requires = "listen")]
    allow: Option<PathBuf>,
    /// Authorize every process of this machine: without keys, on loopback only.
    #[arg(long, requires = "listen", conflicts_with_all = ["key", "allow"])]
    plain: bool,
}

impl OtherHosts {
    /// Returns whether the run listens for other hosts.
    pub(super) fn listens(&self) -> bool {
        !self.listen.is_empty()
    }

    /// Whether nobody joins but agents that the runner itself starts, which need no key files.
    fn is_for_ssh(&self, placement: Option<&(Placement, Placed)>) -> bool {
        let by_ssh = |(_, placed): &(Placement, Placed)| {
            placed.has_ssh() && placed.node_without_ssh().is_none()
        };
        self.remote.is_empty()
            && self.key.is_none()
            && self.allow.is_none()
            && placement.is_some_and(by_ssh)
    }

    /// Returns the addresses to listen on and the authorized keys; `None` without other hosts.
    ///
    /// A runner with hosts of ssh alone listens by itself.
    pub(super) fn hosts(
        &self,
        placement: Option<&(Placement, Placed)>,
    ) -> Result<Option<RemoteConfig>, Failure> {
        if !self.listens() {
            return Ok(None);
        }
        let listen = self.listen.iter().copied();
        let (hosts, who) = if self.plain {
            (RemoteConfig::plain(listen), String::new())
        } else if self.is_for_ssh(placement) {
            let with = " with a key of this run".to_owned();
            (RemoteConfig::with_key_of_run(listen)?, with)
        } else {
            let path = key_file(self.key.as_ref())?;
            let key = load(&path)?;
            let allow = self
                .allow
                .clone()
                .unwrap_or_else(|| path.with_file_name("allow"));
            let public = key.public();
            (
                RemoteConfig::new(listen, key, allow),
                format!(" with the key {public}"),
            )
        };
        let print = move |addresses: &[SocketAddr]| {
            let at: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            print_error(format_args!("listening at {}{who}", at.join(", ")));
        };
        Ok(Some(
            hosts
                .remote_nodes(self.remote.iter().map(String::as_str))
                .on_listening(print),
        ))
    }
}

/// Run of a runner on another host, which listens there.
#[derive(Debug, Args)]
#[command(next_help_heading = "A run on another host")]
pub(super) struct RunElsewhere {
    /// Address at which the runner listens (`10.0.0.1:5600`), in place of the run; may be given
    /// several times: the first that answers is taken.
    #[arg(long, value_name = "ADDR")]
    join: Vec<String>,
    /// The private key of this host [default: that of `noob-zmq keygen`].
    #[arg(long, value_name = "FILE", requires = "join")]
    key: Option<PathBuf>,
    /// The public key of the runner's host, as `noob-zmq keygen` prints it there.
    // One key in sixty-four begins with `-`.
    #[arg(
        long,
        value_name = "KEY",
        requires = "join",
        allow_hyphen_values = true
    )]
    server_key: Option<PublicKey>,
    /// Without keys, as the runner: on loopback only.
    #[arg(long, requires = "join", conflicts_with_all = ["key", "server_key"])]
    plain: bool,
}

impl RunElsewhere {
    /// Returns the run; `None` if it is one of this user.
    pub(super) fn run(&self) -> Result<Option<FoundRun>, Failure> {
        if self.join.is_empty() {
            return Ok(None);
        }
        let keys = match (self.server_key, self.plain) {
            (Some(runner), _) => Some((load(&key_file(self.key.as_ref())?)?, runner)),
            (None, true) => None,
            (None, false) => {
                return Err(Failure::Usage(
                    "`--join` needs the public key of the runner's host: give `--server-key KEY`, \
                     or `--plain` if the runner listens without keys"
                        .into(),
                ));
            }
        };
        let link = BlockingLink::new(&self.join, keys, WATCH)?;
        Ok(Some(FoundRun::behind(self.join.join(", "), link)))
    }
}

/// Returns the file of the private key: the named one, or that of `noob-zmq keygen`.
pub(super) fn key_file(named: Option<&PathBuf>) -> Result<PathBuf, Failure> {
    named.cloned().or_else(keygen::default_file).ok_or_else(|| {
        Failure::Usage(
            "neither `XDG_CONFIG_HOME` nor `HOME` is set; name the file of the key by `--key`"
                .into(),
        )
    })
}

/// Reads a private key; the error explains how to make one.
pub(super) fn load(path: &std::path::Path) -> Result<KeyPair, Failure> {
    match KeyPair::load(path) {
        Err(error @ KeyError::File { .. }) if !path.exists() => Err(Failure::Run(format!(
            "{error}; make a key by `noob-zmq keygen {}`",
            path.display()
        ))),
        loaded => Ok(loaded?),
    }
}
