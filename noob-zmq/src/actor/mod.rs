//! Sockets and handlers at run time: socket types, the socket spec, and the loop that receives and dispatches.
