//! Figures for the operator: counts and ages, each by one statement.

use super::{DispatchBook, Figures, GeoPackage, Store, StoreError};
use jiff::Timestamp;
use rusqlite::Connection;

const VERDICTS: &str = "SELECT verdict, count(*) FROM contacts GROUP BY 1 ORDER BY 1";
const RULES: &str = "SELECT rule, count(DISTINCT alert_id) FROM alerts GROUP BY 1 ORDER BY 1";
const OLDEST_WAITING: &str = "SELECT min(a.sent) FROM channels AS c CROSS JOIN outbox AS o ON o.audience = c.partner_id
     JOIN alerts AS a ON a.alert_id = o.alert_id AND a.revision = o.revision
     LEFT JOIN dispatches AS d ON d.partner_id = c.partner_id AND d.message_id = o.message_id AND d.channel = c.channel
     WHERE ifnull(d.state, 'waiting') = 'waiting'";
const NEWEST_SCENE: &str = "SELECT max(datetime) FROM scenes";

pub(super) fn read(store: &GeoPackage) -> Result<Figures, StoreError> {
    let mut figures = Figures {
        rows: store.counts()?,
        dispatches: store.standing()?,
        ..Figures::default()
    };
    store.ask("count for the operator", |connection| {
        figures.verdicts = counted(connection, VERDICTS)?;
        figures.rules = counted(connection, RULES)?;
        figures.oldest_waiting = time(connection, OLDEST_WAITING)?;
        figures.newest_scene = time(connection, NEWEST_SCENE)?;
        Ok(())
    })?;
    Ok(figures)
}

fn counted(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<(String, u64)>> {
    connection
        .prepare_cached(sql)?
        .query_map([], |row| {
            let count: i64 = row.get(1)?;
            Ok((row.get(0)?, count.unsigned_abs()))
        })?
        .collect()
}

fn time(connection: &Connection, sql: &str) -> rusqlite::Result<Option<Timestamp>> {
    let text: Option<String> = connection.query_row(sql, [], |row| row.get(0))?;
    text.map(|text| text.parse())
        .transpose()
        .map_err(|error| super::sqlite::unreadable_column(0, error))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by panic")]
mod tests {
    use super::super::samples::{Place, fill, now, on_both_stores};
    use crate::model::alert::Tlp;
    use crate::model::channel::{Channel, ChannelState, DispatchState, Route};
    use crate::model::partner::{Partner, Scope};
    use crate::model::release::Audience;

    on_both_stores!(figures_count_alerts_once_and_know_the_oldest_that_waits);

    fn figures_count_alerts_once_and_know_the_oldest_that_waits(place: &Place) {
        let mut store = place.open(now());
        assert_eq!(store.figures().unwrap().oldest_waiting, None);
        fill(store.as_mut());
        let partner = Partner {
            id: "p".into(),
            name: "P".into(),
            audience: Audience {
                id: "p".into(),
                tlp: Tlp::Red,
                regions: Vec::new(),
                rules: Vec::new(),
            },
            scopes: vec![Scope::Alerts],
        };
        store.put_partner(&partner).unwrap();
        let figures = store.figures().unwrap();
        assert_eq!((figures.rows.scenes, figures.rows.alerts), (2, 2));
        // Two revisions of one alert.
        assert_eq!(figures.rules.iter().map(|(_, n)| n).sum::<u64>(), 1);
        assert_eq!(figures.verdicts, [("ais_only".to_owned(), 2)]);
        assert_eq!(figures.newest_scene.unwrap().as_second(), 1_772_355_600);
        assert_eq!(figures.oldest_waiting, None, "nobody is pushed to");
        let sent = store.alert("al-1", 1).unwrap().unwrap().sent;
        // A moment before the alert's end, so that it is not withheld as expired.
        drop(store);
        let mut store = place.open(sent);
        store
            .put_channel(&Channel {
                partner: "p".into(),
                id: "c".into(),
                state: ChannelState::Active,
                route: Route::Folder {
                    folder: "out".into(),
                },
            })
            .unwrap();
        let figures = store.figures().unwrap();
        assert_eq!(figures.oldest_waiting, Some(sent));
        assert!(figures.dispatches.contains(&(DispatchState::Waiting, 2)));
    }
}
