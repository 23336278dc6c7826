//! The catalogue of scenes and of their searches: what it is asked for, and what it gives.
//!
//! Every scene has two entries: the image, and the search of it. An entry has a time: scenes of which none is known are
//! not in the catalogue.

use super::scene::SceneRecord;
use geo::Geometry;

/// Kind of an entry; each is a collection of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// A scene.
    Scene,
    /// The search of a scene for ships.
    Run,
}

impl EntryKind {
    /// Both kinds, in the order they are listed.
    pub const ALL: [Self; 2] = [Self::Scene, Self::Run];

    /// Id of the collection.
    pub fn collection(self) -> &'static str {
        match self {
            Self::Scene => "scenes",
            Self::Run => "detection-runs",
        }
    }

    /// The kind whose collection is called `id`.
    pub fn named(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.collection() == id)
    }

    /// What the id of an entry adds to its scene's.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Scene => "",
            Self::Run => ".run",
        }
    }
}

/// By what entries are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    /// Time of the scene.
    Time,
    /// Id.
    Id,
    /// Id of the collection.
    Collection,
}

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortOrder {
    /// The smallest first.
    Ascending,
    /// The largest first.
    Descending,
}

/// Where a page ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryPlace {
    /// Time, RFC 3339 to the millisecond in UTC.
    pub time: String,
    /// Kind.
    pub kind: EntryKind,
    /// Id.
    pub id: String,
}

/// Which entries are asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct CatalogueQuery {
    /// Kinds; none gives nothing.
    pub kinds: Vec<EntryKind>,
    /// Ids; `None` is any.
    pub ids: Option<Vec<String>>,
    /// Boxes, west, south, east, north in degrees; two across 180°. Empty is everywhere.
    pub boxes: Vec<[f64; 4]>,
    /// A shape that the footprint meets, lon/lat degrees.
    pub shape: Option<Geometry<f64>>,
    /// The scene was taken not wholly before the one and not wholly after the other: RFC 3339 to the millisecond in UTC.
    pub times: Option<(Option<String>, Option<String>)>,
    /// Order; what is not named follows, ascending, so that it is always whole.
    pub order: Vec<(SortKey, SortOrder)>,
    /// Only behind this place.
    pub after: Option<EntryPlace>,
    /// At most so many.
    pub limit: usize,
}

/// An entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Kind.
    pub kind: EntryKind,
    /// The scene, what was searched of it, and how.
    pub record: SceneRecord,
}

impl Entry {
    /// Its id.
    pub fn id(&self) -> String {
        format!("{}{}", self.record.scene.id, self.kind.suffix())
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CataloguePage {
    /// Entries in the order asked for.
    pub entries: Vec<Entry>,
    /// Entries that match, on all pages.
    pub matched: u64,
    /// True if more follow.
    pub more: bool,
}
