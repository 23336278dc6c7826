//! Every constant of the events, with its default and its source.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of the events. Hours are of UTC time, speeds over ground.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EventSettings {
    /// Silence from which a gap is stated, hours, counted only where and while reception is known. Default: 6 (the shortest of
    /// Global Fishing Watch's pipeline). Lower states more silences that mean nothing.
    #[schemars(range(min = 0.5, max = 1000))]
    pub gap_h: f64,
    /// Silence from which a gap may be unexplained, hours. Default: 12 (Welch et al. 2022).
    #[schemars(range(min = 0.5, max = 1000))]
    pub unexplained_gap_h: f64,
    /// Distance from shore from which a gap may be unexplained, nautical miles; not asked where no shore is known.
    /// Default: 50 (Welch et al. 2022).
    #[schemars(range(min = 0, max = 1000))]
    pub unexplained_gap_shore_nm: f64,
    /// Reports in the twelve hours before a gap from which it may be unexplained. Default: 14 (Welch et al. 2022).
    #[schemars(range(min = 0, max = 100000))]
    pub unexplained_gap_reports: u32,
    /// Share of ship-hours with a report from which reception in a cell of 0.25° counts as good, 0 ..= 1. Default: 0.7.
    /// Lower takes poor reception for silence of ships; higher leaves more silences unassessed.
    #[schemars(range(min = 0, max = 1))]
    pub reception_share: f64,
    /// Ship-hours of other ships in a cell and its neighbours before anything is known of reception. Default: 10.
    #[schemars(range(min = 1, max = 100000))]
    pub reception_ship_h: u32,
    /// Mean speed up to which a vessel loiters, knots. Default: 2 (Global Fishing Watch, Skylight).
    #[schemars(range(min = 0.1, max = 20))]
    pub loiter_kn: f64,
    /// Least time of loitering, hours. Default: 4 (Miller et al. 2018 use 8, later papers 4).
    #[schemars(range(min = 0.5, max = 1000))]
    pub loiter_h: f64,
    /// Distance from shore from which slow vessels loiter, nautical miles; not asked where no shore is known. Default: 20
    /// (Global Fishing Watch).
    #[schemars(range(min = 0, max = 1000))]
    pub loiter_shore_nm: f64,
    /// State loitering of fishing vessels (ship type 30), which are slow when they fish, too. Default: false.
    pub loiter_fishing: bool,
    /// Greatest distance of two vessels in an encounter, metres. Default: 500 (Global Fishing Watch).
    #[schemars(range(min = 10, max = 10000))]
    pub encounter_m: f64,
    /// Least time of an encounter, hours. Default: 2 (Global Fishing Watch).
    #[schemars(range(min = 0.2, max = 1000))]
    pub encounter_h: f64,
    /// Median speed of both vessels up to which they meet, knots. Default: 2 (Global Fishing Watch).
    #[schemars(range(min = 0.1, max = 50))]
    pub encounter_kn: f64,
    /// Distance from anchorages below which neither encounter nor loitering is stated, kilometres. Default: 10 (Global Fishing
    /// Watch).
    #[schemars(range(min = 0, max = 1000))]
    pub anchorage_km: f64,
    /// Vessels that stay within 500 m for 12 h in one place that make it an anchorage. Default: 20 (Global Fishing Watch).
    #[schemars(range(min = 2, max = 10000))]
    pub anchorage_ships: u32,
    /// Vessels within `raft_m` of each other that raft. Default: 5.
    #[schemars(range(min = 3, max = 10000))]
    pub raft_ships: u32,
    /// Greatest distance of a vessel in a raft from its nearest neighbour, metres. Default: 500.
    #[schemars(range(min = 10, max = 10000))]
    pub raft_m: f64,
    /// Least time of rafting, hours. Default: 12.
    #[schemars(range(min = 0.5, max = 1000))]
    pub raft_h: f64,
    /// Distance from shore below which nothing rafts (harbours), nautical miles; not asked where no shore is known. Default: 3.
    #[schemars(range(min = 0, max = 1000))]
    pub raft_shore_nm: f64,
    /// How far a day's count of vessels in a cell of 0.25° must stand above the median of the other days, in robust standard
    /// deviations. Default: 4. Nothing is stated before seven other days are at hand.
    #[schemars(range(min = 1, max = 100))]
    pub concentration_z: f64,
    /// Speed above which a cargo ship (types 70 to 79) is too fast, knots. Default: 28.
    #[schemars(range(min = 5, max = 100))]
    pub cargo_max_kn: f64,
    /// Speed above which a tanker (types 80 to 89) is too fast, knots. Default: 22.
    #[schemars(range(min = 5, max = 100))]
    pub tanker_max_kn: f64,
    /// Speed above which a fishing vessel (type 30) is too fast, knots. Default: 18.
    #[schemars(range(min = 5, max = 100))]
    pub fishing_max_kn: f64,
    /// Speed above which any other vessel is too fast, knots. Default: 50.
    #[schemars(range(min = 5, max = 100))]
    pub other_max_kn: f64,
    /// Least time at such a speed, minutes. Default: 10.
    #[schemars(range(min = 1, max = 1000))]
    pub speed_min: f64,
    /// Times that reports of one MMSI must change between two places before it is a clash. Default: 4.
    #[schemars(range(min = 2, max = 1000))]
    pub clash_changes: u32,
    /// Time within which a track goes on under another MMSI, minutes. Default: 30.
    #[schemars(range(min = 1, max = 600))]
    pub change_min: f64,
    /// Distance within which it does, nautical miles. Default: 2.
    #[schemars(range(min = 0.1, max = 50))]
    pub change_nm: f64,
    /// Least time of reports on a circle, minutes. Default: 30.
    #[schemars(range(min = 5, max = 1000))]
    pub circle_min: f64,
    /// Root mean square distance from the fitted circle, as a share of its radius (100 m to 10 km). Default: 0.05.
    #[schemars(range(min = 0.001, max = 0.5))]
    pub circle_residual: f64,
    /// Difference between told speed and the speed that the reports imply, knots: more does not fit. Default: 3.
    #[schemars(range(min = 0.5, max = 50))]
    pub circle_speed_kn: f64,
    /// Least time of reports on land, minutes. Default: 10.
    #[schemars(range(min = 1, max = 1000))]
    pub land_min: f64,
    /// Distance inland from which a report lies on land, metres: coastlines are drawn coarsely. Default: 500.
    #[schemars(range(min = 0, max = 50000))]
    pub land_m: f64,
    /// Vessels disturbed in one place at once that make interference. Default: 4.
    #[schemars(range(min = 2, max = 1000))]
    pub interference_ships: u32,
    /// Distance within which they are, kilometres. Default: 60.
    #[schemars(range(min = 1, max = 1000))]
    pub interference_km: f64,
}

impl Default for EventSettings {
    fn default() -> Self {
        Self {
            gap_h: 6.0,
            unexplained_gap_h: 12.0,
            unexplained_gap_shore_nm: 50.0,
            unexplained_gap_reports: 14,
            reception_share: 0.7,
            reception_ship_h: 10,
            loiter_kn: 2.0,
            loiter_h: 4.0,
            loiter_shore_nm: 20.0,
            loiter_fishing: false,
            encounter_m: 500.0,
            encounter_h: 2.0,
            encounter_kn: 2.0,
            anchorage_km: 10.0,
            anchorage_ships: 20,
            raft_ships: 5,
            raft_m: 500.0,
            raft_h: 12.0,
            raft_shore_nm: 3.0,
            concentration_z: 4.0,
            cargo_max_kn: 28.0,
            tanker_max_kn: 22.0,
            fishing_max_kn: 18.0,
            other_max_kn: 50.0,
            speed_min: 10.0,
            clash_changes: 4,
            change_min: 30.0,
            change_nm: 2.0,
            circle_min: 30.0,
            circle_residual: 0.05,
            circle_speed_kn: 3.0,
            land_min: 10.0,
            land_m: 500.0,
            interference_ships: 4,
            interference_km: 60.0,
        }
    }
}
