/// A command node's sockets, and one more.
struct WatchSockets {
    /// A command node's.
    command: CommandSockets,
    /// Progress, for whoever listens.
    progress: XPub<Self>,
}
/// Everything that can arrive on [`WatchSockets`].
#[derive(Debug)]
#[allow(dead_code)]
enum WatchSocketsIncoming {
    /// Message that arrives on the sockets of `command`.
    Command(<CommandSockets as ::noob_zmq::actor::Sockets>::Incoming),
    /// `Subscription` arriving on `progress`.
    ProgressSubscription(Subscription),
    /// A message of a kind that the spec does not name.
    Other(::noob_zmq::wire::RawMessage),
}
#[automatically_derived]
impl ::noob_zmq::actor::Sockets for WatchSockets {
    type Incoming = WatchSocketsIncoming;
    const SPEC: &'static ::noob_zmq::actor::ActorSpec = {
        const SOCKETS: &[::noob_zmq::actor::SocketSpec] = &[
            <CommandSockets as ::noob_zmq::actor::Sockets>::SPEC.sockets[0],
            <CommandSockets as ::noob_zmq::actor::Sockets>::SPEC.sockets[1],
            <CommandSockets as ::noob_zmq::actor::Sockets>::SPEC.sockets[2],
            ::noob_zmq::actor::SocketSpec::new(
                    "WatchSockets",
                    "progress",
                    <XPub<WatchSockets> as ::noob_zmq::actor::Socket>::KIND,
                    ::noob_zmq::actor::SocketRole::Bind,
                    "watch/progress",
                    "watch.progress",
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
                            "Status",
                            <Status as ::noob_zmq::wire::Message>::KIND,
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
                .with_doc("Progress, for whoever listens."),
        ];
        &::noob_zmq::actor::ActorSpec::new(
            "WatchSockets",
            SOCKETS,
            "A command node's sockets, and one more.",
        )
    };
    async fn open(
        __opener: &mut ::noob_zmq::actor::Opener,
        __first: usize,
    ) -> ::core::result::Result<Self, ::noob_zmq::actor::ActorError> {
        ::core::result::Result::Ok(Self {
            command: <CommandSockets as ::noob_zmq::actor::Sockets>::open(
                    __opener,
                    __first,
                )
                .await?,
            progress: <XPub<
                WatchSockets,
            > as ::noob_zmq::actor::Socket>::from_inner(
                __opener.open(__first + 3).await?,
            ),
        })
    }
    fn decode(
        __socket: usize,
        __raw: ::noob_zmq::wire::RawMessage,
    ) -> ::core::result::Result<WatchSocketsIncoming, ::noob_zmq::wire::WireError> {
        ::core::result::Result::Ok(
            match (__socket, __raw.kind()) {
                (0..=2, _) => {
                    WatchSocketsIncoming::Command(
                        <CommandSockets as ::noob_zmq::actor::Sockets>::decode(
                            __socket,
                            __raw,
                        )?,
                    )
                }
                (3, <Subscription as ::noob_zmq::wire::Message>::KIND) => {
                    WatchSocketsIncoming::ProgressSubscription(
                        <Subscription as ::noob_zmq::wire::Message>::decode(&__raw)?,
                    )
                }
                _ => WatchSocketsIncoming::Other(__raw),
            },
        )
    }
}
impl ::noob_zmq::actor::Contains<0> for WatchSockets {
    type Inner = CommandSockets;
}
#[diagnostic::do_not_recommend]
impl ::noob_zmq::actor::Sends<Status, XPub> for WatchSockets {}
impl WatchSockets {
    /// The socket `progress`: its name, its address and its identity.
    ///
    /// Progress, for whoever listens.
    const PROGRESS: ::noob_zmq::actor::SocketId<Self, XPub<WatchSockets>> = ::noob_zmq::actor::SocketId::new(
        3,
    );
}
const _: fn(&WatchSockets) = |__sockets| _ = (&__sockets.command, &__sockets.progress);
::noob_zmq::__private::inventory::submit! {
    ::noob_zmq::actor::RegisteredSpec::new(< WatchSockets as ::noob_zmq::actor::Sockets >
    ::SPEC, ::noob_zmq::actor::SourceLocation::new(::core::module_path!(),
    ::core::file!(), ::core::line!()),)
}
#[doc(hidden)]
macro_rules! __noob_sockets_WatchSockets_1_1 {
    ([$($noob:tt)*] $stage:ident $($asked:tt)*) => {
        $($noob)* ::__private:: $stage ! { WatchSockets { command => CommandSockets {
        outbox : XPub < CommandSockets > => [Subscription], router : Router <
        CommandSockets > => [Identify, Status, Health, Failure], inbox : Sub => [Events,
        Receipt, Progress] }, progress : XPub < WatchSockets > => [Subscription] }
        $($asked)* }
    };
}
#[doc(hidden)]
#[allow(unused_imports)]
use __noob_sockets_WatchSockets_1_1 as WatchSockets;
/// A command node that counts.
struct Watch {
    inner: CommandNode,
    events: usize,
    reports: usize,
}
impl Watch {
    /// Takes a reference: looks at the message, which then goes on to the inner command node.
    fn on_events(&mut self, events: &Events) {
        self.events += events.0.len();
    }
    /// Has the message instead of the inner command node, and passes on what that one needs.
    fn on_status(&mut self, status: Status) {
        self.reports += 1;
        self.inner.on_status(status);
    }
    fn on_subscription(&mut self, _subscription: Subscription) {}
}
#[automatically_derived]
impl ::noob_zmq::actor::Actor for Watch {
    type Sockets = WatchSockets;
    async fn dispatch(
        &mut self,
        __incoming: <WatchSockets as ::noob_zmq::actor::Sockets>::Incoming,
        __context: &::noob_zmq::actor::Context,
    ) -> ::core::result::Result<(), ::noob_zmq::actor::HandlerError> {
        type Incoming = <WatchSockets as ::noob_zmq::actor::Sockets>::Incoming;
        type Command = <<WatchSockets as ::noob_zmq::actor::Contains<
            0,
        >>::Inner as ::noob_zmq::actor::Sockets>::Incoming;
        match __incoming {
            Incoming::Command(Command::InboxEvents(events)) => {
                __context
                    .report(
                        ::noob_zmq::actor::IntoOutcome::into_outcome(
                            self.on_events(&events),
                        ),
                    );
                ::noob_zmq::actor::Actor::dispatch(
                        &mut self.inner,
                        Command::InboxEvents(events),
                        __context,
                    )
                    .await
            }
            Incoming::Command(Command::RouterStatus(status)) => {
                ::noob_zmq::actor::IntoOutcome::into_outcome(self.on_status(status))
            }
            Incoming::ProgressSubscription(message) => {
                ::noob_zmq::actor::IntoOutcome::into_outcome(
                    self.on_subscription(message),
                )
            }
            Incoming::Command(__incoming) => {
                ::noob_zmq::actor::Actor::dispatch(
                        &mut self.inner,
                        __incoming,
                        __context,
                    )
                    .await
            }
            Incoming::Other(__message) => {
                ::noob_zmq::actor::drop_unhandled(&__message, __context)
            }
        }
    }
}
#[automatically_derived]
impl Watch {
    const _ONE_BLOCK_HOLDS_ALL_HANDLERS: () = ();
}
::noob_zmq::__private::inventory::submit! {
    ::noob_zmq::actor::RegisteredActor::new("Watch", < WatchSockets as
    ::noob_zmq::actor::Sockets > ::SPEC.name, &
    [::noob_zmq::actor::RegisteredHandler::new("inbox", "Events", "on_events"),
    ::noob_zmq::actor::RegisteredHandler::new("router", "Status", "on_status"),
    ::noob_zmq::actor::RegisteredHandler::new("progress", "Subscription",
    "on_subscription")], ::noob_zmq::actor::SourceLocation::new(::core::module_path!(),
    ::core::file!(), ::core::line!()),)
}
const _: &[::noob_zmq::wire::MessageType] = &[
    MessageType::Events,
    MessageType::Status,
    MessageType::Subscription,
];
