/// Hears reports.
struct Reports {
    failures: Vec<Failure>,
}
impl Reports {
    fn on_subscription(&mut self, subscription: Subscription) {
        println!("{} listens: {}", subscription.topic.len(), subscription.subscribed);
    }
    async fn on_status(&mut self, status: Status, context: &Context) {
        println!("{}, on {}", status.node_id, context.socket.name);
    }
    fn on_error(&mut self, failure: Failure) -> Result<(), std::io::Error> {
        self.failures.push(failure);
        Ok(())
    }
}
#[automatically_derived]
impl ::noob_zmq::actor::Actor for Reports {
    type Sockets = ReportSockets;
    async fn dispatch(
        &mut self,
        __incoming: <ReportSockets as ::noob_zmq::actor::Sockets>::Incoming,
        __context: &::noob_zmq::actor::Context,
    ) -> ::core::result::Result<(), ::noob_zmq::actor::HandlerError> {
        type Incoming = <ReportSockets as ::noob_zmq::actor::Sockets>::Incoming;
        match __incoming {
            Incoming::OutboxSubscription(subscription) => {
                ::noob_zmq::actor::IntoOutcome::into_outcome(
                    self.on_subscription(subscription),
                )
            }
            Incoming::RouterStatus(status) => {
                ::noob_zmq::actor::IntoOutcome::into_outcome(
                    self.on_status(status, __context).await,
                )
            }
            Incoming::RouterFailure(failure) => {
                ::noob_zmq::actor::IntoOutcome::into_outcome(self.on_error(failure))
            }
            Incoming::Other(__message) => {
                ::noob_zmq::actor::drop_unhandled(&__message, __context)
            }
        }
    }
}
#[automatically_derived]
impl Reports {
    const _ONE_BLOCK_HOLDS_ALL_HANDLERS: () = ();
}
::noob_zmq::__private::inventory::submit! {
    ::noob_zmq::actor::RegisteredActor::new("Reports", < ReportSockets as
    ::noob_zmq::actor::Sockets > ::SPEC.name, &
    [::noob_zmq::actor::RegisteredHandler::new("outbox", "Subscription",
    "on_subscription"), ::noob_zmq::actor::RegisteredHandler::new("router", "Status",
    "on_status"), ::noob_zmq::actor::RegisteredHandler::new("router", "Failure",
    "on_error")], ::noob_zmq::actor::SourceLocation::new(::core::module_path!(),
    ::core::file!(), ::core::line!()),)
}
const _: &[::noob_zmq::wire::MessageType] = &[MessageType::Status, MessageType::Failure];
