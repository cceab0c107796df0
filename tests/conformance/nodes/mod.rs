//! Node types that the recorded tubes use, under noob's names.

mod assets;
mod builtins;
mod gnodes;
mod made;
mod open;
mod python;
mod testing;
