//! Agents of other hosts: those that a runner starts by ssh, in network namespaces with an `sshd`
//! each, and those that connect over tcp.

mod agents;
mod failures;
mod kills;
mod page;
mod plan;
mod rig;
mod ssh;
mod tubes;

noob_zmq::test_nodes!();
