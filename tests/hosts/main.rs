//! Keys, tunnels, hostile peers, and runs over several hosts.
//!
//! Hosts are directories of this machine or network namespaces.

mod attack;
mod byzantine_host;
mod docs_walkthrough;
mod enablement;
mod host_fixture;
mod hostile_peers;
mod in_process_runner;
mod joins;
mod keygen;
mod log_capture;
mod lossy_network;
mod multi_host;
mod namespaces;
mod packet_capture;
mod raw_peer;
mod run_under_attack;
mod tunnel;
mod two_hosts_fixture;
mod watching;

noob_zmq::test_nodes!();
