//! What the lanes share: one connection to the store, the clock, and who we are.

use crate::store::{Store, StoreError};
use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};

/// Shared by all lanes of one loop.
pub(super) struct Shared {
    store: Arc<Mutex<Box<dyn Store>>>,
    /// The clock.
    pub(super) clock: fn() -> Timestamp,
    /// CloudEvents `source` of this node.
    pub(super) source: String,
}

impl Shared {
    pub(super) fn new(store: Box<dyn Store>, clock: fn() -> Timestamp, source: String) -> Self {
        Self {
            store: Arc::new(Mutex::new(store)),
            clock,
            source,
        }
    }

    /// Does `work` with the store on a thread that may block.
    pub(super) async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = Arc::clone(&self.store);
        let done = tokio::task::spawn_blocking(move || {
            // A thread that panicked left a transaction that was rolled back: the connection is sound.
            let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
            work(store.as_mut())
        });
        done.await
            .unwrap_or_else(|error| Err(StoreError::Interrupted(error.to_string())))
    }
}
