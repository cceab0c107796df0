//! TLS 1.3 with raw public keys (RFC 7250) on both sides: a peer is its key, and there are no certificates.

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

/// What is spoken inside, by the name that both sides must agree on (ALPN).
const PROTOCOL: &[u8] = b"noob-zmq/1";

/// For the side that listens: it has this key, and lets in whom `allow` names.
pub(super) fn server(key: &KeyPair, allow: &AllowList) -> Result<ServerConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let pins = RawKeyVerifier::new(&provider, ExpectedKeys::AllowedKeys(allow.clone()));
    let resolver = AlwaysResolvesServerRawPublicKeys::new(certified(key)?);
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(Arc::new(pins))
        .with_cert_resolver(Arc::new(resolver));
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    // Every connection proves its key anew: one that was taken out must not come back by a ticket.
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    Ok(config)
}

/// For the side that connects: it has this key, and the other must have `pinned`.
pub(super) fn client(key: &KeyPair, pinned: PublicKey) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let pins = RawKeyVerifier::new(&provider, ExpectedKeys::One(pinned));
    let resolver = AlwaysResolvesClientRawPublicKeys::new(certified(key)?);
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(pins))
        .with_client_cert_resolver(Arc::new(resolver));
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    config.enable_sni = false;
    config.resumption = rustls::client::Resumption::disabled();
    Ok(config)
}

/// Nobody looks at it: a peer is its key.
pub(super) fn server_name() -> ServerName<'static> {
    ServerName::IpAddress(rustls::pki_types::IpAddr::V4(
        std::net::Ipv4Addr::LOCALHOST.into(),
    ))
}

/// The key that a peer has proved to have.
pub(super) fn proved(certificates: Option<&[CertificateDer<'_>]>) -> Option<PublicKey> {
    PublicKey::from_spki(certificates?.first()?)
}

/// Why a handshake with somebody who wants in came to nothing.
pub(super) fn reason(error: &std::io::Error) -> String {
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

#[derive(Debug)]
enum ExpectedKeys {
    One(PublicKey),
    AllowedKeys(AllowList),
}

/// Compares the key of a peer with those that are expected.
#[derive(Debug)]
struct RawKeyVerifier {
    who: ExpectedKeys,
    algorithms: WebPkiSupportedAlgorithms,
}

impl RawKeyVerifier {
    fn new(provider: &CryptoProvider, who: ExpectedKeys) -> Self {
        Self {
            who,
            algorithms: provider.signature_verification_algorithms,
        }
    }

    fn check(&self, sent: &CertificateDer<'_>) -> Result<(), Error> {
        let key = PublicKey::from_spki(sent);
        let known = key.is_some_and(|key| match &self.who {
            ExpectedKeys::One(pinned) => *pinned == key,
            ExpectedKeys::AllowedKeys(list) => list.current().get(&key).is_some(),
        });
        if known {
            return Ok(());
        }
        let name = key.map_or_else(|| "no Ed25519 key".to_owned(), |key| key.to_string());
        Err(Error::InvalidCertificate(CertificateError::Other(
            rustls::OtherError(Arc::new(UnknownKey(name))),
        )))
    }

    fn verify(
        &self,
        message: &[u8],
        sent: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let spki = SubjectPublicKeyInfoDer::from(sent.as_ref());
        verify_tls13_signature_with_raw_key(message, &spki, signature, &self.algorithms)
    }
}

/// A key that was not expected.
#[derive(Debug, thiserror::Error)]
#[error("the key {0} is not among those that are let in")]
struct UnknownKey(String);

/// TLS 1.2 is not offered.
fn never() -> Error {
    Error::PeerIncompatible(PeerIncompatible::Tls12NotOffered)
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
        self.check(sent).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _sent: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(never())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        sent: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify(message, sent, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
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
        self.check(sent).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _sent: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(never())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        sent: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify(message, sent, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
