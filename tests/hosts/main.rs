//! Keys, and hosts that trust each other by them: tunnels, hostile peers, and whole runs over several hosts, which are directories of this
//! machine or network namespaces.

mod apart;
mod attack;
mod capture;
mod harm;
mod hostile;
mod joins;
mod keygen;
mod log;
mod machine;
mod page;
mod stranger;
mod together;
mod tunnel;
mod two;
mod weather;
