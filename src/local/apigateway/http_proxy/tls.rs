//! Which certificates of services will do.

use std::sync::Arc;

use hyper_rustls::ConfigBuilderExt as _;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// TLS with certificates of the authorities that this machine trusts or, with `any_authority`, of any. `None` where this
/// machine trusts none.
pub(super) fn configuration(any_authority: bool) -> Option<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions().ok()?;
    if any_authority {
        let verifier = Arc::new(AnyAuthority(provider));
        return Some(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth());
    }
    Some(match builder.clone().with_native_roots() {
        Ok(trusting) => trusting.with_no_client_auth(),
        // A service over plain HTTP can still be reached.
        Err(_) => builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth(),
    })
}

/// `insecureSkipVerification`: "API Gateway still performs basic certificate validation, which includes checking the
/// certificate's expiration date, hostname, and presence of a root certificate authority" (API reference, `TlsConfig`).
/// Here the last certificate of what the service shows is the root. The date of a certificate that is its own authority
/// is not looked at.
#[derive(Debug)]
struct AnyAuthority(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyAuthority {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let mut roots = RootCertStore::empty();
        roots.add(intermediates.last().unwrap_or(end_entity).clone().into_owned())?;
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.0))
            .build()
            .map_err(|error| Error::General(error.to_string()))?;
        match verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // What `openssl req -x509` makes is an authority, and serves as well.
            Err(Error::InvalidCertificate(CertificateError::Other(_))) if intermediates.is_empty() => {
                rustls::client::verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            told => told,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
