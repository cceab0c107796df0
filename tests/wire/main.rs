//! noob's wire, as noob itself speaks it: captured sessions (`capture.py` makes them), and forms that noob was asked whether it takes them.

mod forms;
mod lines;
mod transcripts;
