//! Messages go over every link that ZeroMQ knows, whichever end binds.

use std::time::{Duration, Instant};

use noob_zmq::actor::{
    Actor, ActorError, Context, Dealer, Pub, Pull, Push, Rep, Req, Router, Sends, Sub, XPub, XSub,
};
use noob_zmq::{Message, Sockets, handlers};
use serde::{Deserialize, Serialize};

use super::Place;

#[derive(Debug, Clone, Serialize, Deserialize, Message)]
pub(crate) struct Note(pub(crate) u32);

const PATIENCE: Duration = Duration::from_secs(20);

/// Says `say` until `heard` (for a peer that is not there yet may miss the first), or once.
pub(crate) async fn until<F: Future<Output = bool>>(
    again: bool,
    say: impl Fn(u32),
    heard: impl Fn() -> F,
) {
    let begun = Instant::now();
    say(1);
    while !heard().await {
        assert!(begun.elapsed() < PATIENCE, "nothing was heard");
        tokio::time::sleep(Duration::from_millis(5)).await;
        if again {
            say(1);
        }
    }
}

macro_rules! one_way {
    ($($name:ident: $left:ident $left_end:ident, $right:ident $right_end:ident;)*) => {$(mod $name {
        use super::*;

        #[derive(Sockets)]
        struct LeftSockets {
            #[$left_end("link")]
            #[send(Note)]
            #[peer(RightSockets::SOCKET)]
            socket: $left<Self>,
        }

        #[derive(Sockets)]
        struct RightSockets {
            #[$right_end("link")]
            #[recv(Note)]
            socket: $right,
        }

        struct Left(LeftSockets);

        #[handlers(LeftSockets)]
        impl Left {}

        struct Right {
            _sockets: RightSockets,
            heard: Vec<u32>,
        }

        #[handlers(RightSockets)]
        impl Right {
            #[on_socket(Note)]
            fn on_note(&mut self, note: Note) {
                self.heard.push(note.0);
            }
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn flows() {
            let place = Place::new();
            let make = |sockets| Right { _sockets: sockets, heard: Vec::new() };
            let right = Right::run(place.scope("right"), make).await.unwrap();
            let left = Left::run(place.scope("left"), Left).await.unwrap();
            let say = |n| left.tell(move |left| left.0.socket.send(&Note(n)).unwrap()).unwrap();
            let heard = || async { right.ask(|right| right.heard.contains(&1)).await.unwrap() };
            until(matches!(stringify!($left), "Pub" | "XPub"), say, heard).await;
            left.stop().await.unwrap();
            right.stop().await.unwrap();
        }
    })*};
}

one_way! {
    push_binds: Push bind, Pull connect;
    pull_binds: Push connect, Pull bind;
    pub_binds: Pub bind, Sub connect;
    sub_binds: Pub connect, Sub bind;
    pub_binds_for_xsub: Pub bind, XSub connect;
    xsub_binds_for_pub: Pub connect, XSub bind;
    xpub_binds: XPub bind, Sub connect;
    sub_binds_for_xpub: XPub connect, Sub bind;
    xpub_binds_for_xsub: XPub bind, XSub connect;
    xsub_binds: XPub connect, XSub bind;
}

/// Manner of sending of an actor, by the kind of its socket.
trait Says {
    fn say(&self, note: &Note, peer: Option<&[u8]>) -> Result<(), ActorError>;
}

macro_rules! says {
    ($($kind:ident)*) => {$(
        impl<S: Sends<Note, $kind>> Says for $kind<S> {
            fn say(&self, note: &Note, _peer: Option<&[u8]>) -> Result<(), ActorError> {
                self.send(note)
            }
        }
    )*};
}

says!(Req Rep Dealer);

impl<S: Sends<Note, Router>> Says for Router<S> {
    fn say(&self, note: &Note, peer: Option<&[u8]>) -> Result<(), ActorError> {
        self.send_to(peer.unwrap_or(b"right.socket"), note)
    }
}

macro_rules! both_ways {
    ($($name:ident: $left:ident $left_end:ident, $right:ident $right_end:ident;)*) => {$(mod $name {
        use super::*;

        #[derive(Sockets)]
        struct LeftSockets {
            #[$left_end("link")]
            #[send(Note)]
            #[recv(Note)]
            #[peer(RightSockets::SOCKET)]
            socket: $left<Self>,
        }

        #[derive(Sockets)]
        struct RightSockets {
            #[$right_end("link")]
            #[send(Note)]
            #[recv(Note)]
            #[peer(LeftSockets::SOCKET)]
            socket: $right<Self>,
        }

        struct Left {
            sockets: LeftSockets,
            heard: Vec<u32>,
        }

        #[handlers(LeftSockets)]
        impl Left {
            #[on_socket(Note)]
            fn on_note(&mut self, note: Note) {
                self.heard.push(note.0);
            }
        }

        struct Right(RightSockets);

        #[handlers(RightSockets)]
        impl Right {
            #[on_socket(Note)]
            async fn on_note(&mut self, note: Note, context: &Context) -> Result<(), ActorError> {
                self.0.socket.say(&Note(note.0 + 1), context.peer.as_deref())
            }
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn flows_and_is_answered() {
            let place = Place::new();
            let make = |sockets| Left { sockets, heard: Vec::new() };
            let left = Left::run(place.scope("left"), make).await.unwrap();
            let right = Right::run(place.scope("right"), Right).await.unwrap();
            let say = |n| {
                let send = move |left: &mut Left| left.sockets.socket.say(&Note(n), None).unwrap();
                left.tell(send).unwrap();
            };
            let heard = || async { left.ask(|left| left.heard.contains(&2)).await.unwrap() };
            until(stringify!($left) == "Router", say, heard).await;
            left.stop().await.unwrap();
            right.stop().await.unwrap();
        }
    })*};
}

both_ways! {
    req_binds_for_rep: Req bind, Rep connect;
    rep_binds: Req connect, Rep bind;
    req_binds_for_router: Req bind, Router connect;
    router_binds_for_req: Req connect, Router bind;
    dealer_binds_for_rep: Dealer bind, Rep connect;
    rep_binds_for_dealer: Dealer connect, Rep bind;
    dealer_binds_for_dealer: Dealer bind, Dealer connect;
    dealer_binds_for_router: Dealer bind, Router connect;
    router_binds_for_dealer: Dealer connect, Router bind;
    router_speaks_first_to_dealer: Router bind, Dealer connect;
    router_binds_for_router: Router bind, Router connect;
}
