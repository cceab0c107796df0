//! The examples are the binaries of this package; see `examples/README.md`.
