//! An alert for the tests of all rooms that pass alerts on.

use super::alert::{Alert, Tlp};
use super::units::LonLat;
use serde_json::json;

/// An alert of TLP:CLEAR in region `r`, sent within a second, that expires on the day after.
pub(crate) fn alert(id: &str, revision: u32) -> Alert {
    serde_json::from_value(json!({
        "id": id, "revision": revision, "message_type": "Alert", "status": "Test", "rule": "rule-1",
        "kind": "uncorrelated-contact", "sent": "2026-03-01T10:00:00.5Z", "observed": "2026-03-01T09:00:00Z",
        "expires": "2026-03-02T09:00:00Z", "urgency": "Expected", "severity": "Moderate", "certainty": "Likely",
        "tlp": "TLP:CLEAR", "position": LonLat::new(123.4, 25.5), "position_radius_m": 500.0,
        "regions": [{"region_id": "r", "zone_nm": 12.0, "distance_m": 5000.0}], "region_names": ["R / 魚"],
        "headline": "A ship & more", "description": "D.", "reasons": ["One."],
        "evidence": {"contact_id": "c", "detection_id": null, "scene_id": "s", "mmsi": null, "vessel_name": null,
                     "verdict": "uncorrelated", "probability": 0.9, "length_m": null, "not_searched": []},
        "replaces": []
    }))
    .expect("the sample is an alert")
}

/// Its first revision with a marking.
pub(crate) fn marked(id: &str, tlp: Tlp) -> Alert {
    Alert {
        tlp,
        ..alert(id, 1)
    }
}
