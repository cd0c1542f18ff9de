//! Encryption as the options ask for it, and a way around the driver's `verify-ca`.

use std::error::Error as Cause;
use std::io;

use mysql_async::{ClientIdentity, Opts, OptsBuilder, SslOpts};
use rustls::CertificateError;

use crate::config::options::Options;
use crate::config::tls::Tls;
use crate::protocol::message::Message;

pub(super) fn ssl(options: &Options) -> Option<SslOpts> {
    let (any_certificate, any_name) = match options.tls.unwrap_or_default() {
        Tls::Off => return None,
        Tls::Required => (true, true),
        Tls::VerifyCa => (false, true),
        Tls::VerifyIdentity => (false, false),
    };
    let own = options.tls_cert.clone().zip(options.tls_key.clone());
    let own = own.map(|(chain, key)| ClientIdentity::new(chain.into(), key.into()));
    let roots = options.ca.iter().map(|path| path.clone().into()).collect();
    Some(
        SslOpts::default()
            .with_danger_accept_invalid_certs(any_certificate)
            .with_danger_skip_domain_validation(any_name)
            // With an own CA, certificates of the public ones are not accepted.
            .with_disable_built_in_roots(options.ca.is_some())
            .with_root_certs(roots)
            .with_client_identity(own),
    )
}

/// For a server whose certificate was refused only for its name, where any name will do: options
/// that ask for the name that the certificate has.
///
/// mysql_async 0.37 recognises that error by a text that rustls 0.23 no longer has, and so it
/// checks the name in `verify-ca` too. The authority is verified again with the new name.
pub(super) fn by_its_own_name(opts: &Opts, error: &mysql_async::Error) -> Option<Opts> {
    let ssl = opts.ssl_opts().filter(|ssl| ssl.skip_domain_validation())?;
    let name = presented_name(error)?;
    let ssl = ssl.clone().with_danger_tls_hostname_override(Some(name));
    Some(OptsBuilder::from_opts(opts.clone()).ssl_opts(ssl).into())
}

fn presented_name(error: &mysql_async::Error) -> Option<String> {
    let CertificateError::NotValidForNameContext { presented, .. } = refused_certificate(error)?
    else {
        return None;
    };
    presented.iter().find_map(|name| plain(name))
}

/// Why the server's certificate was not accepted, if that is what went wrong.
pub(super) fn refused_certificate(error: &mysql_async::Error) -> Option<&CertificateError> {
    let mut cause: Option<&(dyn Cause + 'static)> = Some(error);
    while let Some(error) = cause {
        // An I/O error does not count what it wraps as its source.
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let found = wrapped
            .and_then(|wrapped| wrapped.downcast_ref::<rustls::Error>())
            .or_else(|| error.downcast_ref::<rustls::Error>());
        if let Some(rustls::Error::InvalidCertificate(reason)) = found {
            return Some(reason);
        }
        cause = error.source();
    }
    None
}

/// The rest of a sentence about the certificate.
///
/// With tls=required nothing is verified, and yet rustls reads the certificate for the key that the
/// handshake is signed with. It reads version 3 only. The driver takes no verifier of ours.
pub(super) fn why(reason: &CertificateError) -> Message {
    if format!("{reason:?}").contains("UnsupportedCertVersion") {
        return "is of X.509 version 1, which sessio's TLS cannot read in any mode; give the server \
                one of version 3 (openssl x509 -req with an -extfile), or set tls=off where \
                no other server answers in its place"
            .into();
    }
    Message::new(
        "could not be verified ({}); check the {option ca} option, or the server's certificate",
        &[reason],
    )
}

/// From `DnsName("localhost")` or `IpAddress(127.0.0.1)`; a wildcard stands for any label.
fn plain(presented: &str) -> Option<String> {
    let inner = presented.split_once('(')?.1.strip_suffix(')')?;
    Some(inner.trim_matches('"').replacen('*', "any", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_certificate_says_what_to_do() {
        /// As rustls wraps what its certificate reader says.
        #[derive(Debug, thiserror::Error)]
        #[error("unsupported")]
        struct UnsupportedCertVersion;
        let other = rustls::OtherError(std::sync::Arc::new(UnsupportedCertVersion));
        assert!(why(&CertificateError::Other(other)).as_str().contains("version 3"));
        assert!(why(&CertificateError::Expired).as_str().contains("check the ca option"));
    }

    #[test]
    fn names_are_read_as_rustls_writes_them() {
        for (written, name) in [
            ("DnsName(\"localhost\")", "localhost"),
            ("DnsName(\"*.db.example\")", "any.db.example"),
            ("IpAddress(127.0.0.1)", "127.0.0.1"),
        ] {
            assert_eq!(plain(written).as_deref(), Some(name));
        }
    }
}
