//! A peer that sends whatever bytes a test gives it: rustls, without any code of this library.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::client::AlwaysResolvesClientRawPublicKeys;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Generates a key, and returns the text of its public half too.
pub(crate) fn key() -> (PrivateKeyDer<'static>, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let pair = noob_zmq::transport::keys::KeyPair::generate().unwrap();
    pair.save(&path).unwrap();
    let der = PrivateKeyDer::from_pem_file(&path).unwrap();
    (der, pair.public().to_string())
}

/// Verifier that accepts every key.
#[derive(Debug)]
struct AcceptAnyKey;

impl ServerCertVerifier for AcceptAnyKey {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

/// Completes a handshake of TLS 1.3, with this key or with none.
pub(crate) async fn connect_tls(
    at: SocketAddr,
    key: Option<&PrivateKeyDer<'static>>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let provider = rustls::crypto::ring::default_provider();
    let config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AcceptAnyKey));
    let mut config = match key {
        None => config.with_no_client_auth(),
        Some(key) => {
            let signing = rustls::crypto::ring::sign::any_supported_type(key).unwrap();
            let spki = CertificateDer::from(signing.public_key().unwrap().as_ref().to_vec());
            let certified = Arc::new(CertifiedKey::new(vec![spki], signing));
            config.with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(
                certified,
            )))
        }
    };
    config.alpn_protocols = vec![b"noob-zmq/1".to_vec()];
    let name = ServerName::try_from("stranger").unwrap();
    let stream = TcpStream::connect(at).await?;
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

/// Returns the bytes that request a socket, written by hand.
pub(crate) fn request_bytes(socket: &str) -> Vec<u8> {
    let mut said = b"NZ\x01".to_vec();
    said.extend(u16::try_from(socket.len()).unwrap().to_be_bytes());
    said.extend(socket.as_bytes());
    said
}

/// Connects and requests a socket; fails with the reason of the listener, or of the connection.
pub(crate) async fn connect_socket(
    at: SocketAddr,
    key: Option<&PrivateKeyDer<'static>>,
    socket: &str,
) -> Result<TlsStream<TcpStream>, String> {
    let mut stream = connect_tls(at, key)
        .await
        .map_err(|error| error.to_string())?;
    let said = stream.write_all(&request_bytes(socket)).await;
    said.map_err(|error| error.to_string())?;
    match stream.read_u8().await {
        Ok(0) => Ok(stream),
        Ok(_) => {
            let mut reason = Vec::new();
            let _ = stream.read_u16().await;
            let _ = stream.read_to_end(&mut reason).await;
            Err(String::from_utf8_lossy(&reason).into_owned())
        }
        Err(error) => Err(error.to_string()),
    }
}

/// Returns the greeting and READY of a peer of ZMTP 3.0 without security (RFC 23), written by hand.
pub(crate) fn zmtp_hello(kind: &str) -> Vec<u8> {
    let mut said = vec![0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0];
    let mut mechanism = b"NULL".to_vec();
    mechanism.resize(20, 0);
    said.extend(mechanism);
    said.resize(64, 0);
    let mut ready = b"\x05READY\x0bSocket-Type".to_vec();
    ready.extend(u32::try_from(kind.len()).unwrap().to_be_bytes());
    ready.extend(kind.as_bytes());
    said.extend([4, u8::try_from(ready.len()).unwrap()]);
    said.extend(ready);
    said
}
