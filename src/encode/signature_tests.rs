//! What a signer takes and refuses. Whether its signatures hold, xmlsec1 and capvalidator say (tests/it/clients_push.rs).

#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use super::*;

fn refused(key: &[u8], certificate: &[u8]) -> String {
    match CapSigner::new(key, certificate) {
        Ok(_) => unreachable!("the signer was made"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_is_no_key_to_sign_with_is_named() {
    assert!(refused(b"", b"").starts_with("not a private key"));
    let elliptic = "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n";
    assert!(refused(elliptic.as_bytes(), b"").contains("another kind of key"));
}

#[test]
fn quotation_marks_stand_as_themselves_and_what_only_looks_like_one_stays() {
    assert_eq!(canonical("a &apos;b&apos; &quot;c&quot;"), "a 'b' \"c\"");
    assert_eq!(canonical("&amp;apos; &lt; &gt;"), "&amp;apos; &lt; &gt;");
}
