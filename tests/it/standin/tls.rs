//! Services with a certificate: `localhost.crt` is for `localhost`, of its own authority, and good for a hundred years.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::server::{Log, serve};
use super::{Joined, joined};

/// Serves over TLS; the port.
async fn start(log: Log) -> u16 {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("localhost.crt")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("localhost.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let configuration = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(configuration));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            // A client that does not trust the certificate goes away.
            let Ok(stream) = acceptor.accept(stream).await else { continue };
            tokio::spawn(serve(stream, Arc::clone(&log)));
        }
    });
    port
}

/// The status of an answer from `host`, and how many requests arrived there.
async fn status(host: &str, verify_certificate: bool) -> (u16, usize) {
    let log = Log::default();
    let port = start(Arc::clone(&log)).await;
    let with = Box::pin(Joined::with(|stack| {
        let service = joined(stack);
        service.url = format!("https://{host}:{port}/{{proxy}}");
        service.verify_certificate = verify_certificate;
    }));
    let answer = with.await.get("/legacy/a").await;
    let arrived = log.lock().unwrap().len();
    (answer.status, arrived)
}

#[tokio::test]
async fn a_certificate_of_no_known_authority_is_500() {
    assert_eq!(status("localhost", true).await, (500, 0));
}

#[tokio::test]
async fn a_certificate_of_any_authority_will_do_where_the_route_says_so() {
    assert_eq!(status("localhost", false).await, (200, 1));
}

#[tokio::test]
async fn a_certificate_of_another_name_is_500_even_then() {
    assert_eq!(status("127.0.0.1", false).await, (500, 0));
}
