//! Public keys: 32 bytes of Ed25519 (RFC 8032), and their text form.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::KeyError;

/// First word of a public line.
pub(super) const ALGORITHM: &str = "noob-ed25519";
/// Prefix of the 32 bytes in a SubjectPublicKeyInfo of Ed25519 (RFC 8410, section 4).
///
/// A handshake sends a key in this form.
const SPKI: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// Public key, written as 43 characters of base64 with `-` and `_` (RFC 4648, section 5).
///
/// The characters can be part of an address.
///
/// ```
/// use noob_zmq::transport::keys::{KeyPair, PublicKey};
///
/// let key = KeyPair::generate()?.public();
/// assert_eq!(key.to_string().len(), 43);
/// assert_eq!(key.to_string().parse::<PublicKey>()?, key);
/// # Ok::<_, noob_zmq::transport::keys::KeyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// Returns the key of these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Parses a SubjectPublicKeyInfo of a handshake; `None` unless it is one of an Ed25519 key.
    pub(crate) fn from_spki(der: &[u8]) -> Option<Self> {
        let bytes = der.strip_prefix(&SPKI)?;
        bytes.try_into().ok().map(Self)
    }

    /// Returns the line for the allow file of others: `noob-ed25519 KEY NAME`.
    #[must_use]
    pub fn line(&self, name: &str) -> String {
        format!("{ALGORITHM} {self} {name}")
    }

    /// Returns a short form to compare by eye, as ssh makes it: `SHA256:` and the hash in base64.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let hash = ring::digest::digest(&ring::digest::SHA256, &self.0);
        format!("SHA256:{}", STANDARD_NO_PAD.encode(hash))
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    /// Parses 43 characters, or a whole public line.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let no = |what: String| KeyError::NoKey {
            text: text.chars().take(64).collect(),
            what,
        };
        let mut words = text.split_whitespace();
        let key = match (words.next(), words.next()) {
            (Some(ALGORITHM), Some(key)) => key,
            (Some(ALGORITHM), None) => return Err(no("it ends before the key".into())),
            (Some(key), None) => key,
            (Some(other), Some(_)) => {
                return Err(no(format!(
                    "it begins with `{other}`, not with `{ALGORITHM}`"
                )));
            }
            (None, _) => return Err(no("it is empty".into())),
        };
        let bytes = URL_SAFE_NO_PAD
            .decode(key)
            .map_err(|_| no("it is not base64 with `-` and `_`, or not whole".into()))?;
        let len = bytes.len();
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| no(format!("it has {len} bytes, and a key has 32")))
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Public key of the first test of RFC 8032, section 7.1.
    const RFC: [u8; 32] = [
        0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07,
        0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07,
        0x51, 0x1a,
    ];

    #[test]
    fn key_is_parsed_alone_and_in_a_line() {
        let key = PublicKey::from_bytes(RFC);
        // `base64 | tr +/ -_` of these bytes.
        assert_eq!(
            key.to_string(),
            "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
        );
        assert_eq!(key.to_string().parse::<PublicKey>().unwrap(), key);
        assert_eq!(key.line("me@here").parse::<PublicKey>().unwrap(), key);
        // `openssl dgst -sha256 -binary | base64` of these bytes.
        assert_eq!(
            key.fingerprint(),
            "SHA256:If4x36FUomFia/hUBG/SJxt77UtqvkWqWId+9H+XIbk"
        );
    }

    #[test]
    fn text_that_is_no_key_is_rejected_with_a_reason() {
        for (text, reason) in [
            ("", "it is empty"),
            ("noob-ed25519", "it ends before the key"),
            ("ssh-ed25519 AAAA me", "it begins with `ssh-ed25519`"),
            ("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo", "not base64"),
            ("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "not base64"),
            ("11qY", "it has 3 bytes"),
        ] {
            let error = text.parse::<PublicKey>().unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
