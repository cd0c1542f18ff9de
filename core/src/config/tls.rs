//! Encryption of connections, and the files that it needs. They are read when the store is opened:
//! later the driver would only say that the handshake failed.

use std::path::Path;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::protocol::error::{Error, Result};
use crate::protocol::message::Message;

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
                return Err(Error::invalid_with(
                    "option {option ca} is of use with tls=verify-ca or tls=verify-identity only",
                    &[],
                ));
            }
            Tls::VerifyCa | Tls::VerifyIdentity => authority(path)?,
        }
    }
    match (certificate, key) {
        (None, None) => Ok(()),
        (Some(_), Some(_)) if tls == Tls::Off => Err(Error::invalid_with(
            "options {option tls_cert} and {option tls_key} are of use on an encrypted connection \
             only: set {option tls} to required, verify-ca or verify-identity",
            &[],
        )),
        (Some(certificate), Some(key)) => of_client(certificate, key),
        (Some(_), None) | (None, Some(_)) => Err(Error::invalid_with(
            "options {option tls_cert} and {option tls_key} belong together: the client's \
             certificate and its private key",
            &[],
        )),
    }
}

fn read(option: &str, path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path)
        .map_err(|error| wrong(option, format!("cannot read {}: {error}", path.display())))
}

fn wrong(option: &str, what: String) -> Error {
    Error::invalid(Message::from("option ").option(option).text(": ").text(&what))
}

fn authority(path: &Path) -> Result<()> {
    let file = read("ca", path)?;
    let marker: &[u8] = b"-----BEGIN CERTIFICATE-----";
    // Anything else is taken for DER, which starts with a sequence.
    let known = file.windows(marker.len()).any(|part| part == marker) || file.starts_with(b"\x30");
    let message = || format!("{} holds no certificate", path.display());
    known.then_some(()).ok_or_else(|| wrong("ca", message()))
}

fn of_client(certificate: &Path, key: &Path) -> Result<()> {
    let file = read("tls_cert", certificate)?;
    let mut chain = CertificateDer::pem_slice_iter(&file).peekable();
    if chain.peek().is_none() || !chain.all(|certificate| certificate.is_ok()) {
        let message = format!("{} is no PEM file of certificates", certificate.display());
        return Err(wrong("tls_cert", message));
    }
    let file = read("tls_key", key)?;
    if PrivateKeyDer::from_pem_slice(&file).is_err() {
        let message = format!(
            "{} is no PEM file with a private key that has no passphrase; openssl pkey takes the \
             passphrase off",
            key.display(),
        );
        return Err(wrong("tls_key", message));
    }
    Ok(())
}
