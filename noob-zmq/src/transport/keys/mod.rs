//! Keys, like those of ssh: a key pair per host or user, and a file of accepted public keys.
//!
//! - [`KeyPair`]: an Ed25519 key in a file that only its owner can read.
//! - [`PublicKey`]: the public half of a key pair, written as 43 characters.
//! - [`AllowedKeys`]: accepted keys and their roles ([`KeyRole`]), parsed from an allow file.
//! - [`AllowList`]: the allowed keys at this moment, read again when the file changes.

mod allow_list;
mod error;
mod pair;
mod private_file;
mod public;
mod watched_allow_list;

pub use allow_list::{AllowedKey, AllowedKeys, KeyRole};
pub use error::KeyError;
pub use pair::KeyPair;
pub use public::PublicKey;
pub use watched_allow_list::AllowList;
