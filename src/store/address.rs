//! Where a store is: a file, or a database of a PostgreSQL server.

use super::postgis::PATIENCE_OF_BATCHES;
use super::{GeoPackage, PATIENCE, PostGis, Store, StoreError};
use jiff::Timestamp;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where a store is. Shown without a password, whichever way it is printed.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreAddress {
    /// A GeoPackage file.
    File(PathBuf),
    /// `postgresql://user@host:port/database`, as PostgreSQL's own programs take it.
    Database(String),
}

impl StoreAddress {
    /// True unless it is a file that is not there: only a server can tell what databases it has.
    pub fn may_be_there(&self) -> bool {
        match self {
            Self::File(path) => path.exists(),
            Self::Database(_) => true,
        }
    }

    /// The folder of the file; `None` for a database.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::File(path) => path.parent(),
            Self::Database(_) => None,
        }
    }
}

impl From<&str> for StoreAddress {
    fn from(text: &str) -> Self {
        let is_database = ["postgresql://", "postgres://"]
            .iter()
            .any(|scheme| text.starts_with(scheme));
        if is_database {
            Self::Database(text.to_owned())
        } else {
            Self::File(text.into())
        }
    }
}

impl From<String> for StoreAddress {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<PathBuf> for StoreAddress {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl fmt::Display for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Database(url) => f.write_str(&without_password(url)),
        }
    }
}

impl fmt::Debug for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

/// Opens the store at an address, or makes it if it is not there.
///
/// `now` is the time that tables changed through this store show as their last change.
///
/// # Errors
///
/// As for [`GeoPackage::open`] and [`PostGis::open`].
pub fn open(address: &StoreAddress, now: Timestamp) -> Result<Box<dyn Store>, StoreError> {
    open_with(address, now, PATIENCE)
}

/// The same for a batch, which waits longer for a server that is away: it would be lost.
///
/// # Errors
///
/// As for [`open`].
pub fn open_for_batch(
    address: &StoreAddress,
    now: Timestamp,
) -> Result<Box<dyn Store>, StoreError> {
    open_with(address, now, PATIENCE_OF_BATCHES)
}

fn open_with(
    address: &StoreAddress,
    now: Timestamp,
    patience: Duration,
) -> Result<Box<dyn Store>, StoreError> {
    Ok(match address {
        StoreAddress::File(path) => Box::new(GeoPackage::open(path, now)?),
        StoreAddress::Database(url) => Box::new(PostGis::open(url, now, patience)?),
    })
}

/// The address with `***` in place of a password, before the host or among the parameters.
fn without_password(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (place, parameters) = match rest.split_once('?') {
        Some((place, parameters)) => (place, Some(parameters)),
        None => (rest, None),
    };
    // A password may hold a slash or an at-sign that should have been percent-encoded: the last at-sign ends it.
    let place = match place.rsplit_once('@') {
        Some((login, host)) => match login.split_once(':') {
            Some((user, _)) => format!("{user}:***@{host}"),
            None => format!("{login}@{host}"),
        },
        None => place.to_owned(),
    };
    let shown = parameters.map(|parameters| {
        let each = parameters
            .split('&')
            .map(|pair| match pair.split_once('=') {
                Some((name, _)) if name.eq_ignore_ascii_case("password") => format!("{name}=***"),
                _ => pair.to_owned(),
            });
        format!("?{}", each.collect::<Vec<_>>().join("&"))
    });
    format!("{scheme}://{place}{}", shown.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_file_or_a_database_and_shows_no_password() {
        for (text, shown) in [
            ("out/t.gpkg", "out/t.gpkg"),
            ("postgresql.gpkg", "postgresql.gpkg"),
            ("postgresql://u@h:5433/d", "postgresql://u@h:5433/d"),
            ("postgres://u:hunter2@h/d", "postgres://u:***@h/d"),
            ("postgresql://u:hunter2/@x@h", "postgresql://u:***@h"),
            (
                "postgresql:///d?host=/run&password=hunter2&user=u",
                "postgresql:///d?host=/run&password=***&user=u",
            ),
        ] {
            let address = StoreAddress::from(text);
            assert_eq!(address.to_string(), shown);
            assert!(!format!("{address:?}").contains("hunter2"));
            let is_file = matches!(address, StoreAddress::File(_));
            assert_eq!(is_file, text.ends_with("gpkg"));
        }
    }
}
