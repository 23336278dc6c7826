//! The file channel: an audience's undelivered messages in, files in its folder and receipts out.
//!
//! A file appears whole or not at all: it is written under a hidden name, flushed to disk, then renamed, and the folder
//! is flushed before the receipt is stored. A published file is never edited: a revision has a file of its own.

use crate::model::release::{Audience, release};
use crate::store::{OutboxEntry, Receipt, Store, StoreError};
use jiff::Timestamp;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A folder that one audience reads.
#[derive(Debug, Clone, PartialEq)]
pub struct FolderChannel {
    /// Name of the channel in receipts: stable, also when the folder moves.
    pub id: String,
    /// Who reads it.
    pub audience: Audience,
    /// The folder; made if it is not there.
    pub folder: PathBuf,
}

/// What draining a channel did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Messages delivered now.
    pub delivered: u64,
    /// Messages that stay in the outbox, as the audience may not have them any more.
    pub withheld: u64,
}

/// Why a channel was not drained to the end. What was delivered before has its receipt.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeliverError {
    /// The store failed.
    #[error("channel {channel}: the store failed")]
    Store {
        /// Channel.
        channel: String,
        /// The cause.
        source: Box<StoreError>,
    },
    /// The folder or a file in it cannot be written.
    #[error("{path}: cannot write for channel {channel}")]
    Write {
        /// Folder or file.
        path: PathBuf,
        /// Channel.
        channel: String,
        /// The cause.
        source: io::Error,
    },
    /// A message's file name would leave the folder or hide.
    #[error(
        "message {message_id}: file name {file_name:?}; expected a plain name without folders or a leading point"
    )]
    FileName {
        /// Message.
        message_id: String,
        /// Its file name.
        file_name: String,
    },
    /// The file is there with other content.
    #[error(
        "{path}: there already with other content than message {message_id}; a published file is never edited"
    )]
    Occupied {
        /// File.
        path: PathBuf,
        /// Message.
        message_id: String,
    },
}

/// Writes every undelivered message of the channel's audience into its folder, oldest first, and stores the receipts.
///
/// The release rule is asked again at the exit, with the audience as it is now. `now` stands in the receipts.
///
/// # Errors
///
/// The first message that cannot be delivered stops the channel, so that revisions keep their order.
pub fn to_folder(
    store: &mut dyn Store,
    channel: &FolderChannel,
    group_of: impl Fn(&str) -> Option<String>,
    now: Timestamp,
) -> Result<Delivery, DeliverError> {
    let failed = |source: StoreError| DeliverError::Store {
        channel: channel.id.clone(),
        source: Box::new(source),
    };
    let waiting = store
        .undelivered(&channel.audience.id, &channel.id)
        .map_err(failed)?;
    let mut delivery = Delivery::default();
    for entry in waiting {
        let alert = store
            .alert(&entry.alert_id, entry.revision)
            .map_err(failed)?;
        // Without its alert nothing is known of a message's marking: it stays inside.
        let released =
            alert.is_some_and(|alert| release(&alert, &channel.audience, &group_of).is_ok());
        if !released {
            delivery.withheld += 1;
            continue;
        }
        let path =
            publish(&channel.folder, &entry).map_err(|fault| fault.on(&channel.id, &entry))?;
        let receipt = Receipt {
            audience: entry.audience,
            message_id: entry.message_id,
            channel: channel.id.clone(),
            delivered: now,
            target: path.display().to_string(),
            trace_id: entry.trace_id,
        };
        store.put_receipt(&receipt).map_err(failed)?;
        delivery.delivered += 1;
    }
    Ok(delivery)
}

/// Writes one document into `folder`; one that is there already is left, and refused if it differs.
pub(super) fn publish(folder: &Path, entry: &OutboxEntry) -> Result<PathBuf, Fault> {
    let name = entry.file_name.as_str();
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', '\0']) {
        return Err(Fault::Name);
    }
    let path = folder.join(name);
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Fault::Write { path, source }
    };
    fs::create_dir_all(folder).map_err(failed(folder))?;
    match fs::read(&path) {
        Ok(there) if there == entry.bytes => return Ok(path),
        Ok(_) => return Err(Fault::Occupied { path }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(&path)(error)),
    }
    let hidden = folder.join(format!(".{name}.part"));
    write_and_flush(&hidden, &entry.bytes).map_err(failed(&hidden))?;
    fs::rename(&hidden, &path).map_err(failed(&path))?;
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(failed(folder))?;
    Ok(path)
}

/// Why one document could not be written.
#[derive(Debug)]
pub(super) enum Fault {
    /// Its name would leave the folder or hide.
    Name,
    /// Folder or file cannot be written.
    Write { path: PathBuf, source: io::Error },
    /// Another document has its name.
    Occupied { path: PathBuf },
}

impl Fault {
    fn on(self, channel: &str, entry: &OutboxEntry) -> DeliverError {
        let message_id = entry.message_id.clone();
        match self {
            Self::Name => DeliverError::FileName {
                message_id,
                file_name: entry.file_name.clone(),
            },
            Self::Write { path, source } => DeliverError::Write {
                path,
                channel: channel.to_owned(),
                source,
            },
            Self::Occupied { path } => DeliverError::Occupied { path, message_id },
        }
    }
}

fn write_and_flush(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
#[path = "folder_tests.rs"]
mod tests;
