//! A CAP message signed: an enveloped XML signature, RSA-SHA256, with the certificate in it.
//!
//! The encoder writes CAP without white space between elements, without attributes but the namespace, and every element
//! with its end tag, so that a document without its XML declaration is its own exclusive canonical form once two
//! characters are written as themselves. No canonicaliser is needed, and a reader that drops blank text sees the same.
//!
//! # Source
//!
//! W3C XML Signature Syntax and Processing 1.1; Exclusive XML Canonicalization 1.0; OASIS CAP 1.2, section 3.3.2.1.

use crate::model::message::Message;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

const DECLARATION: &[u8] = br#"<?xml version="1.0" encoding="UTF-8"?>"#;
const END: &[u8] = b"</alert>";

/// Signs CAP messages with one key.
pub struct CapSigner {
    key: RsaKeyPair,
    certificate: String,
}

/// Why a message cannot be signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The private key cannot be used.
    #[error(
        "not a private key to sign with ({reason}); expected an RSA key of 2048 to 4096 bits in PEM, without a passphrase"
    )]
    Key {
        /// What is wrong with it.
        reason: String,
    },
    /// The certificate cannot be used.
    #[error("not a certificate ({reason}); expected an X.509 certificate in PEM")]
    Certificate {
        /// What is wrong with it.
        reason: String,
    },
    /// The certificate is another key's.
    #[error("the certificate is not this key's: it holds another public key")]
    Apart,
    /// The message is none of ours.
    #[error("message {message_id}: not a CAP document as it is encoded here")]
    NotCap {
        /// The message.
        message_id: String,
    },
    /// The key did not sign.
    #[error("message {message_id}: the key does not sign")]
    Unsigned {
        /// The message.
        message_id: String,
    },
}

impl CapSigner {
    /// Reads a key (PKCS #8 or PKCS #1) and its certificate, both as PEM.
    ///
    /// # Errors
    ///
    /// [`SignError::Key`] or [`SignError::Certificate`] if one of them cannot be read or used, [`SignError::Apart`] if they
    /// do not belong together. No part of the key is repeated.
    pub fn new(key_pem: &[u8], certificate_pem: &[u8]) -> Result<Self, SignError> {
        let no_key = |reason: String| SignError::Key { reason };
        let key = match PrivateKeyDer::from_pem_slice(key_pem).map_err(|e| no_key(e.to_string()))? {
            PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
            _ => return Err(no_key("another kind of key".to_owned())),
        };
        let key = key.map_err(|error| no_key(error.to_string()))?;
        let certificate = CertificateDer::from_pem_slice(certificate_pem).map_err(|error| {
            SignError::Certificate {
                reason: error.to_string(),
            }
        })?;
        // The public key stands in the certificate as it is; the test is exact, as its modulus has over 2,000 bits.
        let public = key.public_key().as_ref();
        if !certificate.windows(public.len()).any(|part| part == public) {
            return Err(SignError::Apart);
        }
        Ok(Self {
            key,
            certificate: STANDARD.encode(&certificate),
        })
    }

    /// The message with a signature as its last element; id, file name and media type stay.
    ///
    /// # Errors
    ///
    /// [`SignError::NotCap`] if it is not a CAP document as [`cap`](fn@super::cap) writes it, [`SignError::Unsigned`] if
    /// the key does not sign.
    pub fn sign(&self, message: &Message) -> Result<Message, SignError> {
        let message_id = || message.id.clone();
        let not_cap = || SignError::NotCap {
            message_id: message_id(),
        };
        let body = message
            .bytes
            .strip_prefix(DECLARATION)
            .ok_or_else(not_cap)?;
        let body = canonical(std::str::from_utf8(body).ok().ok_or_else(not_cap)?);
        let open = body.as_bytes().strip_suffix(END).ok_or_else(not_cap)?;
        let signed_info = signed_info(&STANDARD.encode(digest(&SHA256, body.as_bytes())));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                signed_info.as_bytes(),
                &mut signature,
            )
            .ok()
            .ok_or_else(|| SignError::Unsigned {
                message_id: message_id(),
            })?;
        let element = format!(
            "<ds:Signature xmlns:ds=\"{DS}\">{}<ds:SignatureValue>{}</ds:SignatureValue>\
             <ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>\
             </ds:Signature>",
            // The namespace stands on the element above it; its canonical form carries it itself.
            signed_info.replacen(&format!(" xmlns:ds=\"{DS}\""), "", 1),
            STANDARD.encode(&signature),
            self.certificate
        );
        Ok(Message {
            bytes: [DECLARATION, open, element.as_bytes(), END].concat(),
            ..message.clone()
        })
    }
}

const DS: &str = "http://www.w3.org/2000/09/xmldsig#";

/// The text of our documents in canonical form: quotation marks inside text stand as themselves.
fn canonical(document: &str) -> String {
    document.replace("&apos;", "'").replace("&quot;", "\"")
}

/// `SignedInfo` in its own canonical form.
fn signed_info(digest: &str) -> String {
    let element =
        |name: &str, algorithm: &str| format!("<ds:{name} Algorithm=\"{algorithm}\"></ds:{name}>");
    let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
    [
        format!("<ds:SignedInfo xmlns:ds=\"{DS}\">"),
        element("CanonicalizationMethod", exclusive),
        element(
            "SignatureMethod",
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        ),
        "<ds:Reference URI=\"\"><ds:Transforms>".to_owned(),
        element(
            "Transform",
            "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
        ),
        element("Transform", exclusive),
        "</ds:Transforms>".to_owned(),
        element("DigestMethod", "http://www.w3.org/2001/04/xmlenc#sha256"),
        format!("<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"),
    ]
    .concat()
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
