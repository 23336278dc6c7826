//! Who gets which alert: alerts and audiences in, outbox entries out.

use crate::model::alert::Alert;
use crate::model::message::Message;
use crate::model::release::{Audience, release};
use crate::store::OutboxEntry;

/// One entry for every alert and audience that the release rule lets meet, by audience, then in the order of the alerts.
///
/// `group_of` names the group of a region id; `encode` writes the document.
///
/// # Errors
///
/// The first one of `encode`.
pub fn enqueue<E>(
    alerts: &[Alert],
    audiences: &[Audience],
    group_of: impl Fn(&str) -> Option<String>,
    encode: impl Fn(&Alert) -> Result<Message, E>,
) -> Result<Vec<OutboxEntry>, E> {
    let mut entries = Vec::new();
    for audience in audiences {
        for alert in alerts {
            if release(alert, audience, &group_of).is_err() {
                continue;
            }
            let message = encode(alert)?;
            entries.push(OutboxEntry {
                audience: audience.id.clone(),
                message_id: message.id,
                alert_id: alert.id.clone(),
                revision: alert.revision,
                media_type: message.media_type.to_owned(),
                file_name: message.file_name,
                bytes: message.bytes,
                trace_id: alert.trace_id(),
            });
        }
    }
    Ok(entries)
}
