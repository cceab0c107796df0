//! Where messages travel: addresses, private directories, and the sockets of the `zeromq` crate behind types that cannot be misused.
