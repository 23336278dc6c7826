//! Partners' keys: made from random bytes, shown once, kept as hashes, found again by their hash.
//!
//! A key is `mda_` and 64 hexadecimal digits: 32 random bytes behind a prefix that secret scanners can look for. With 256
//! bits of chance a plain SHA-256 needs neither salt nor stretching, and looking a hash up tells an attacker nothing.

use super::ServeError;
use crate::model::id::{content_id, hex};
use crate::model::partner::{PartnerKey, Scope};
use crate::store::PartnerBook;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// What every key begins with.
const PREFIX: &str = "mda_";

/// Random bytes in a key.
const RANDOM_BYTES: usize = 32;

/// A key that was just made.
#[derive(Clone)]
pub struct IssuedKey {
    /// The key: to be handed to the partner now, as nobody can read it again.
    pub secret: String,
    /// What was stored of it.
    pub record: PartnerKey,
}

/// Makes a key for a partner, valid from `now` until `expires`, with all the partner's scopes if `scopes` is empty.
///
/// # Errors
///
/// An unknown partner, a scope the partner does not have, or a store that fails.
pub fn issue_key(
    store: &mut dyn PartnerBook,
    partner_id: &str,
    scopes: &[Scope],
    now: Timestamp,
    expires: Timestamp,
) -> Result<IssuedKey, ServeError> {
    let partner = store
        .partners()?
        .into_iter()
        .find(|partner| partner.id == partner_id)
        .ok_or_else(|| ServeError::UnknownPartner {
            partner: partner_id.to_owned(),
        })?;
    if let Some(beyond) = scopes.iter().find(|scope| !partner.scopes.contains(scope)) {
        let own: Vec<&str> = partner.scopes.iter().map(|scope| scope.as_str()).collect();
        return Err(ServeError::ScopeBeyondPartner {
            partner: partner.id,
            scope: beyond.to_string(),
            own: own.join(", "),
        });
    }
    let mut random = [0_u8; RANDOM_BYTES];
    // The cause says no more than that there was none.
    getrandom::fill(&mut random).or(Err(ServeError::NoRandomness))?;
    let secret = format!("{PREFIX}{}", hex(&random));
    let sha256 = hash(&secret);
    let record = PartnerKey {
        id: content_id("key", &[&sha256]),
        partner: partner.id,
        sha256,
        scopes: if scopes.is_empty() {
            partner.scopes
        } else {
            scopes.to_vec()
        },
        created: now,
        expires,
        revoked: None,
    };
    store.put_key(&record)?;
    Ok(IssuedKey { secret, record })
}

/// What is kept of a key.
pub(super) fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;
    use crate::model::alert::Tlp;
    use crate::model::partner::Partner;
    use crate::model::release::Audience;

    #[test]
    fn a_key_is_long_new_every_time_and_not_in_the_store() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.gpkg");
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let later: Timestamp = "2026-04-01T12:00:00Z".parse().unwrap();
        let mut store = crate::store::GeoPackage::open(&path, now).unwrap();
        let unknown = issue_key(&mut store, "p", &[], now, later).err().unwrap();
        assert!(matches!(unknown, ServeError::UnknownPartner { .. }));
        store
            .put_partner(&Partner {
                id: "p".into(),
                name: "P".into(),
                audience: Audience {
                    id: "p".into(),
                    tlp: Tlp::Green,
                    regions: Vec::new(),
                    rules: Vec::new(),
                },
                scopes: vec![Scope::Alerts],
            })
            .unwrap();
        let beyond = issue_key(&mut store, "p", &[Scope::Evidence], now, later);
        assert!(matches!(
            beyond.err().unwrap(),
            ServeError::ScopeBeyondPartner { .. }
        ));
        let one = issue_key(&mut store, "p", &[], now, later).unwrap();
        let two = issue_key(&mut store, "p", &[Scope::Alerts], now, later).unwrap();
        assert_ne!(one.secret, two.secret);
        assert_eq!(one.secret.len(), 4 + 64);
        // printf abc | sha256sum (FIPS 180-2, appendix B.1)
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hash("abc"), abc);
        assert_eq!(store.keys().unwrap().len(), 2);
        drop(store);
        let file = std::fs::read(&path).unwrap();
        let needle = one.secret.as_bytes();
        assert!(!file.windows(needle.len()).any(|part| part == needle));
    }
}
