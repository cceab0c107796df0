//! Handlers and sockets that depend on the configuration.
#![allow(dead_code)]
use noob_zmq::actor::Sub;
use noob_zmq::wire::{MessageType, Ping, Stop};

#[derive(noob_zmq::Sockets)]
struct MySockets {
    #[connect]
    #[recv(Ping, Stop)]
    inbox: Sub,
    #[cfg(windows)]
    #[connect]
    #[recv(Nothing)]
    pipe: Sub,
}

struct Mine {
    stopped: bool,
}

#[noob_zmq::handlers(MySockets)]
impl Mine {
    #[on_inbox(MessageType::Ping)]
    fn ping(&mut self, _: Ping) {}

    #[cfg(windows)]
    #[on_inbox(MessageType::Stop)]
    fn stop_windows(&mut self, _: Stop) {}

    #[cfg(not(windows))]
    #[on_inbox(MessageType::Stop)]
    fn stop(&mut self, _: Stop) {
        self.stopped = true;
    }
}

#[test]
fn runs() {
    let _ = Mine { stopped: false }.stopped;
}
