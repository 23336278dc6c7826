//! An alert for the tests of the rooms that pass alerts on.

use super::alert::{Alert, Tlp};
use super::units::LonLat;
use serde_json::json;

/// The first revision of an alert that expires in 2030.
pub(crate) fn alert(id: &str, tlp: Tlp) -> Alert {
    serde_json::from_value(json!({
        "id": id, "revision": 1, "message_type": "Alert", "status": "Test", "rule": "rule-1",
        "kind": "zone-entry", "sent": "2026-03-01T10:00:00Z", "observed": "2026-03-01T09:00:00Z",
        "expires": "2030-03-02T09:00:00Z", "urgency": "Expected", "severity": "Moderate", "certainty": "Likely",
        "tlp": tlp, "position": LonLat::new(123.4, 25.5), "position_radius_m": 500.0,
        "regions": [{"region_id": "r", "zone_nm": 12.0, "distance_m": 5000.0}], "region_names": ["R"],
        "headline": "H", "description": "D.", "reasons": [],
        "evidence": {"contact_id": null, "detection_id": null, "scene_id": null, "mmsi": null, "vessel_name": null,
                     "verdict": null, "probability": null, "length_m": null, "not_searched": []},
        "replaces": []
    }))
    .expect("the sample is an alert")
}
