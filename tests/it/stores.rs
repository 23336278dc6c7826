//! Two stores of one run, held against each other row by row.

use jiff::Timestamp;
use tidewatch::model::alert::Alert;
use tidewatch::store::{Revisions, Store, StoreAddress, open};

pub fn opened(address: impl Into<StoreAddress>) -> Box<dyn Store> {
    open(&address.into(), Timestamp::now()).unwrap()
}

/// Fails if the database does not hold what the file holds: counts, scenes with all that was found in them, alerts, journal.
pub fn must_hold_the_same(database: &dyn Store, file: &dyn Store) {
    assert_eq!(database.counts().unwrap(), file.counts().unwrap());
    for record in file.scenes().unwrap() {
        let id = &record.scene.id;
        assert_eq!(
            database.detections(id).unwrap(),
            file.detections(id).unwrap()
        );
        assert_eq!(database.contacts(id).unwrap(), file.contacts(id).unwrap());
        assert_eq!(
            database.scene_digest(id).unwrap(),
            file.scene_digest(id).unwrap()
        );
    }
    let alerts = without_run(file);
    assert!(!alerts.is_empty());
    assert_eq!(without_run(database), alerts);
    assert_eq!(database.journal().unwrap(), file.journal().unwrap());
}

/// Alerts without the times of their run.
fn without_run(store: &dyn Store) -> Vec<Alert> {
    let same = |alert: Alert| Alert {
        sent: Timestamp::UNIX_EPOCH,
        expires: Timestamp::UNIX_EPOCH,
        ..alert
    };
    let alerts = store.alerts(Revisions::All).unwrap();
    alerts.into_iter().map(same).collect()
}
