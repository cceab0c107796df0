//! Settings of a runner with processes, as Python gives them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use noob_zmq::ZmqRunner;
use noob_zmq::runner::zmq::{Program, RemoteConfig, ZmqRunnerBuilder};
use noob_zmq::transport::keys::KeyPair;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::Tube;

/// Settings that were given; the others keep the defaults of the library.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Settings {
    window: Option<u32>,
    window_bytes: Option<u64>,
    shared_memory: Option<u64>,
    ready_timeout: Option<f64>,
    quit_timeout: Option<f64>,
    runtime_dir: Option<PathBuf>,
    listen: Vec<String>,
    remote: Vec<String>,
    key: Option<PathBuf>,
    allow: Option<PathBuf>,
    plain: bool,
}

impl Settings {
    /// Returns the builder of a runner whose nodes are hosted by this program.
    ///
    /// # Errors
    /// A time that is negative, an address or a key that cannot be read.
    pub(super) fn builder(self, tube: &Tube, program: Program) -> PyResult<ZmqRunnerBuilder> {
        let remote = self.remote()?;
        let mut builder = ZmqRunner::builder(tube.0.clone()).node_program(program);
        if let Some(remote) = remote {
            builder = builder.remote(remote);
        }
        if let Some(window) = self.window {
            builder = builder.window(window);
        }
        if let Some(bytes) = self.window_bytes {
            builder = builder.window_bytes(bytes);
        }
        if let Some(bytes) = self.shared_memory {
            builder = builder.shared_memory(bytes);
        }
        if let Some(timeout) = self.ready_timeout {
            builder = builder.ready_timeout(duration(timeout)?);
        }
        if let Some(timeout) = self.quit_timeout {
            builder = builder.quit_timeout(duration(timeout)?);
        }
        if let Some(directory) = self.runtime_dir {
            builder = builder.runtime_dir(directory);
        }
        Ok(builder)
    }

    /// Returns the configuration of nodes on other hosts, if the runner listens for them.
    fn remote(&self) -> PyResult<Option<RemoteConfig>> {
        if self.listen.is_empty() {
            return if self.remote.is_empty() {
                Ok(None)
            } else {
                Err(PyValueError::new_err(
                    "nodes of other hosts (`remote`) need an address to join at (`listen`)",
                ))
            };
        }
        let address = |text: &String| {
            text.parse::<SocketAddr>().map_err(|error| {
                PyValueError::new_err(format!("`{text}` is no address and port: {error}"))
            })
        };
        let listen = self
            .listen
            .iter()
            .map(address)
            .collect::<PyResult<Vec<_>>>()?;
        let config = if self.plain {
            RemoteConfig::plain(listen)
        } else {
            let key = self.key.as_ref().ok_or_else(|| {
                PyValueError::new_err(
                    "a runner that listens has a key (`key`, made by `noob-zmq keygen`), or is \
                     `plain`",
                )
            })?;
            let allow = self.allow.clone();
            let allow = allow.unwrap_or_else(|| key.with_file_name("allow"));
            let own =
                KeyPair::load(key).map_err(|error| PyValueError::new_err(error.to_string()))?;
            RemoteConfig::new(listen, own, allow)
        };
        Ok(Some(
            config.remote_nodes(self.remote.iter().map(String::as_str)),
        ))
    }
}

fn duration(seconds: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(seconds)
        .map_err(|error| PyValueError::new_err(format!("{seconds} s is no duration: {error}")))
}

/// Returns the program that hosts nodes.
///
/// # Errors
/// A command without a program.
pub(crate) fn node_program(command: Vec<String>, env: Vec<(String, String)>) -> PyResult<Program> {
    let mut words = command.into_iter();
    let path = words
        .next()
        .ok_or_else(|| PyValueError::new_err("the program of nodes has no path"))?;
    // Python finds its virtual environment by the name it was started with.
    let program = Program::new(path).args(words).keep_arg0();
    let with = |program: Program, (key, value): (String, String)| program.env(key, value);
    Ok(env.into_iter().fold(program, with))
}
