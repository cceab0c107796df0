//! The node types that the recorded tubes use, under noob's names.

mod builtins;
mod gnodes;
mod open;
mod testing;
