//! Tubes from files: reads the text, finds the tubes that it refers to, and checks it against the node types of this program.
//!
//! ```no_run
//! use noob_zmq::graph::Map;
//!
//! let tube = noob_zmq::tube::load("words.yaml", &Map::new())?;
//! println!("{} has {} nodes", tube.id, tube.nodes.len());
//! # Ok::<(), noob_zmq::tube::LoadError>(())
//! ```

mod error;
mod folders;
mod load;

pub use error::LoadError;
pub use folders::Folders;
pub use load::{from_text, inputs, load};
