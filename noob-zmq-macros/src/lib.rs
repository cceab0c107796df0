//! The macros of `noob-zmq`. Use them through that crate, which re-exports and documents them.
