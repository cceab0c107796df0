//! A handler in a block without `#[handlers(..)]`.
#![allow(unused)]
include!("parts/spec.rs");

impl CommandNode {
    #[on_router(MessageType::Status)]
    fn on_status(&mut self, status: Status) {}
}

fn main() {}
