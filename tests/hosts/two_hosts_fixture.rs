//! Two hosts in one process, each with a directory of its own, connected by tcp only.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use noob_zmq::actor::{
    Actor, ActorError, ActorGuard, ActorLoop, Dealer, Opener, Router, Scope, Sockets as _, Sub,
    XPub,
};
use noob_zmq::transport::keys::{AllowList, AllowedKeys, KeyPair, KeyRole, PublicKey};
use noob_zmq::transport::tcp::{AccessControl, AddressResolver, Listener, TcpAddress};
use noob_zmq::transport::{Endpoint, RuntimeDir};
use noob_zmq::wire::Subscription;
use noob_zmq::{Message, Sockets, handlers};
use tempfile::TempDir;

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Message with a number, and bytes that make it large.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize, Message)]
#[message(kind = "test.note")]
pub(crate) struct Note {
    pub(crate) number: u64,
    pub(crate) ballast: String,
}

#[derive(Debug, Sockets)]
#[sockets(path = "command")]
pub(crate) struct HubSockets {
    #[bind]
    #[recv(Subscription)]
    #[send(Note)]
    pub(crate) outbox: XPub<Self>,
    #[bind("command/inbox")]
    #[recv(Note)]
    pub(crate) router: Router,
}

/// Actor that publishes notes, and receives those that return.
#[derive(Debug)]
pub(crate) struct Hub {
    pub(crate) sockets: HubSockets,
    pub(crate) subscribed: u64,
    pub(crate) back: Vec<u64>,
}

#[handlers(HubSockets)]
impl Hub {
    #[on_outbox(Subscription)]
    fn on_subscription(&mut self, subscription: Subscription) {
        self.subscribed += u64::from(subscription.subscribed && subscription.topic.is_empty());
    }

    #[on_router(Note)]
    fn on_note(&mut self, note: Note) {
        self.back.push(note.number);
    }
}

#[derive(Debug, Sockets)]
#[sockets(path = "nodes/{id}", identity = "{id}")]
pub(crate) struct GuestSockets {
    #[connect("command/inbox")]
    #[send(Note)]
    pub(crate) dealer: Dealer<Self>,
    #[connect("command/outbox")]
    #[recv(Note)]
    pub(crate) inbox: Sub,
}

/// Actor that returns every note.
#[derive(Debug)]
pub(crate) struct Guest {
    pub(crate) sockets: GuestSockets,
    pub(crate) heard: Vec<(u64, usize)>,
}

#[handlers(GuestSockets)]
impl Guest {
    #[on_inbox(Note)]
    fn on_note(&mut self, note: Note) -> Result<(), ActorError> {
        self.heard.push((note.number, note.ballast.len()));
        self.sockets.dealer.send(&Note {
            ballast: String::new(),
            ..note
        })
    }
}

/// Host that listens.
pub(crate) struct ListeningHost {
    pub(crate) hub: ActorGuard<Hub>,
    pub(crate) gate: Option<Listener>,
    pub(crate) allow: AllowList,
    pub(crate) key: KeyPair,
    pub(crate) address: TcpAddress,
    pub(crate) dir: RuntimeDir,
    _root: TempDir,
}

/// Host that connects.
pub(crate) struct ConnectingHost {
    pub(crate) guest: ActorGuard<Guest>,
    _network: AddressResolver,
    _dir: RuntimeDir,
    _root: TempDir,
}

fn root() -> (TempDir, PathBuf) {
    let root = TempDir::with_prefix("nz").unwrap();
    let path = root.path().join("r");
    (root, path)
}

impl ListeningHost {
    /// Listens at `at` (port 0) with keys; `None`: plain, on loopback.
    pub(crate) async fn open(at: &[&str], allowed: Option<AllowedKeys>) -> Self {
        let (root, path) = root();
        let dir = RuntimeDir::create(&path).unwrap();
        let hub = Hub::run(Scope::of(&dir, "hub"), |sockets| Hub {
            sockets,
            subscribed: 0,
            back: Vec::new(),
        })
        .await
        .unwrap();
        let key = KeyPair::generate().unwrap();
        let keys = allowed.is_some();
        let allow = AllowList::new(allowed.unwrap_or_default());
        let door = if keys {
            AccessControl::Keys {
                own: key.clone(),
                allow: allow.clone(),
            }
        } else {
            AccessControl::Plain
        };
        let at: Vec<SocketAddr> = at.iter().map(|at| at.parse().unwrap()).collect();
        let gate = Listener::bind(&at, dir.path(), door).await.unwrap();
        let hosts: Vec<String> = gate.addresses().iter().map(ToString::to_string).collect();
        let address = TcpAddress::new(keys.then(|| key.public()), hosts, "command/outbox").unwrap();
        Self {
            hub,
            gate: Some(gate),
            allow,
            key,
            address,
            dir,
            _root: root,
        }
    }

    pub(crate) fn listener(&self) -> &Listener {
        self.gate.as_ref().expect("a gate that is open")
    }

    pub(crate) fn port(&self) -> SocketAddr {
        self.listener().addresses()[0]
    }

    /// Closes the listener, which cuts its links.
    pub(crate) async fn close(&mut self) {
        if let Some(gate) = self.gate.take() {
            gate.close().await;
        }
    }

    /// Listens again at the same address.
    pub(crate) async fn reopen(&mut self, at: SocketAddr) {
        let door = AccessControl::Keys {
            own: self.key.clone(),
            allow: self.allow.clone(),
        };
        self.gate = Some(Listener::bind(&[at], self.dir.path(), door).await.unwrap());
    }

    /// Publishes notes of these numbers.
    pub(crate) fn send_notes(&self, numbers: std::ops::Range<u64>, ballast: usize) {
        let ballast = "x".repeat(ballast);
        let said = self.hub.tell(move |hub| {
            for number in numbers {
                let ballast = ballast.clone();
                hub.sockets.outbox.send(&Note { number, ballast }).unwrap();
            }
        });
        said.unwrap();
    }

    pub(crate) async fn wait_for_subscriptions(&self, times: u64) {
        until("a subscription", async || {
            self.hub.ask(|hub| hub.subscribed).await.unwrap() >= times
        })
        .await;
    }

    /// Waits until this number of notes has returned; returns all their numbers.
    pub(crate) async fn wait_for_returned(&self, count: usize) -> Vec<u64> {
        until("what comes back", async || {
            self.hub.ask(|hub| hub.back.len()).await.unwrap() >= count
        })
        .await;
        self.hub.ask(|hub| hub.back.clone()).await.unwrap()
    }
}

impl ConnectingHost {
    /// Returns a host whose guest connects to `address` with `key`.
    pub(crate) async fn open(id: &str, address: &TcpAddress, key: Option<KeyPair>) -> Self {
        let (root, path) = root();
        let dir = RuntimeDir::create(&path).unwrap();
        let network = AddressResolver::new(dir.path(), key);
        for socket in ["command/outbox", "command/inbox"] {
            let endpoint = Endpoint::tcp(address.with_socket(socket).unwrap());
            network.to_local(&endpoint).unwrap();
        }
        let opener =
            Opener::new(GuestSockets::SPEC, Scope::of(&dir, id)).with_resolver(network.clone());
        let guest = ActorLoop::open_with(opener, |sockets| Guest {
            sockets,
            heard: Vec::new(),
        })
        .await
        .unwrap()
        .spawn();
        Self {
            guest,
            _network: network,
            _dir: dir,
            _root: root,
        }
    }

    pub(crate) async fn received(&self) -> Vec<(u64, usize)> {
        self.guest.ask(|guest| guest.heard.clone()).await.unwrap()
    }
}

/// Returns the allowed keys with these names and roles.
pub(crate) fn allowed(keys: &[(PublicKey, &str, KeyRole)]) -> AllowedKeys {
    keys.iter()
        .fold(AllowedKeys::default(), |allowed, (key, name, role)| {
            allowed.with(*key, name, &[*role])
        })
}

/// Waits until `holds` returns true, and fails after a deadline.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(
            begun.elapsed() < PATIENCE,
            "after {PATIENCE:?}, still waiting for {what}"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
