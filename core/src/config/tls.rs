//! Encryption of connections, and the files that it needs. They are read when the store is opened:
//! later the driver would only say that the handshake failed.

use std::path::Path;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::protocol::error::{Error, Result};

/// Whether and how the connection to the server is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tls {
    /// Not encrypted.
    #[default]
    Off,
    /// Encrypted, but the server can be anyone: protects against listening only.
    Required,
    /// Encrypted, with a certificate from a known authority.
    VerifyCa,
    /// Encrypted, with a certificate from a known authority that names this host.
    VerifyIdentity,
}

pub(crate) fn check(
    tls: Tls,
    ca: Option<&Path>,
    certificate: Option<&Path>,
    key: Option<&Path>,
) -> Result<()> {
    if let Some(path) = ca {
        match tls {
            Tls::Off | Tls::Required => {
                return Err(Error::invalid(
                    "option ca is of use with tls=verify-ca or tls=verify-identity only",
                ));
            }
            Tls::VerifyCa | Tls::VerifyIdentity => authority(path)?,
        }
    }
    match (certificate, key) {
        (None, None) => Ok(()),
        (Some(_), Some(_)) if tls == Tls::Off => Err(Error::invalid(
            "options tls_cert and tls_key are of use on an encrypted connection only: set tls to \
             required, verify-ca or verify-identity",
        )),
        (Some(certificate), Some(key)) => of_client(certificate, key),
        (Some(_), None) | (None, Some(_)) => Err(Error::invalid(
            "options tls_cert and tls_key belong together: the client's certificate and its \
             private key",
        )),
    }
}

fn read(option: &str, path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| {
        Error::invalid(format!("option {option}: cannot read {}: {error}", path.display()))
    })
}

fn authority(path: &Path) -> Result<()> {
    let file = read("ca", path)?;
    let marker: &[u8] = b"-----BEGIN CERTIFICATE-----";
    // Anything else is taken for DER, which starts with a sequence.
    let known = file.windows(marker.len()).any(|part| part == marker) || file.starts_with(b"\x30");
    let message = || Error::invalid(format!("option ca: {} holds no certificate", path.display()));
    known.then_some(()).ok_or_else(message)
}

fn of_client(certificate: &Path, key: &Path) -> Result<()> {
    let file = read("tls_cert", certificate)?;
    let mut chain = CertificateDer::pem_slice_iter(&file).peekable();
    if chain.peek().is_none() || !chain.all(|certificate| certificate.is_ok()) {
        return Err(Error::invalid(format!(
            "option tls_cert: {} is no PEM file of certificates",
            certificate.display(),
        )));
    }
    let file = read("tls_key", key)?;
    if PrivateKeyDer::from_pem_slice(&file).is_err() {
        return Err(Error::invalid(format!(
            "option tls_key: {} is no PEM file with a private key that has no passphrase; openssl \
             pkey takes the passphrase off",
            key.display(),
        )));
    }
    Ok(())
}
