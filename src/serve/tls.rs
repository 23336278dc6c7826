//! TLS of the listener: a certificate chain and its key from PEM files, TLS 1.2 and 1.3, and the files read again on SIGHUP.
//!
//! Connections that stand keep the certificate they began with; the next handshake is given the new one. Files that cannot
//! be used at a SIGHUP are told of, and the certificate before stays.

use super::ServeError;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{InconsistentKeys, ServerConfig};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::signal::unix::Signal;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

const CHAIN: &str =
    "a PEM file with the server's certificate first and those that issued it behind";
const KEY: &str =
    "a PEM file with the certificate's private key (PKCS #8, PKCS #1 or SEC1, not encrypted)";

/// Where the certificate and its key are.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// Chain, PEM, the server's own certificate first.
    pub certificate: PathBuf,
    /// Private key, PEM.
    pub key: PathBuf,
}

/// Certificates that are in use.
#[derive(Debug)]
pub(super) struct Tls {
    files: TlsFiles,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Tls {
    /// Reads the files.
    pub(super) fn read(files: TlsFiles) -> Result<Arc<Self>, ServeError> {
        let current = RwLock::new(Arc::new(certified(&files)?));
        Ok(Arc::new(Self { files, current }))
    }

    /// What makes TLS connections out of plain ones.
    pub(super) fn acceptor(self: &Arc<Self>) -> Result<TlsAcceptor, ServeError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| self.fault(&error))?
            .with_no_client_auth()
            .with_cert_resolver(self.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Reads the files again at every SIGHUP until the server ends.
    pub(super) async fn follow(
        self: Arc<Self>,
        mut hangup: Signal,
        mut ending: watch::Receiver<bool>,
    ) {
        loop {
            tokio::select! {
                Some(()) = hangup.recv() => self.read_again(),
                _ = ending.wait_for(|ending| *ending) => return,
            }
        }
    }

    fn read_again(&self) {
        match certified(&self.files) {
            Ok(fresh) => {
                let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
                *current = Arc::new(fresh);
                tracing::info!(file = %self.files.certificate.display(), "The certificate was read again.");
            }
            Err(error) => {
                tracing::error!(%error, "The certificate cannot be read again; the one before stays.");
            }
        }
    }

    fn fault(&self, error: &rustls::Error) -> ServeError {
        fault(&self.files.certificate, error.to_string(), CHAIN)
    }
}

impl ResolvesServerCert for Tls {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Some(current.clone())
    }
}

fn certified(files: &TlsFiles) -> Result<CertifiedKey, ServeError> {
    let (path, key_path) = (&files.certificate, &files.key);
    let chain = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unreadable(path, &error, CHAIN))?;
    if chain.is_empty() {
        return Err(fault(path, "no certificate stands in it".to_owned(), CHAIN));
    }
    let key = PrivateKeyDer::from_pem_file(key_path)
        .map_err(|error| unreadable(key_path, &error, KEY))?;
    CertifiedKey::from_der(chain, key, &rustls::crypto::ring::default_provider()).map_err(|error| {
        match error {
            rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => fault(
                key_path,
                format!("not the key of the certificate in {}", path.display()),
                KEY,
            ),
            rustls::Error::InvalidCertificate(_) => fault(path, error.to_string(), CHAIN),
            other => fault(key_path, other.to_string(), KEY),
        }
    })
}

fn unreadable(path: &Path, error: &pem::Error, expected: &'static str) -> ServeError {
    let fault_is = match error {
        pem::Error::Io(cause) => format!("cannot be read: {cause}"),
        pem::Error::NoItemsFound => "nothing of the kind stands in it".to_owned(),
        other => format!("not sound PEM: {other}"),
    };
    fault(path, fault_is, expected)
}

fn fault(path: &Path, fault: String, expected: &'static str) -> ServeError {
    ServeError::Certificate {
        path: path.to_owned(),
        fault,
        expected,
    }
}
