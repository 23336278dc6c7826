//! How to reach the server: the address read, the password found, TLS as it asks for.
//!
//! Parameters and password file are those of PostgreSQL's own library, so that one address serves every program. A
//! certificate is always verified: `sslmode=require` means what `verify-full` does.
//!
//! Source: PostgreSQL 15 documentation, 34.1.1.2 (connection URIs), 34.16 (the password file), 34.19 (SSL).

use super::tls::Tls;
use crate::store::StoreError;
use postgres::config::{Host, SslMode};
use postgres::{Client, Config, NoTls};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest time for one attempt to connect.
const CONNECT: Duration = Duration::from_secs(10);
/// A peer that acknowledges nothing for so long is gone.
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);

/// An address with its password, ready to connect.
pub(super) struct Login {
    config: Config,
    tls: Option<Tls>,
}

impl Login {
    /// Reads an address. Without a password in it the one in `PGPASSWORD` is taken, else that of the password file:
    /// the parameter `passfile`, `PGPASSFILE`, or `~/.pgpass`.
    pub(super) fn read(url: &str, shown: &str) -> Result<Self, StoreError> {
        let wrong = |reason: String| StoreError::Address {
            store: shown.to_owned(),
            reason,
        };
        let (place, parameters) = url.split_once('?').unwrap_or((url, ""));
        let (mut mode, mut authority, mut password_file) = ("disable", None, None);
        let mut others = Vec::new();
        for pair in parameters.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("sslmode", value)) => mode = value,
                Some(("sslrootcert", value)) => authority = Some(PathBuf::from(value)),
                Some(("passfile", value)) => password_file = Some(PathBuf::from(value)),
                _ => others.push(pair),
            }
        }
        let plain = format!("{place}?{}", others.join("&"));
        let mut config: Config = plain.parse().map_err(|error: postgres::Error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            wrong(cause.unwrap_or_else(|| error.to_string()))
        })?;
        let tls = match mode {
            "disable" => None,
            "require" | "verify-full" => Some(Tls::new(authority.as_deref()).map_err(wrong)?),
            other => {
                return Err(wrong(format!(
                    "sslmode is {other:?}; expected disable, require or verify-full"
                )));
            }
        };
        if config.get_hosts().is_empty() {
            return Err(wrong("names no host; expected one behind //".to_owned()));
        }
        if config.get_user().is_none_or(str::is_empty) {
            return Err(wrong(
                "names no user; expected one before the host and an @".to_owned(),
            ));
        }
        config.ssl_mode(if tls.is_some() {
            SslMode::Require
        } else {
            SslMode::Disable
        });
        if config.get_password().is_none() {
            let found = std::env::var("PGPASSWORD").ok();
            if let Some(password) = found.or_else(|| from_file(&config, password_file)) {
                config.password(password);
            }
        }
        config
            .application_name("tidewatch")
            .connect_timeout(CONNECT)
            .tcp_user_timeout(UNACKNOWLEDGED)
            .keepalives_idle(UNACKNOWLEDGED);
        Ok(Self { config, tls })
    }

    /// Connects once.
    pub(super) fn connect(&self) -> Result<Client, postgres::Error> {
        match &self.tls {
            Some(tls) => self.config.connect(tls.clone()),
            None => self.config.connect(NoTls),
        }
    }
}

/// The password of the first line of the password file that fits. A file that others may read is not used.
fn from_file(config: &Config, named: Option<PathBuf>) -> Option<String> {
    let path = named
        .or_else(|| std::env::var_os("PGPASSFILE").map(PathBuf::from))
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".pgpass")))?;
    let mode = std::fs::metadata(&path).ok()?.permissions().mode();
    if mode & 0o077 != 0 {
        let path = path.display();
        tracing::warn!(%path, "The password file may be read by others and is not used; expected mode 0600.");
        return None;
    }
    let text = std::fs::read_to_string(&path).ok()?;
    let host = match config.get_hosts().first()? {
        Host::Tcp(name) => name.clone(),
        Host::Unix(_) => "localhost".to_owned(),
    };
    let user = config.get_user()?;
    let database = config.get_dbname().unwrap_or(user);
    let port = config.get_ports().first().unwrap_or(&5432).to_string();
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .find_map(|line| password_in(line, [&host, &port, database, user]))
}

/// The password of a line `host:port:database:user:password` if its first four fields fit; `*` fits all, and a backslash
/// takes the next character as it is.
fn password_in(line: &str, wanted: [&str; 4]) -> Option<String> {
    let mut fields = vec![String::new()];
    let mut is_star = [true; 4];
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        let at = fields.len() - 1;
        match c {
            ':' if at < 4 => fields.push(String::new()),
            '\\' => {
                let next = characters.next().unwrap_or('\\');
                fields[at].push(next);
                if let Some(star) = is_star.get_mut(at) {
                    *star = false;
                }
            }
            c => fields[at].push(c),
        }
    }
    let [first, password] = fields.split_at_checked(4).map(|(a, b)| [a, b])?;
    let fits = first
        .iter()
        .zip(wanted)
        .zip(is_star)
        .all(|((field, wanted), star)| (star && field == "*") || field == wanted);
    fits.then(|| password.first().cloned()).flatten()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_password_file_fits_by_its_four_fields() {
        let wanted = ["db.example", "5432", "watch", "w:x"];
        for (line, found) in [
            (r"db.example:5432:watch:w\:x:hunter2", Some("hunter2")),
            (r"*:*:*:w\:x:a:b\\c\:", Some(r"a:b\c:")),
            (r"*:*:\*:w\:x:no", None),
            ("*:*:*:other:no", None),
            ("*:*:*", None),
            ("", None),
        ] {
            assert_eq!(password_in(line, wanted).as_deref(), found, "{line}");
        }
    }

    #[test]
    fn a_password_file_is_used_only_if_nobody_else_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pass");
        std::fs::write(&file, "# for the watch\nlocalhost:*:d:u:hunter2\n").unwrap();
        let config: Config = "postgresql://u@%2Ftmp/d".parse().unwrap();
        for (mode, found) in [(0o600, Some("hunter2")), (0o640, None)] {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            let password = from_file(&config, Some(file.clone()));
            assert_eq!(password.as_deref(), found, "{mode:o}");
        }
    }

    #[test]
    fn an_address_that_cannot_be_used_is_told_by_its_fault_and_without_its_password() {
        for (url, told) in [
            ("postgresql://u:hunter2@h/d?sslmode=prefer", "prefer"),
            ("postgresql://u:hunter2@h/d?colour=red", "colour"),
            ("postgresql://u:hunter2@h:x/d", "port"),
            ("postgresql://:hunter2@h/d", "user"),
            ("postgresql:///d", "host"),
        ] {
            let shown = crate::store::StoreAddress::from(url).to_string();
            let Err(error) = Login::read(url, &shown) else {
                panic!("{url} was taken");
            };
            let text = format!("{error} {error:?}");
            assert!(text.contains(told) && !text.contains("hunter2"), "{text}");
        }
    }
}
