//! A small library of nodes: files, text, numbers.
