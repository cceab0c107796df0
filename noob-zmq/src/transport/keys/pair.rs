//! Key pairs and their files.

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::SigningKey;

use super::private_file::{self, FileRules};
use super::{KeyError, PublicKey};

/// Prefix of the 32 bytes of a private key in PKCS#8 (RFC 8410, section 7).
const PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// Key pair of Ed25519.
///
/// Its file is PKCS#8 in PEM, as `openssl pkey` reads it, and can be read by its owner only.
#[derive(Debug, Clone)]
pub struct KeyPair {
    // Its debug form leaves the secret out.
    der: Arc<PrivatePkcs8KeyDer<'static>>,
    public: PublicKey,
}

impl KeyPair {
    /// Generates a key pair.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn generate() -> Result<Self, KeyError> {
        // A private key is 32 random bytes (RFC 8032, section 5.1.5). `generate_pkcs8` would add
        // the public half, in a form that openssl does not read.
        let mut der = PKCS8.to_vec();
        let seed = ring::rand::generate::<[u8; 32]>(&SystemRandom::new());
        der.extend(seed.map_err(|_| KeyError::NoRandom)?.expose());
        let der = PrivatePkcs8KeyDer::from(der);
        Self::from_der(der).map_err(|_| KeyError::NoRandom)
    }

    fn from_der(der: PrivatePkcs8KeyDer<'static>) -> Result<Self, String> {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.secret_pkcs8_der())
            .map_err(|why| format!("it is no Ed25519 key in PKCS#8 ({why})"))?;
        let bytes: [u8; 32] = pair
            .public_key()
            .as_ref()
            .try_into()
            .map_err(|_| "its public half has not 32 bytes".to_owned())?;
        Ok(Self {
            der: Arc::new(der),
            public: PublicKey::from_bytes(bytes),
        })
    }

    /// Returns the private key in PKCS#8, for a process of the same user.
    #[cfg(feature = "cli")]
    pub(crate) fn to_secret(&self) -> Vec<u8> {
        self.der.secret_pkcs8_der().to_vec()
    }

    /// Returns the key pair of a private key that [`to_secret`](Self::to_secret) has returned.
    ///
    /// # Errors
    /// Bytes that are no private key.
    pub(crate) fn from_secret(secret: Vec<u8>) -> Result<Self, String> {
        Self::from_der(PrivatePkcs8KeyDer::from(secret))
    }

    /// Reads the key in `path`.
    ///
    /// # Errors
    /// A file that others can read or that belongs to another user; a file without a private key of
    /// Ed25519; any error of the file system.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        const RULES: FileRules = FileRules {
            forbidden: 0o077,
            exposed: ("read", "so it is no secret"),
            mode_help: "run `chmod 600` on it, or make a new key if others may have read it",
            owner_help: "use a key of your own",
            allows_root: false,
            regular_only: true,
            limit: 16 << 10,
        };
        let invalid = |what: String| KeyError::NotPrivateKey {
            path: path.to_owned(),
            what,
        };
        let pem = private_file::read(path, &RULES)?;
        let der = PrivatePkcs8KeyDer::from_pem_slice(&pem)
            .map_err(|_| invalid("it has no `-----BEGIN PRIVATE KEY-----` block".into()))?;
        Self::from_der(der.clone_key()).map_err(invalid)
    }

    /// Writes the key to `path`, readable by its owner only.
    ///
    /// Missing folders are made, for the owner only too.
    ///
    /// # Errors
    /// A file that exists: a key is never overwritten. Any error of the file system.
    pub fn save(&self, path: &Path) -> Result<(), KeyError> {
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)
                .map_err(|error| KeyError::file("create", folder, error))?;
        }
        let refused = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => KeyError::file(
                "write",
                path,
                "it is there already, and a key is never overwritten: remove it first, or name \
                 another file",
            ),
            _ => KeyError::file("write", path, error),
        };
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(refused)?;
        let text = STANDARD.encode(self.der.secret_pkcs8_der());
        let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (line, more) = rest.split_at(rest.len().min(64));
            pem.push_str(line);
            pem.push('\n');
            rest = more;
        }
        pem.push_str("-----END PRIVATE KEY-----\n");
        file.write_all(pem.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(refused)
    }

    /// Returns the public half.
    #[must_use]
    pub const fn public(&self) -> PublicKey {
        self.public
    }

    /// Returns the key that signs handshakes.
    ///
    /// # Errors
    /// A key that rustls rejects; no key that was generated or read here is.
    pub(crate) fn signing(&self) -> Result<Arc<dyn SigningKey>, rustls::Error> {
        rustls::crypto::ring::sign::any_supported_type(&PrivateKeyDer::Pkcs8(self.der.clone_key()))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// Made by `openssl genpkey -algorithm ed25519`.
    ///
    /// `openssl pkey -pubout -outform DER | tail -c 32` gives the public half.
    const OPENSSL: &str = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEIEU/9rjo7Nyg8rWDPY/cVV3bG3fFLqwklPxGZB6KVOP+\n\
        -----END PRIVATE KEY-----\n";
    const OPENSSL_PUBLIC: &str = "Mxllmuza1dkvVBm--1O9Xzh7b9YLfDRsbl_wLNp1FcY";

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn saved_key_is_private_and_read_back() {
        let folder = folder();
        let path = folder.path().join("new/key");
        let pair = KeyPair::generate().unwrap();
        pair.save(&path).unwrap();
        assert_eq!(KeyPair::load(&path).unwrap().public(), pair.public());
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        let again = KeyPair::generate().unwrap().save(&path).unwrap_err();
        assert!(again.to_string().contains("never overwritten"), "{again}");
        assert_eq!(KeyPair::load(&path).unwrap().public(), pair.public());
    }

    #[test]
    fn key_of_openssl_is_read() {
        let folder = folder();
        let path = folder.path().join("key");
        fs::write(&path, OPENSSL).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let pair = KeyPair::load(&path).unwrap();
        assert_eq!(pair.public().to_string(), OPENSSL_PUBLIC);
    }

    #[test]
    fn key_that_others_can_read_is_rejected() {
        let folder = folder();
        let path = folder.path().join("key");
        KeyPair::generate().unwrap().save(&path).unwrap();
        for bits in [0o640, 0o604, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(bits)).unwrap();
            let error = KeyPair::load(&path).unwrap_err().to_string();
            assert!(
                error.contains(&format!("mode {bits:o}")) && error.contains("chmod 600"),
                "{error}"
            );
        }
    }

    #[test]
    fn file_without_a_key_is_rejected() {
        let folder = folder();
        let path = folder.path().join("key");
        assert!(
            KeyPair::load(&path)
                .unwrap_err()
                .to_string()
                .contains("cannot read")
        );
        for (text, reason) in [
            ("", "no `-----BEGIN"),
            (
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
                "no Ed25519 key",
            ),
        ] {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            let error = KeyPair::load(&path).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
        assert!(KeyPair::load(folder.path()).is_err());
    }

    #[test]
    fn secret_is_not_in_the_debug_text() {
        let pair = KeyPair::generate().unwrap();
        let der = "PrivatePkcs8KeyDer(\"[secret key elided]\")";
        assert_eq!(
            format!("{pair:?}"),
            format!(
                "KeyPair {{ der: {der}, public: PublicKey({}) }}",
                pair.public()
            )
        );
    }
}
