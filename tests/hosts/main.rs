//! Keys, and hosts that trust each other by them.

mod keygen;
