//! The `noob-zmq` command as users and scripts call it.

mod commands;
mod fixture;
mod outputs;
mod pipelines;
mod placement;
mod projects;
mod run;
mod top;
mod tubes;
mod watch;
