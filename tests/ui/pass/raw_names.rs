//! Keywords and names of the expansion as names of sockets, messages, handlers, nodes and slots.
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unused_qualifications
)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]

use noob_zmq::actor::{Context, Router, Sub, XPub};
use noob_zmq::wire::{MessageType, Ping, Status, Stop, Subscription};
use noob_zmq::{Message, Sockets, handlers};

/// Sockets with odd names.
#[derive(Debug, Clone, Sockets)]
pub struct RawSockets {
    /// Keyword of Rust.
    #[connect]
    #[recv(Ping, Stop)]
    pub r#type: Sub,
    /// A name longer than any line.
    #[bind]
    #[recv(Subscription)]
    #[send(Status)]
    pub a_socket_whose_name_is_so_very_long_that_it_does_not_fit_into_any_line_of_any_terminal_of_any_user_anywhere:
        XPub<Self>,
    /// Another keyword, with messages that have raw names.
    #[bind]
    #[recv(r#Match, Größe)]
    pub r#match: Router,
}

/// A message.
#[derive(Debug, serde::Serialize, serde::Deserialize, Message)]
pub struct Match(pub u8);

/// Message with a keyword as a field.
#[derive(Debug, serde::Serialize, serde::Deserialize, Message)]
#[message(kind = "raw.zahl", version = 3)]
pub struct Größe {
    /// Its value.
    pub r#fn: u8,
}

/// An actor.
#[derive(Debug, Default)]
pub struct Raw {
    seen: usize,
}

#[handlers(RawSockets)]
impl Raw {
    #[on_type(MessageType::Ping)]
    const fn r#loop(&mut self, r#type: Ping) {
        let _ = r#type;
        self.seen += 1;
    }

    #[on_type(MessageType::Stop)]
    async fn r#async(&mut self, incoming: Stop, message: &Context) -> Result<(), std::io::Error> {
        std::future::ready(()).await;
        let _ = incoming;
        self.seen += message.socket.name.len();
        Ok(())
    }

    #[on_a_socket_whose_name_is_so_very_long_that_it_does_not_fit_into_any_line_of_any_terminal_of_any_user_anywhere(
        Subscription
    )]
    fn dispatch(&mut self, context: Subscription) {
        self.seen += context.topic.len();
        drop(context);
    }

    #[on_match(Match)]
    fn extend(&mut self, Match(number): Match) {
        self.seen += usize::from(number);
    }

    #[noob_zmq::on(r#match, r#Größe)]
    fn unnamed(&mut self, Größe { r#fn }: Größe) {
        self.seen += usize::from(r#fn);
    }
}

/// Nodes with odd names.
pub mod r#mod {
    use noob_zmq::graph::Emit;
    use noob_zmq::{Signals, node};

    /// Slots with names of locals of the expansion.
    #[node]
    #[must_use]
    pub fn r#in(r#in: i64, call: i64, #[slot(default = 3)] said: i64, item: Option<i64>) -> i64 {
        r#in + call + said + item.unwrap_or(0)
    }

    /// Signals with names of locals of the expansion.
    #[derive(Debug, Signals)]
    pub struct Parts {
        /// Its value.
        pub r#type: i64,
        /// Its value.
        pub node: Emit<i64>,
        /// Its value.
        pub outputs: Option<String>,
    }

    /// Slots with names of signals.
    #[node(name = "raw.parts")]
    #[must_use]
    pub const fn parts(node: i64, outputs: i64, params: i64) -> Parts {
        Parts {
            r#type: node,
            node: Emit::Value(outputs + params),
            outputs: None,
        }
    }

    /// Fails.
    ///
    /// # Errors
    /// With its argument.
    #[node]
    pub async fn r#await(error: String, state: Vec<u8>) -> Result<String, String> {
        std::future::ready(()).await;
        if state.is_empty() {
            Err(error)
        } else {
            Ok(error)
        }
    }

    /// A source.
    #[node]
    pub fn r#for(
        item: u8,
        node: u8,
        params: u8,
    ) -> impl Iterator<Item = Result<u8, std::io::Error>> {
        (item..node + params).map(Ok)
    }

    /// A block.
    #[derive(Debug)]
    pub struct Keep(i64);

    #[node]
    impl Keep {
        /// New.
        #[must_use]
        pub const fn new(params: i64) -> Self {
            Self(params)
        }

        /// A call.
        #[process]
        pub const fn r#yield(&mut self, call: i64, state: i64) -> i64 {
            self.0 += call + state;
            self.0
        }

        /// State of the node.
        #[snapshot]
        #[must_use]
        pub const fn snapshot(&self) -> i64 {
            self.0
        }

        /// Knows it again.
        #[restore]
        pub const fn restore(&mut self, state: i64) {
            self.0 = state;
        }
    }

    /// An asset.
    #[noob_zmq::asset]
    #[must_use]
    pub const fn r#static(object: i64, params: i64) -> i64 {
        object + params
    }
}

#[test]
fn runs() {
    use noob_zmq::wire::Message as _;
    assert_eq!(Raw::default().seen, 0);
    assert_eq!(RawSockets::TYPE.name(), "type");
    assert_eq!(Größe::KIND, "raw.zahl@3");
    let registry = noob_zmq::node::Registry::get().unwrap();
    for name in ["in", "await", "for"] {
        let name = format!("ui.pass.raw_names.mod.{name}");
        assert!(registry.lookup(&name).is_ok(), "{name}");
    }
}
