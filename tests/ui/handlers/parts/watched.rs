// The handlers of the actor, and a spec that contains that of the actor.
#[handlers(CommandSockets)]
impl CommandNode {
    #[on_router(MessageType::Identify)]
    fn on_identify(&mut self, identify: Identify) {}

    #[on_router(MessageType::Status)]
    fn on_status(&mut self, status: Status) {}

    #[on_inbox(MessageType::Events)]
    async fn on_event(&mut self, events: Events) {}
}

#[derive(Sockets)]
struct WatchSockets {
    #[sockets]
    command: CommandSockets,
    #[bind]
    #[recv(Subscription)]
    progress: XPub,
}
