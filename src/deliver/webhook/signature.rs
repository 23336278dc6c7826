//! Webhook secrets and signatures: message id, attempt time and body in, the `webhook-signature` header out.
//!
//! HMAC-SHA256 of `id.timestamp.body`, base64, one `v1,…` a secret, separated by blanks.
//!
//! # Source
//!
//! Standard Webhooks 1.0, sections "Signature scheme" and "Secret serialization".

use crate::model::channel::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

/// How a secret's text begins.
const PREFIX: &str = "whsec_";

/// Lengths that the standard allows, bytes.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// A secret's text that is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the secret is not a webhook secret; expected whsec_ and the base64 of 24 to 64 bytes")]
pub struct BadSecret;

/// The secret of these bytes, as text.
///
/// # Errors
///
/// If there are fewer than 24 or more than 64.
pub fn secret_from(bytes: &[u8]) -> Result<Secret, BadSecret> {
    if !LENGTHS.contains(&bytes.len()) {
        return Err(BadSecret);
    }
    Ok(Secret::new(format!("{PREFIX}{}", STANDARD.encode(bytes))))
}

/// Checks a secret that a partner chose.
///
/// # Errors
///
/// If it is not one of Standard Webhooks; the text is not repeated.
pub fn check_secret(secret: &Secret) -> Result<(), BadSecret> {
    key(secret).map(|_| ())
}

/// The value of `webhook-signature`: one signature a secret, in their order.
///
/// # Errors
///
/// If a secret is not one.
pub(super) fn sign(
    secrets: &[Secret],
    (id, timestamp_s): (&str, i64),
    body: &[u8],
) -> Result<String, BadSecret> {
    let mut signed = format!("{id}.{timestamp_s}.").into_bytes();
    signed.extend_from_slice(body);
    let mut signatures = Vec::with_capacity(secrets.len());
    for secret in secrets {
        let tag = hmac::sign(&key(secret)?, &signed);
        signatures.push(format!("v1,{}", STANDARD.encode(tag)));
    }
    Ok(signatures.join(" "))
}

fn key(secret: &Secret) -> Result<hmac::Key, BadSecret> {
    let text = secret.expose().strip_prefix(PREFIX).ok_or(BadSecret)?;
    let bytes = STANDARD.decode(text).ok().ok_or(BadSecret)?;
    if !LENGTHS.contains(&bytes.len()) {
        return Err(BadSecret);
    }
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;

    #[test]
    fn the_standards_own_example_gives_the_standards_own_signature() {
        // From the specification's test vector.
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let body = br#"{"test": 2432232314}"#;
        let signed = sign(
            &[secret],
            ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330),
            body,
        );
        assert_eq!(
            signed.unwrap(),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn every_secret_signs_while_a_receiver_changes_over() {
        let secrets = [
            secret_from(&[1; 32]).unwrap(),
            secret_from(&[2; 32]).unwrap(),
        ];
        let both = sign(&secrets, ("m", 1), b"x").unwrap();
        let each: Vec<String> = secrets
            .iter()
            .map(|s| sign(std::slice::from_ref(s), ("m", 1), b"x").unwrap())
            .collect();
        assert_eq!(both, each.join(" "));
        assert_ne!(each[0], each[1]);
    }

    #[test]
    fn a_secret_has_24_to_64_bytes_behind_its_prefix_and_nothing_else() {
        for (length, sound) in [(23, false), (24, true), (64, true), (65, false)] {
            assert_eq!(secret_from(&vec![0; length]).is_ok(), sound, "{length}");
            let text = format!("{PREFIX}{}", STANDARD.encode(vec![0; length]));
            assert_eq!(check_secret(&Secret::new(text)).is_ok(), sound, "{length}");
        }
        let bytes = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        for text in [
            "",
            bytes,
            "whsec_",
            &format!("WHSEC_{bytes}"),
            &format!("whsec_{bytes}\n"),
            &format!("whsec_{bytes}!"),
        ] {
            assert_eq!(check_secret(&Secret::new(text)), Err(BadSecret), "{text}");
        }
    }
}
