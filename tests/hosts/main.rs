//! Keys, and hosts that trust each other by them: tunnels, hostile peers, and whole runs over several hosts, which are directories of this
//! machine or network namespaces.

mod apart;
mod attack;
mod beside;
mod capture;
mod harm;
mod hostile;
mod joins;
mod keygen;
mod liar;
mod log;
mod machine;
mod page;
mod stranger;
mod switch;
mod together;
mod tunnel;
mod two;
mod weather;

noob_zmq::test_nodes!();
