//! Records: of runs by the command line, of killed runs, in pipes that block, hostile files, and
//! readers in Python.

mod commands;
mod fixture;
mod hostile;
mod kills;
mod pipes;
mod python;
mod replays;
