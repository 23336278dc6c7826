//! Who asks: a bearer key to a reader, how often one may ask, and how many streams one may have open.
//!
//! No key is the public, which holds TLP:CLEAR. A key that is unknown, expired or revoked is refused with one and the
//! same answer. Keys are looked up by their hash, so that nothing is compared that timing could tell about.

use super::answer::Problem;
use super::keys::hash;
use super::state::{Snapshot, State};
use crate::model::alert::Tlp;
use crate::model::partner::{PUBLIC_ID, Scope};
use crate::model::release::Audience;
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

/// Buckets kept before the full ones are thrown away.
const MOST_BUCKETS: usize = 10_000;

/// Who asks, and what may be given.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    pub(super) audience: Audience,
    pub(super) scopes: Vec<Scope>,
    pub(super) key: Option<KeyShown>,
}

/// The key that was shown.
#[derive(Debug, Clone)]
pub(super) struct KeyShown {
    pub(super) id: String,
    sha256: String,
}

impl Reader {
    /// A reader without a key.
    pub(super) fn public() -> Self {
        Self {
            audience: Audience {
                id: PUBLIC_ID.to_owned(),
                tlp: Tlp::Clear,
                regions: Vec::new(),
                rules: Vec::new(),
            },
            scopes: Vec::new(),
            key: None,
        }
    }

    /// The reader as it stands now: `None` if its key has ended or its partner is gone.
    pub(super) fn renewed(&self, snapshot: &Snapshot, now: Timestamp) -> Option<Self> {
        match &self.key {
            None => Some(Self::public()),
            Some(key) => Self::of_hash(snapshot, &key.sha256, now),
        }
    }

    fn of_hash(snapshot: &Snapshot, sha256: &str, now: Timestamp) -> Option<Self> {
        let key = snapshot.keys.get(sha256).filter(|key| key.is_valid(now))?;
        let partner = snapshot.partners.get(&key.partner)?;
        let scopes: Vec<Scope> = key
            .scopes
            .iter()
            .copied()
            .filter(|scope| partner.scopes.contains(scope))
            .collect();
        // A key without the scope of alerts sees those that everybody sees.
        let audience = if scopes.contains(&Scope::Alerts) {
            partner.audience.clone()
        } else {
            Audience {
                id: partner.id.clone(),
                ..Self::public().audience
            }
        };
        Some(Self {
            audience,
            scopes,
            key: Some(KeyShown {
                id: key.id.clone(),
                sha256: sha256.to_owned(),
            }),
        })
    }

    /// Refuses a reader without the scope of evidence: 401 without a key, 403 with one, and not a word on what is there.
    pub(super) fn need_evidence(&self) -> Result<(), Problem> {
        match (&self.key, self.scopes.contains(&Scope::Evidence)) {
            (_, true) => Ok(()),
            (None, false) => Err(Problem::unauthorised("A key is needed here.")),
            (Some(_), false) => Err(Problem::new(
                StatusCode::FORBIDDEN,
                "This key does not open this address.",
            )),
        }
    }
}

/// Puts the reader into the request, or answers 401 or 429.
pub(super) async fn authenticate(
    Shared(state): Shared<Arc<State>>,
    mut request: Request,
    next: Next,
) -> Response {
    let now = state.now();
    let address = request
        .extensions()
        .get::<SocketAddr>()
        .map(|address| address.ip());
    let reader = match bearer(request.headers()) {
        Ok(None) => Some(Reader::public()),
        Ok(Some(secret)) => Reader::of_hash(&state.snapshot(), &hash(secret), now),
        Err(()) => None,
    };
    // A wrong key spends from its address, so that guessing is slow too.
    let who = match reader.as_ref().and_then(|reader| reader.key.as_ref()) {
        Some(key) => Who::Key(key.id.clone()),
        None => Who::Address(address.map(household)),
    };
    if let Err(wait_s) = state.limiter.take(who.clone(), now) {
        return Problem::too_many("Too many requests.", wait_s).into_response();
    }
    match reader {
        Some(reader) => {
            request.extensions_mut().insert(reader);
            request.extensions_mut().insert(who);
            next.run(request).await
        }
        None => Problem::unauthorised("The key is not valid.").into_response(),
    }
}

/// The key after `Bearer`, `None` if there is no such header, and an error if there is one of another form.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, ()> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = given.next() else {
        return Ok(None);
    };
    if given.next().is_some() {
        return Err(());
    }
    let text = value.to_str().or(Err(()))?;
    let (scheme, secret) = text.split_once(' ').ok_or(())?;
    let secret = secret.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !secret.is_empty())
        .then_some(Some(secret))
        .ok_or(())
}

/// Whose share of the server a request is counted against.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Who {
    Key(String),
    Address(Option<IpAddr>),
}

/// The address by which a reader is told from others: an IPv6 network of /64 is given to one household as one IPv4 address
/// is (RFC 6177), and would otherwise be 2⁶⁴ readers.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
        v4 => v4,
    }
}

/// Token buckets: so many requests a second, twice as many at once.
#[derive(Debug)]
pub(super) struct Limiter {
    per_second: f64,
    buckets: Mutex<HashMap<Who, (f64, Timestamp)>>,
}

impl Limiter {
    pub(super) fn new(per_second: u32) -> Self {
        Self {
            per_second: f64::from(per_second.max(1)),
            buckets: Mutex::new(HashMap::new()),
        }
    }

    /// Takes a token, or says in how many seconds there will be one.
    fn take(&self, who: Who, now: Timestamp) -> Result<(), u64> {
        let most = 2.0 * self.per_second;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() > MOST_BUCKETS {
            let full_after_s = most / self.per_second;
            buckets.retain(|_, (_, at)| seconds_between(*at, now) < full_after_s);
        }
        let (tokens, at) = buckets.entry(who).or_insert((most, now));
        let elapsed_s = seconds_between(*at, now);
        *tokens = (*tokens + elapsed_s * self.per_second).min(most);
        *at = now;
        if *tokens < 1.0 {
            return Err(1);
        }
        *tokens -= 1.0;
        Ok(())
    }
}

/// Seconds from `from` to `to`; nought if the clock stepped back.
fn seconds_between(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64().max(0.0)
}

/// Who has how many streams open.
#[derive(Debug)]
pub(super) struct Seats {
    each: usize,
    taken: Mutex<HashMap<Who, usize>>,
}

/// A reader's place among those who have a stream open, free again when dropped.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Arc<Seats>,
    who: Who,
}

impl Seats {
    pub(super) fn new(each: usize) -> Self {
        Self {
            each,
            taken: Mutex::new(HashMap::new()),
        }
    }

    /// A seat, or `None` if the reader has as many as it may have.
    pub(super) fn take(self: &Arc<Self>, who: Who) -> Option<Seat> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(who.clone()).or_default();
        if *count >= self.each {
            return None;
        }
        *count += 1;
        let seats = self.clone();
        Some(Seat { seats, who })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let taken = self.seats.taken.lock();
        let mut taken = taken.unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.who) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_ipv6_network_are_one_reader_and_ipv4_addresses_are_not() {
        let of = |text: &str| household(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        // What a socket that listens to both shows of an IPv4 reader.
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("::ffff:192.0.2.1"), of("::ffff:192.0.2.2"));
    }

    #[test]
    fn a_bucket_empties_and_fills_again_for_its_reader_alone() {
        let limiter = Limiter::new(2);
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let key = |name: &str| Who::Key(name.to_owned());
        for _ in 0..4 {
            limiter.take(key("a"), now).unwrap();
        }
        assert_eq!(limiter.take(key("a"), now), Err(1));
        assert_eq!(limiter.take(key("b"), now), Ok(()));
        let later = now + jiff::SignedDuration::from_millis(600);
        assert_eq!(limiter.take(key("a"), later), Ok(()));
        assert_eq!(limiter.take(key("a"), later), Err(1));
    }
}
