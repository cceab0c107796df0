/// The sockets of an actor that asks for reports.
pub struct ReportSockets {
    /// Asks everybody.
    pub outbox: XPub<Self>,
    /// Hears the answers.
    pub router: Router,
}
/// Everything that can arrive on [`ReportSockets`].
#[derive(Debug)]
#[allow(dead_code)]
pub enum ReportSocketsIncoming {
    /// `Subscription` arriving on `outbox`.
    OutboxSubscription(Subscription),
    /// `Status` arriving on `router`.
    RouterStatus(Status),
    /// `Failure` arriving on `router`.
    RouterFailure(Failure),
    /// A message of a kind that the spec does not name.
    Other(::noob_zmq::wire::RawMessage),
}
#[automatically_derived]
impl ::noob_zmq::actor::Sockets for ReportSockets {
    type Incoming = ReportSocketsIncoming;
    const SPEC: &'static ::noob_zmq::actor::ActorSpec = {
        const SOCKETS: &[::noob_zmq::actor::SocketSpec] = &[
            ::noob_zmq::actor::SocketSpec::new(
                    "ReportSockets",
                    "outbox",
                    <XPub<ReportSockets> as ::noob_zmq::actor::Socket>::KIND,
                    ::noob_zmq::actor::SocketRole::Bind,
                    "reports/outbox",
                    "reports.outbox",
                )
                .with_receives(
                    &[
                        ::noob_zmq::actor::MessageSpec::new(
                            "Subscription",
                            <Subscription as ::noob_zmq::wire::Message>::KIND,
                        ),
                    ],
                )
                .with_sends(
                    &[
                        ::noob_zmq::actor::MessageSpec::new(
                            "Ping",
                            <Ping as ::noob_zmq::wire::Message>::KIND,
                        ),
                    ],
                )
                .with_peers(
                    &[
                        ::noob_zmq::actor::PeerSpec::foreign(
                            "Sub",
                            ::noob_zmq::actor::SocketKind::Sub,
                        ),
                    ],
                )
                .with_doc("Asks everybody."),
            ::noob_zmq::actor::SocketSpec::new(
                    "ReportSockets",
                    "router",
                    <Router as ::noob_zmq::actor::Socket>::KIND,
                    ::noob_zmq::actor::SocketRole::Bind,
                    "reports/router",
                    "reports.router",
                )
                .with_receives(
                    &[
                        ::noob_zmq::actor::MessageSpec::new(
                            "Status",
                            <Status as ::noob_zmq::wire::Message>::KIND,
                        ),
                        ::noob_zmq::actor::MessageSpec::new(
                            "Failure",
                            <Failure as ::noob_zmq::wire::Message>::KIND,
                        ),
                    ],
                )
                .with_sends(&[])
                .with_peers(
                    &[
                        ::noob_zmq::actor::PeerSpec::foreign(
                            "Dealer",
                            ::noob_zmq::actor::SocketKind::Dealer,
                        ),
                    ],
                )
                .with_doc("Hears the answers."),
        ];
        &::noob_zmq::actor::ActorSpec::new(
            "ReportSockets",
            SOCKETS,
            "The sockets of an actor that asks for reports.",
        )
    };
    async fn open(
        __opener: &mut ::noob_zmq::actor::Opener,
        __first: usize,
    ) -> ::core::result::Result<Self, ::noob_zmq::actor::ActorError> {
        ::core::result::Result::Ok(Self {
            outbox: <XPub<
                ReportSockets,
            > as ::noob_zmq::actor::Socket>::from_inner(__opener.open(__first).await?),
            router: <Router as ::noob_zmq::actor::Socket>::from_inner(
                __opener.open(__first + 1).await?,
            ),
        })
    }
    fn decode(
        __socket: usize,
        __raw: ::noob_zmq::wire::RawMessage,
    ) -> ::core::result::Result<ReportSocketsIncoming, ::noob_zmq::wire::WireError> {
        ::core::result::Result::Ok(
            match (__socket, __raw.kind()) {
                (0, <Subscription as ::noob_zmq::wire::Message>::KIND) => {
                    ReportSocketsIncoming::OutboxSubscription(
                        <Subscription as ::noob_zmq::wire::Message>::decode(&__raw)?,
                    )
                }
                (1, <Status as ::noob_zmq::wire::Message>::KIND) => {
                    ReportSocketsIncoming::RouterStatus(
                        <Status as ::noob_zmq::wire::Message>::decode(&__raw)?,
                    )
                }
                (1, <Failure as ::noob_zmq::wire::Message>::KIND) => {
                    ReportSocketsIncoming::RouterFailure(
                        <Failure as ::noob_zmq::wire::Message>::decode(&__raw)?,
                    )
                }
                _ => ReportSocketsIncoming::Other(__raw),
            },
        )
    }
}
#[diagnostic::do_not_recommend]
impl ::noob_zmq::actor::Sends<Ping, XPub> for ReportSockets {}
impl ReportSockets {
    /// The socket `outbox`: its name, its address and its identity.
    ///
    /// Asks everybody.
    pub const OUTBOX: ::noob_zmq::actor::SocketId<Self, XPub<ReportSockets>> = ::noob_zmq::actor::SocketId::new(
        0,
    );
    /// The socket `router`: its name, its address and its identity.
    ///
    /// Hears the answers.
    pub const ROUTER: ::noob_zmq::actor::SocketId<Self, Router> = ::noob_zmq::actor::SocketId::new(
        1,
    );
}
const _: fn(&ReportSockets) = |__sockets| _ = (&__sockets.outbox, &__sockets.router);
const _: () = ::noob_zmq::__private::distinct_kinds(ReportSockets::ROUTER.side());
::noob_zmq::__private::inventory::submit! {
    ::noob_zmq::actor::RegisteredSpec::new(< ReportSockets as ::noob_zmq::actor::Sockets
    > ::SPEC, ::noob_zmq::actor::SourceLocation::new(::core::module_path!(),
    ::core::file!(), ::core::line!()),)
}
#[doc(hidden)]
#[macro_export]
macro_rules! __noob_sockets_ReportSockets_1_1 {
    ([$($noob:tt)*] $stage:ident $($asked:tt)*) => {
        $($noob)* ::__private:: $stage ! { ReportSockets { outbox : XPub < ReportSockets
        > => [Subscription], router : Router => [Status, Failure] } $($asked)* }
    };
}
#[doc(hidden)]
#[allow(unused_imports)]
pub use __noob_sockets_ReportSockets_1_1 as ReportSockets;
