//! Which socket types receive, which send, and which may be linked: the rules of ZMTP as traits.

use crate::actor::{Dealer, Pub, Pull, Push, Rep, Req, Router, Sub, XPub, XSub};

/// Messages can arrive on this socket.
#[diagnostic::on_unimplemented(
    message = "messages never arrive on a `{Self}` socket",
    label = "send-only socket",
    note = "sockets that receive: `Req`, `Rep`, `Dealer`, `Router`, `Sub`, `XPub`, `XSub`, `Pull`"
)]
pub trait Receives {}

/// Messages can be sent on this socket.
#[diagnostic::on_unimplemented(
    message = "messages cannot be sent on a `{Self}` socket",
    label = "receive-only socket",
    note = "sockets that send: `Req`, `Rep`, `Dealer`, `Router`, `Pub`, `XPub`, `XSub`, `Push`"
)]
pub trait Sends {}

/// ZMTP lets this socket be linked to a `Peer` (RFC 28 to 30).
#[diagnostic::on_unimplemented(
    message = "a `{Self}` socket cannot be linked to a `{Peer}` socket",
    label = "`{Self}` and `{Peer}` do not speak to each other",
    note = "links that work: Req-Rep, Req-Router, Dealer-Rep, Dealer-Dealer, Dealer-Router, Router-Router, Pub/XPub-Sub/XSub, Push-Pull"
)]
pub trait LinksTo<Peer> {}

macro_rules! mark {
    ($trait:ident: $($kind:ident)*) => { $(impl $trait for $kind {})* };
}
mark!(Receives: Req Rep Dealer Router Sub XPub XSub Pull);
mark!(Sends: Req Rep Dealer Router Pub XPub Push);

macro_rules! link {
    ($($a:ident to $($b:ident)*;)*) => { $($(impl LinksTo<$b> for $a {})*)* };
}
link! {
    Req to Rep Router;
    Rep to Req Dealer;
    Dealer to Rep Dealer Router;
    Router to Req Dealer Router;
    Pub to Sub XSub;
    Sub to Pub XPub;
    XPub to Sub XSub;
    XSub to Pub XPub;
    Push to Pull;
    Pull to Push;
}
