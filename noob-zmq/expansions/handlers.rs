use noob_zmq::actor::Context;
use noob_zmq::handlers;
use noob_zmq::wire::{Failure, MessageType, Status, Subscription};

/// Hears reports.
struct Reports {
    failures: Vec<Failure>,
}

#[handlers(ReportSockets)]
impl Reports {
    #[on_outbox(Subscription)]
    fn on_subscription(&mut self, subscription: Subscription) {
        println!(
            "{} listens: {}",
            subscription.topic.len(),
            subscription.subscribed
        );
    }

    #[on_router(MessageType::Status)]
    async fn on_status(&mut self, status: Status, context: &Context) {
        println!("{}, on {}", status.node_id, context.socket.name);
    }

    #[on_router(MessageType::Failure)]
    fn on_error(&mut self, failure: Failure) -> Result<(), std::io::Error> {
        self.failures.push(failure);
        Ok(())
    }
}
