//! Keys, and hosts that trust each other by them.

mod hostile;
mod keygen;
mod log;
mod stranger;
mod tunnel;
mod two;
