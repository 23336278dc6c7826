//! A connection to a NATS server: the channel's and the work queue's.

use super::tls;
use crate::model::channel::{Login, Secret};
use async_nats::{Client, ConnectError, ConnectOptions};
use std::time::Duration;

/// How long to wait for a connection and an answer.
pub(super) const TIMEOUT: Duration = Duration::from_secs(15);

/// A NATS server and how to log in there.
#[derive(Debug, Clone)]
pub struct NatsServer {
    /// `nats://host:port` or `tls://host:port`, see [`check_nats_address`](super::check_nats_address).
    pub url: String,
    /// Name and password, if the server asks for them.
    pub login: Option<Login>,
    /// A token, if the server asks for one.
    pub token: Option<Secret>,
}

impl NatsServer {
    /// Connects; a connection that is lost later is made again `reconnects` times, or for ever.
    ///
    /// # Errors
    ///
    /// If the server is not there or refuses.
    pub async fn connect(&self, reconnects: Option<usize>) -> Result<Client, ConnectError> {
        tls::use_ring();
        let mut options = ConnectOptions::new()
            .name("tidewatch")
            .connection_timeout(TIMEOUT)
            .request_timeout(Some(TIMEOUT))
            .max_reconnects(reconnects);
        if let Some(login) = &self.login {
            let password = login.password.expose().to_owned();
            options = options.user_and_password(login.user.clone(), password);
        }
        if let Some(token) = &self.token {
            options = options.token(token.expose().to_owned());
        }
        options.connect(self.url.as_str()).await
    }
}
