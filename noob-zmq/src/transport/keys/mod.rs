//! Keys, like those of ssh: a key pair for each host or user, and a file of the public keys that are allowed in, and as what.
//!
//! - [`KeyPair`]: an Ed25519 key in a file that only its owner can read.
//! - [`PublicKey`]: its public half, 43 characters.
//! - [`AllowedKeys`]: who is let in, and as what ([`KeyRole`]); read from an allow file, and read again when that changes ([`AllowList`]).

mod allow_list;
mod error;
mod pair;
mod public;
mod watched_allow_list;

pub use allow_list::{AllowedKey, AllowedKeys, KeyRole};
pub use error::KeyError;
pub use pair::KeyPair;
pub use public::PublicKey;
pub use watched_allow_list::AllowList;
