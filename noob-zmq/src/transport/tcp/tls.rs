//! TLS 1.3 with raw public keys (RFC 7250) on both sides: a peer is its key, without certificates.

use std::sync::Arc;

use rustls::client::AlwaysResolvesClientRawPublicKeys;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls13_signature_with_raw_key,
};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::server::AlwaysResolvesServerRawPublicKeys;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::sign::CertifiedKey;
use rustls::version::TLS13;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, Error,
    PeerIncompatible, ServerConfig, SignatureScheme,
};

use crate::transport::keys::{AllowList, KeyPair, PublicKey};

/// Name of the protocol inside TLS, which both sides must agree on (ALPN).
const PROTOCOL: &[u8] = b"noob-zmq/1";

/// Returns the configuration of the listening side, which has `key` and accepts the keys that
/// `allow` names.
pub(super) fn server_config(key: &KeyPair, allow: &AllowList) -> Result<ServerConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = RawKeyVerifier::new(&provider, ExpectedKeys::Allowed(allow.clone()));
    let resolver = AlwaysResolvesServerRawPublicKeys::new(certified(key)?);
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(Arc::new(verifier))
        .with_cert_resolver(Arc::new(resolver));
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    // Every connection proves its key anew: a key that was removed must not return by a ticket.
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    Ok(config)
}

/// Returns the configuration of the connecting side, which has `key` and expects `pinned`.
pub(super) fn client_config(key: &KeyPair, pinned: PublicKey) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = RawKeyVerifier::new(&provider, ExpectedKeys::One(pinned));
    let resolver = AlwaysResolvesClientRawPublicKeys::new(certified(key)?);
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_client_cert_resolver(Arc::new(resolver));
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    config.enable_sni = false;
    config.resumption = rustls::client::Resumption::disabled();
    Ok(config)
}

/// Returns the server name that rustls asks for; no verifier reads it, since a peer is its key.
pub(super) fn server_name() -> ServerName<'static> {
    ServerName::IpAddress(rustls::pki_types::IpAddr::V4(
        std::net::Ipv4Addr::LOCALHOST.into(),
    ))
}

/// Returns the key that a peer has proved to own.
pub(super) fn proved_key(certificates: Option<&[CertificateDer<'_>]>) -> Option<PublicKey> {
    PublicKey::from_spki(certificates?.first()?)
}

/// Describes why the handshake with a client failed.
pub(super) fn describe_failure(error: &std::io::Error) -> String {
    match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(Error::InvalidCertificate(CertificateError::Other(other))) => other.0.to_string(),
        Some(Error::NoCertificatesPresented) => "it has shown no key".to_owned(),
        Some(error) => format!("it does not speak TLS 1.3 as we do: {error}"),
        None => format!("it went before it had said who it is: {error}"),
    }
}

fn certified(key: &KeyPair) -> Result<Arc<CertifiedKey>, Error> {
    let signing = key.signing()?;
    let spki = signing
        .public_key()
        .ok_or(Error::General("the key has no public half".into()))?;
    let spki = CertificateDer::from(spki.as_ref().to_vec());
    Ok(Arc::new(CertifiedKey::new(vec![spki], signing)))
}

/// Keys that are accepted.
#[derive(Debug)]
enum ExpectedKeys {
    /// The key in the address that was connected to.
    One(PublicKey),
    /// Every key of the allow list at the time of the handshake.
    Allowed(AllowList),
}

/// Verifier of the raw public key of a peer, for both directions.
#[derive(Debug)]
struct RawKeyVerifier {
    expected: ExpectedKeys,
    algorithms: WebPkiSupportedAlgorithms,
}

/// Public key that is not expected.
#[derive(Debug, thiserror::Error)]
#[error("the key {0} is not among those that are let in")]
struct UnknownKey(String);

impl RawKeyVerifier {
    fn new(provider: &CryptoProvider, expected: ExpectedKeys) -> Self {
        Self {
            expected,
            algorithms: provider.signature_verification_algorithms,
        }
    }

    fn check_key(&self, sent: &CertificateDer<'_>) -> Result<(), Error> {
        let key = PublicKey::from_spki(sent);
        let is_expected = key.is_some_and(|key| match &self.expected {
            ExpectedKeys::One(pinned) => *pinned == key,
            ExpectedKeys::Allowed(list) => list.current().get(&key).is_some(),
        });
        if is_expected {
            return Ok(());
        }
        let name = key.map_or_else(|| "no Ed25519 key".to_owned(), |key| key.to_string());
        Err(Error::InvalidCertificate(CertificateError::Other(
            rustls::OtherError(Arc::new(UnknownKey(name))),
        )))
    }
}

/// Methods that the verifiers of servers and of clients have in common.
macro_rules! raw_key_signatures {
    () => {
        fn verify_tls12_signature(
            &self,
            _message: &[u8],
            _sent: &CertificateDer<'_>,
            _signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            Err(Error::PeerIncompatible(PeerIncompatible::Tls12NotOffered))
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            sent: &CertificateDer<'_>,
            signature: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            let spki = SubjectPublicKeyInfoDer::from(sent.as_ref());
            verify_tls13_signature_with_raw_key(message, &spki, signature, &self.algorithms)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            vec![SignatureScheme::ED25519]
        }

        fn requires_raw_public_keys(&self) -> bool {
            true
        }
    };
}

impl ServerCertVerifier for RawKeyVerifier {
    fn verify_server_cert(
        &self,
        sent: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.check_key(sent)
            .map(|()| ServerCertVerified::assertion())
    }

    raw_key_signatures!();
}

impl ClientCertVerifier for RawKeyVerifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        sent: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.check_key(sent)
            .map(|()| ClientCertVerified::assertion())
    }

    raw_key_signatures!();
}
