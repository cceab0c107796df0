//! Messages and their codecs: noob's JSON, and msgpack between Rust processes.
