//! Which addresses a webhook may reach: an address in, yes or no out.
//!
//! A partner names the URL, so that without a guard it could make this machine call services of its own network
//! (server-side request forgery). A name is resolved here and only public addresses of it are connected to; a second
//! look-up by the connection cannot give another answer, as the connection is handed the addresses themselves.
//!
//! # Source
//!
//! IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890): what is not globally reachable.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

/// Blocks of IPv4 that are not public.
const CLOSED_V4: [Ipv4Net; 15] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
];

/// Blocks of global unicast IPv6 (2000::/3) that are not public; all outside of 2000::/3 is closed as well.
const CLOSED_V6: [Ipv6Net; 4] = [
    v6([0x2001, 0], 23),
    v6([0x2001, 0xdb8], 32),
    v6([0x2002, 0], 16),
    v6([0x3fff, 0], 20),
];

const fn v4([a, b, c, d]: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6([first, second]: [u16; 2], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0), prefix)
}

/// Decides which addresses may be called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressGuard {
    /// Blocks that the operator opens although they are not public, for example a partner on a private link.
    pub allowed: Vec<IpNet>,
}

impl AddressGuard {
    /// True if a webhook may be sent to `address`.
    pub fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.allowed.iter().any(|net| net.contains(&address)) || is_public(address)
    }
}

/// True if the address is globally reachable. An IPv6 address that carries an IPv4 address (mapped, NAT64) is judged by
/// that.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => !CLOSED_V4.iter().any(|net| net.contains(&v4)),
        IpAddr::V6(v6) => match nat64(v6) {
            Some(v4) => is_public(IpAddr::V4(v4)),
            None => {
                (v6.segments()[0] & 0xe000) == 0x2000
                    && !CLOSED_V6.iter().any(|net| net.contains(&v6))
            }
        },
    }
}

/// The IPv4 address inside 64:ff9b::/96 (RFC 6052).
fn nat64(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let [0x64, 0xff9b, 0, 0, 0, 0, high, low] = v6.segments() else {
        return None;
    };
    Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)))
}

/// No address of a host may be called.
#[derive(Debug, thiserror::Error)]
#[error("{host}: no public address; an operator opens a private block with --allow-address")]
pub(super) struct Closed {
    pub(super) host: String,
}

/// Resolves names to the addresses that the guard lets pass.
pub(super) struct GuardedNames(pub(super) Arc<AddressGuard>);

impl Resolve for GuardedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Arc::clone(&self.0);
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0))
                .await?
                .filter(|address| guard.allows(address.ip()))
                .collect();
            if found.is_empty() {
                return Err(Closed { host }.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_only_this_network_can_reach_are_closed_in_every_spelling() {
        let guard = AddressGuard::default();
        for closed in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.19.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:1ff::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff:fff::1",
            "100::1",
        ] {
            assert!(!guard.allows(closed.parse().unwrap()), "{closed}");
        }
        for open in [
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "192.0.1.1",
            "192.88.100.1",
            "198.51.101.1",
            "203.0.114.1",
            "2001:200::1",
            "3fff:1000::1",
            "2606:4700::1111",
            "64:ff9b::101:101",
        ] {
            assert!(guard.allows(open.parse().unwrap()), "{open}");
        }
    }

    #[test]
    fn an_operator_opens_a_block_and_no_more() {
        let guard = AddressGuard {
            allowed: vec!["127.0.0.0/8".parse().unwrap()],
        };
        assert!(guard.allows("127.0.0.1".parse().unwrap()));
        assert!(guard.allows("::ffff:127.0.0.1".parse().unwrap()));
        assert!(!guard.allows("::1".parse().unwrap()));
        assert!(!guard.allows("10.0.0.1".parse().unwrap()));
    }
}
