//! Hosts that are network namespaces with a switch between them.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// Names of the hosts.
pub const NAMES: [&str; 3] = ["desk", "lab", "roof"];

/// Returns the address of the host at this index of [`NAMES`].
#[must_use]
pub fn address(i: usize) -> String {
    format!("10.77.0.{}", i + 1)
}

/// Network of three hosts at 10.77.0.1 to 3 and a switch, removed when this is dropped.
pub struct NamespaceNet {
    tag: String,
}

fn ip(arguments: &[&str]) -> Result<(), String> {
    let output = Command::new("ip")
        .args(arguments)
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("ip {}: {said}", arguments.join(" ")))
}

impl NamespaceNet {
    /// Creates the network; prints why and returns `None` where the kernel does not permit it.
    #[must_use]
    pub fn create() -> Option<Self> {
        static LAID: AtomicU32 = AtomicU32::new(0);
        let number = LAID.fetch_add(1, Ordering::Relaxed);
        let net = Self {
            tag: format!("nz{}-{number}", std::process::id()),
        };
        match net.try_create() {
            Ok(()) => Some(net),
            Err(why) => {
                eprintln!("SKIPPED: no network namespaces to be had here: {why}");
                None
            }
        }
    }

    fn try_create(&self) -> Result<(), String> {
        ip(&["netns", "add", &self.name("switch")])?;
        self.ip("switch", "link add name wires type bridge")?;
        self.ip("switch", "link set wires up")?;
        for (i, host) in NAMES.iter().enumerate() {
            let own = self.name(host);
            ip(&["netns", "add", &own])?;
            let pair = format!("link add name {host} type veth peer name eth netns {own}");
            self.ip("switch", &pair)?;
            self.ip("switch", &format!("link set {host} master wires up"))?;
            self.ip(host, &format!("address add {} dev eth", address(i) + "/24"))?;
            self.ip(host, "link set eth up")?;
            self.ip(host, "link set lo up")?;
        }
        Ok(())
    }

    /// Runs `ip` on a host, or on the switch.
    ///
    /// # Errors
    /// The words of `ip`.
    pub fn ip(&self, host: &str, what: &str) -> Result<(), String> {
        let own = self.name(host);
        let arguments: Vec<_> = ["-n", &own].into_iter().chain(what.split(' ')).collect();
        ip(&arguments)
    }

    /// Returns the name of the namespace of a host, or of the switch.
    #[must_use]
    pub fn name(&self, host: &str) -> String {
        format!("{}-{host}", self.tag)
    }

    /// Disconnects a host: its packets are dropped, without a notice to the host.
    ///
    /// # Errors
    /// The words of `ip`.
    pub fn disconnect(&self, host: &str) -> Result<(), String> {
        self.ip("switch", &format!("link set {host} nomaster"))
    }

    /// Connects a host again.
    ///
    /// # Panics
    /// The switch is not there any more.
    pub fn reconnect(&self, host: &str) {
        let again = format!("link set {host} master wires");
        self.ip("switch", &again).unwrap();
    }
}

impl Drop for NamespaceNet {
    fn drop(&mut self) {
        for host in NAMES.iter().chain(&["switch"]) {
            let _ = ip(&["netns", "del", &self.name(host)]);
        }
    }
}
