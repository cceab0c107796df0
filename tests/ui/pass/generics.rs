//! Actors with type parameters, constants, lifetimes and a `where` clause.
#![allow(dead_code)]
use noob_zmq::actor::{Actor, Context, Sub};
use noob_zmq::wire::{MessageType, Ping, Stop};

#[derive(noob_zmq::Sockets)]
struct MySockets {
    #[connect]
    #[recv(Ping, Stop)]
    inbox: Sub,
}

struct Watch<'a, T, const N: usize> {
    seen: &'a mut Vec<T>,
    last: [Option<T>; N],
}

#[noob_zmq::handlers(MySockets)]
impl<'a, T, const N: usize> Watch<'a, T, N>
where
    T: Default + Send + Sync,
{
    const LIMIT: usize = N;

    fn new(seen: &'a mut Vec<T>) -> Self {
        Self {
            seen,
            last: [const { None }; N],
        }
    }

    #[on_inbox(MessageType::Ping)]
    async fn ping(&mut self, _ping: Ping) {
        std::future::ready(()).await;
        self.seen.push(T::default());
    }

    #[on_inbox(MessageType::Stop)]
    async fn stop(
        &self,
        _stop: Stop,
        context: &Context,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        if self.last.len() > Self::LIMIT || context.socket.name != "inbox" {
            return Err("too many".into());
        }
        Ok(())
    }
}

struct Elided<'a>(&'a str);

#[noob_zmq::handlers(MySockets)]
impl Elided<'_> {
    #[on_inbox(MessageType::Ping)]
    fn ping(&self, _: Ping) {
        let _ = self.0;
    }

    #[on_inbox(MessageType::Stop)]
    fn stop(&mut self, Stop: Stop) {}
}

fn is_actor<A: Actor>(_: &A) {}

#[test]
fn runs() {
    let mut seen: Vec<u8> = Vec::new();
    is_actor(&Watch::<'_, u8, 3>::new(&mut seen));
    is_actor(&Elided("x"));
}
