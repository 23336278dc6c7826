//! Every result in one place: scenes searched, detections, contacts, tracks, alerts, watch regions, and the outbox.
//!
//! [`Store`] is the border, and [`open`] the way to what stands behind it: [`GeoPackage`], the default, is one SQLite file
//! that any GIS opens; [`PostGis`] is a database of a PostgreSQL server. Writing the same thing twice changes nothing: a row
//! is compared first and touched only when it differs. Each `put_…` is one transaction.

mod address;
mod archive;
mod backup;
mod catalogue;
mod dispatch;
mod error;
mod features;
mod figures;
mod filter;
mod geometry;
#[cfg(test)]
mod keep_tests;
mod live;
mod partners;
mod postgis;
mod prune;
mod read_geometry;
mod records;
mod rows;
#[cfg(test)]
mod samples;
mod schema;
mod sqlite;
#[cfg(test)]
mod tests;

pub use address::{StoreAddress, open, open_for_batch};
pub use archive::{ARCHIVE_VERSION, Archive, Feed, PutRow, StoredRow, TableForm, archived_tables};
pub use backup::back_up;
pub use error::StoreError;
pub use features::MOST_SHAPE_BYTES;
pub use live::{LIVE_SOURCE, LiveBook, LiveFeed, LiveRows, LiveShip};
pub use postgis::{Misfit, PATIENCE, PostGis};
pub use prune::{Aged, Pruned, Retention};
pub use rusqlite::types::Value;
pub use sqlite::GeoPackage;

use crate::model::alert::Alert;
use crate::model::catalogue::{CataloguePage, CatalogueQuery};
use crate::model::channel::{Channel, Dispatch, DispatchState};
use crate::model::contact::Contact;
use crate::model::detection::Detection;
use crate::model::event::Event;
use crate::model::layer::{FeaturePage, FeatureQuery, Layer};
use crate::model::partner::{AuditEntry, Partner, PartnerKey};
use crate::model::region::RegionZone;
use crate::model::scene::{Scene, SceneRecord, SearchRun, SearchSummary};
use crate::model::track::Track;
use jiff::Timestamp;

/// One scene's results, stored together or not at all.
#[derive(Debug, Clone, Copy)]
pub struct SceneBatch<'a> {
    /// The input as the pipeline names it, for the journal.
    pub input: &'a str,
    /// The scene.
    pub scene: &'a Scene,
    /// What was searched of it.
    pub search: SearchSummary,
    /// How it was searched.
    pub run: &'a SearchRun,
    /// Digest of inputs and settings: [`Store::scene_digest`] gives it back, so that a second run can skip the scene.
    pub digest: &'a str,
    /// All its detections.
    pub detections: &'a [Detection],
    /// All its contacts.
    pub contacts: &'a [Contact],
}

/// A message on its way to one audience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEntry {
    /// Receiver: an audience's id.
    pub audience: String,
    /// Stable id of the message: one alert revision in one format.
    pub message_id: String,
    /// The alert.
    pub alert_id: String,
    /// Its revision.
    pub revision: u32,
    /// Media type of the document.
    pub media_type: String,
    /// File name of the document.
    pub file_name: String,
    /// The document.
    pub bytes: Vec<u8>,
    /// Trace id, the same from the scene to the delivery.
    pub trace_id: String,
}

/// Proof that a message left through one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Receiver: an audience's id.
    pub audience: String,
    /// The message.
    pub message_id: String,
    /// The channel it left through.
    pub channel: String,
    /// When (UTC).
    pub delivered: Timestamp,
    /// Where it went, for example a path.
    pub target: String,
    /// Trace id, the same from the scene to the delivery.
    pub trace_id: String,
}

/// What became of one input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// The input as the pipeline names it: a product's or log's path.
    pub input: String,
    /// Digest of input and settings.
    pub digest: String,
    /// Waiting, done or failed.
    pub outcome: Outcome,
    /// The cause if it failed; why it is done again if it waits and had been done; else empty.
    pub message: String,
}

/// How an input stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It is to be done.
    Waiting,
    /// Results are stored.
    Done,
    /// No result; the message says why.
    Failed,
}

impl Outcome {
    /// The outcome's name as stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    /// The outcome stored under a name; one that is not known counts as failed, so that it is looked at.
    fn named(name: &str) -> Self {
        let all = [Self::Waiting, Self::Done];
        let known = all.into_iter().find(|outcome| outcome.as_str() == name);
        known.unwrap_or(Self::Failed)
    }
}

/// Which revisions of alerts to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revisions {
    /// The newest of each alert.
    Latest,
    /// All, by alert and revision.
    All,
}

/// What a write did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changes {
    /// Rows that are new.
    pub inserted: u64,
    /// Rows that differ now.
    pub updated: u64,
    /// Rows that are gone.
    pub removed: u64,
}

impl Changes {
    /// True if nothing was touched.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Rows a table, in the store's order of tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Scenes searched.
    pub scenes: u64,
    /// Detections.
    pub detections: u64,
    /// Contacts.
    pub contacts: u64,
    /// Tracks.
    pub tracks: u64,
    /// Events of AIS.
    pub events: u64,
    /// Alert revisions.
    pub alerts: u64,
    /// Zones of watch regions.
    pub watch_regions: u64,
    /// Messages to audiences.
    pub outbox: u64,
    /// Receipts.
    pub receipts: u64,
    /// Inputs in the journal.
    pub journal: u64,
}

/// Where results are kept. Every `put_…` is one transaction that leaves all of its rows or none.
///
/// # Errors
///
/// Every method fails with the store's place, the action and the database's cause; records that cannot be kept exactly (a
/// number that is not finite) are refused by id.
pub trait Store:
    PartnerBook + FeatureReader + DispatchBook + LiveBook + Archive + Retention + Send
{
    /// Replaces all watch regions by these zones.
    fn put_regions(&mut self, zones: &[RegionZone]) -> Result<Changes, StoreError>;
    /// Replaces one scene's rows by the batch, and notes its input as done in the journal.
    fn put_scene(&mut self, batch: &SceneBatch<'_>) -> Result<Changes, StoreError>;
    /// Replaces the tracks of one source (a run's or log's name). A line is broken at silences and at 180°; a single
    /// report has no geometry.
    fn put_tracks(&mut self, source: &str, tracks: &[Track]) -> Result<Changes, StoreError>;
    /// Replaces the events of one source.
    fn put_events(&mut self, source: &str, events: &[Event]) -> Result<Changes, StoreError>;
    /// Adds alert revisions and their messages. A revision that is there already must be the same.
    fn put_alerts(
        &mut self,
        alerts: &[Alert],
        outbox: &[OutboxEntry],
    ) -> Result<Changes, StoreError>;
    /// Adds a receipt; a second one for the same message, audience and channel changes nothing.
    fn put_receipt(&mut self, receipt: &Receipt) -> Result<Changes, StoreError>;
    /// Notes how inputs stand, each in place of what was noted of it before.
    fn put_journal(&mut self, entries: &[JournalEntry]) -> Result<Changes, StoreError>;

    /// Digest that a stored scene was made with; `None` if the scene is not there.
    fn scene_digest(&self, scene_id: &str) -> Result<Option<String>, StoreError>;
    /// One scene.
    fn scene(&self, scene_id: &str) -> Result<Option<SceneRecord>, StoreError>;
    /// All scenes, by id.
    fn scenes(&self) -> Result<Vec<SceneRecord>, StoreError>;
    /// A scene's detections in the order they were put.
    fn detections(&self, scene_id: &str) -> Result<Vec<Detection>, StoreError>;
    /// A scene's contacts, by id.
    fn contacts(&self, scene_id: &str) -> Result<Vec<Contact>, StoreError>;
    /// The events of one source, by start and id.
    fn events(&self, source: &str) -> Result<Vec<Event>, StoreError>;
    /// Alerts, by id and revision.
    fn alerts(&self, revisions: Revisions) -> Result<Vec<Alert>, StoreError>;
    /// One alert revision.
    fn alert(&self, alert_id: &str, revision: u32) -> Result<Option<Alert>, StoreError>;
    /// Messages for an audience without a receipt of this channel, oldest first.
    fn undelivered(&self, audience: &str, channel: &str) -> Result<Vec<OutboxEntry>, StoreError>;
    /// All receipts, oldest first.
    fn receipts(&self) -> Result<Vec<Receipt>, StoreError>;
    /// The journal, by input.
    fn journal(&self) -> Result<Vec<JournalEntry>, StoreError>;
    /// Rows a table.
    fn counts(&self) -> Result<Counts, StoreError>;
}

/// Pages of features, and what changed: what a server reads.
///
/// # Errors
///
/// As for [`Store`].
pub trait FeatureReader {
    /// A number that differs from the last one if another connection has committed since.
    fn data_version(&self) -> Result<i64, StoreError>;
    /// Alert revisions that were stored after this sequence number, in the order they were stored, with theirs.
    fn alerts_after(&self, sequence: i64) -> Result<Vec<(i64, Alert)>, StoreError>;
    /// Watch regions and their groups.
    fn region_groups(&self) -> Result<Vec<(String, String)>, StoreError>;
    /// The document of an alert revision as it was put in the outbox, if it was.
    fn document(
        &self,
        alert_id: &str,
        revision: u32,
        media_type: &str,
    ) -> Result<Option<Vec<u8>>, StoreError>;
    /// Where and when a layer's features are. Alerts are refused: an extent would tell of those that are withheld.
    fn span(&self, layer: &Layer) -> Result<LayerSpan, StoreError>;
    /// A page of a layer's features: `limit` of them, or fewer if their shapes weigh more than [`MOST_SHAPE_BYTES`].
    /// Alerts are refused: they are read by [`FeatureReader::alerts_after`] and asked of the release rule one by one.
    fn page(&self, layer: &Layer, query: &FeatureQuery) -> Result<FeaturePage, StoreError>;
    /// A page of the catalogue of scenes and their searches.
    fn catalogue(&self, query: &CatalogueQuery) -> Result<CataloguePage, StoreError>;
    /// Figures for the operator.
    fn figures(&self) -> Result<Figures, StoreError>;
}

/// How much there is of everything, and how old what matters is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Rows a table.
    pub rows: Counts,
    /// Contacts by verdict.
    pub verdicts: Vec<(String, u64)>,
    /// Alerts, not revisions, by rule.
    pub rules: Vec<(String, u64)>,
    /// Messages on channels by state.
    pub dispatches: Vec<(DispatchState, u64)>,
    /// When the oldest alert was sent that waits on a channel (UTC).
    pub oldest_waiting: Option<Timestamp>,
    /// Time of the newest scene (UTC).
    pub newest_scene: Option<Timestamp>,
}

/// Where and when a layer's features are.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LayerSpan {
    /// West, south, east and north, degrees; `None` if nothing has a place.
    pub bounds: Option<[f64; 4]>,
    /// First and last time, RFC 3339.
    pub times: (Option<String>, Option<String>),
}

/// Who is given alerts, by which keys, and what they were given. Every write is one transaction.
///
/// # Errors
///
/// As for [`Store`].
pub trait PartnerBook {
    /// Adds a partner, or replaces the one with its id.
    fn put_partner(&mut self, partner: &Partner) -> Result<Changes, StoreError>;
    /// Removes a partner, its keys and its channels; its audit stays. Nothing changes if it is not there.
    fn remove_partner(&mut self, id: &str) -> Result<Changes, StoreError>;
    /// Adds a key, or replaces the one with its id (to revoke it). The partner must be there.
    fn put_key(&mut self, key: &PartnerKey) -> Result<Changes, StoreError>;
    /// Adds to the audit; who was given a revision by an exit before keeps the first time.
    fn put_audit(&mut self, entries: &[AuditEntry]) -> Result<Changes, StoreError>;
    /// All partners, by id.
    fn partners(&self) -> Result<Vec<Partner>, StoreError>;
    /// All keys, by partner and time of making.
    fn keys(&self) -> Result<Vec<PartnerKey>, StoreError>;
    /// The audit, oldest first.
    fn audit(&self) -> Result<Vec<AuditEntry>, StoreError>;
}

/// By which channels messages leave, and what became of them. Every write is one transaction.
///
/// # Errors
///
/// As for [`Store`].
pub trait DispatchBook {
    /// Claims the one place from which this store's messages are sent, for as long as this value lives and however the
    /// process ends: two senders would send every message twice and overtake each other. False if another has it.
    fn claim_sending(&mut self) -> Result<bool, StoreError>;
    /// Adds a channel, or replaces the one with its partner and id. The partner must be there. One that is added is not
    /// to carry what has expired by now: such messages are withheld from it as [`EXPIRED`].
    fn put_channel(&mut self, channel: &Channel) -> Result<Changes, StoreError>;
    /// Pauses a channel for a reason, if it still is as the caller has `seen` it: whoever changed or removed it since
    /// then knew better, and nothing changes.
    fn pause_channel(&mut self, seen: &Channel, reason: &str) -> Result<Changes, StoreError>;
    /// Removes a channel; what became of its messages stays. Nothing changes if it is not there.
    fn remove_channel(&mut self, partner: &str, id: &str) -> Result<Changes, StoreError>;
    /// All channels, by partner and id.
    fn channels(&self) -> Result<Vec<Channel>, StoreError>;
    /// The oldest messages that wait on a channel, in the order in which they were queued, at most `limit`.
    ///
    /// A message waits if its dispatch says so, or if it has none and was queued after `lane.after`.
    fn queued(&self, lane: &Lane<'_>, limit: usize) -> Result<Vec<Queued>, StoreError>;
    /// Makes the messages that were withheld from a channel wait again, so that the release rule is asked anew; those
    /// that had expired stay.
    fn reopen_withheld(&mut self, partner: &str, channel: &str) -> Result<Changes, StoreError>;
    /// Stores what became of messages. One that is delivered gets its receipt and its place in the audit, too.
    fn put_dispatches(&mut self, dispatches: &[Dispatch]) -> Result<Changes, StoreError>;
    /// How the messages of the channels that there are stand: a count a state, those not tried yet among the waiting.
    fn standing(&self) -> Result<Vec<(DispatchState, u64)>, StoreError>;
    /// What became of messages in these states, oldest first.
    fn dispatches(&self, states: &[DispatchState]) -> Result<Vec<Dispatch>, StoreError>;
    /// Makes messages wait again, with no attempts made; gives their count. The partner must be there. A message that its
    /// outbox lacks is copied from another audience's, for all of its channels, unless a later revision of the alert is
    /// there: behind that one it would arrive out of order.
    fn replay(&mut self, replay: &Replay<'_>) -> Result<u64, StoreError>;
}

/// Answer of a message that had expired when its channel was added: it is withheld.
pub const EXPIRED: &str = "expired before the channel was added";

/// One channel's place in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lane<'a> {
    /// The partner's id.
    pub partner: &'a str,
    /// The channel.
    pub channel: &'a str,
    /// Sequence number up to which every message has a dispatch; 0 if that is not known.
    pub after: i64,
    /// Sequence number after which to read: the end of the page before, or 0.
    pub from: i64,
}

/// A message in the queue of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Its place in the outbox.
    pub sequence: i64,
    /// The message.
    pub entry: OutboxEntry,
    /// What became of it so far, if it was tried.
    pub dispatch: Option<Dispatch>,
}

/// Which messages to send again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replay<'a> {
    /// The partner's id.
    pub partner: &'a str,
    /// One channel; all of the partner's if not said.
    pub channel: Option<&'a str>,
    /// Which messages.
    pub which: Which<'a>,
}

/// Which messages of a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which<'a> {
    /// Those that were given up.
    Failed,
    /// All revisions of one alert.
    Alert(&'a str),
    /// All revisions of alerts that have not expired at this time.
    Unexpired(Timestamp),
}
