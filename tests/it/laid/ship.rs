//! Texts and the radio's own functions, persons, cargo, ships and targets: ITU-R M.1371-5 Annex 5, IMO circulars 236 and 289.

use super::{Laid, NONE, Row, n, t, tag};

fn laid_at(type_number: u8, fid: u8, rows: Vec<Row>) -> Laid {
    Laid {
        type_number,
        dac: 1,
        fid,
        rows,
    }
}

/// A target of 1/16 or 1/17.
fn target(id: Vec<Row>, places: [Row; 2], motion: [Row; 3]) -> Vec<Row> {
    id.into_iter()
        .chain([tag(4, 0)])
        .chain(places)
        .chain(motion)
        .collect()
}

pub fn laid() -> Vec<Laid> {
    vec![
        laid_at(
            8,
            0,
            vec![
                n(1, 1, "acknowledgement_wanted", true, ""),
                n(11, 77, "sequence", 77, ""),
                t(16, "KEEP WEST OF TWO", "text", ""),
            ],
        ),
        laid_at(
            6,
            2,
            vec![
                n(10, 200, "requested_dac", 200, ""),
                n(6, 10, "requested_fid", 10, ""),
                tag(64 / 2, 0),
                tag(64 / 2, 0),
            ],
        ),
        laid_at(6, 3, vec![n(10, 1, "requested_dac", 1, ""), tag(6, 0)]),
        laid_at(
            6,
            4,
            vec![
                n(10, 1, "told_dac", 1, ""),
                // Identifiers 0, 2 and 3.
                n(8, 0b1000_1010, "available_fids/0", 0, ""),
                n(20, 0, "available_fids/1", 2, ""),
                // None of 4 to 62: the rows say what the bits above come to.
                n(60, 0, "available_fids/2", 3, ""),
                tag(38, 0),
                n(2, 2, "available_fids/3", 63, ""),
                tag(6, 0),
            ],
        ),
        laid_at(
            6,
            5,
            vec![
                n(10, 1, "acknowledged_dac", 1, ""),
                n(6, 25, "acknowledged_fid", 25, ""),
                n(11, 2047, "sequence", 2047, ""),
                n(1, 1, "application_available", true, ""),
                n(3, 2, "response", 2, ""),
                tag(49, 0),
            ],
        ),
        laid_at(
            6,
            12,
            vec![
                t(5, "DKCPH", "last_port", "lastport"),
                n(4, 5, "departure/month", 5, ""),
                n(5, 31, "departure/day", 31, ""),
                n(5, 23, "departure/hour", 23, ""),
                n(6, 59, "departure/minute", 59, ""),
                t(5, "SEGOT", "next_port", "nextport"),
                n(4, 6, "eta/month", 6, ""),
                n(5, 1, "eta/day", 1, ""),
                n(5, 24, "eta/hour", NONE, ""),
                n(6, 60, "eta/minute", NONE, ""),
                t(20, "METHANOL", "goods", "dangerous"),
                t(4, "3", "imdg_category", "imdcat"),
                n(13, 1230, "un_number", 1230, "unid"),
                n(10, 850, "amount_t", 0.85, "amount"),
                n(2, 1, "", NONE, "unit"),
                tag(3, 0),
            ],
        ),
        laid_at(
            8,
            15,
            vec![n(11, 453, "air_draught_m", 45.3, "airdraught"), tag(5, 0)],
        ),
        laid_at(
            6,
            16,
            vec![n(13, 3012, "persons", 3012, "persons"), tag(35, 0)],
        ),
        laid_at(
            8,
            16,
            target(
                vec![
                    tag(2, 0),
                    n(42, 219_000_003, "targets/0/id/mmsi", 219_000_003, ""),
                ],
                [
                    n(
                        24,
                        3_321_000,
                        "targets/0/position/lat_deg",
                        55.35,
                        "targets/0/lat",
                    ),
                    n(
                        25,
                        660_600,
                        "targets/0/position/lon_deg",
                        11.01,
                        "targets/0/lon",
                    ),
                ],
                [
                    n(9, 278, "targets/0/cog_deg", 278.0, "targets/0/course"),
                    n(6, 13, "targets/0/second", 13, "targets/0/second"),
                    n(8, 12, "targets/0/sog_kn", 12.0, "targets/0/speed"),
                ],
            ),
        ),
        laid_at(
            8,
            17,
            target(
                vec![tag(2, 2), t(7, "OXMC2", "targets/0/id/call_sign", "")],
                [
                    n(
                        24,
                        -3_321_000,
                        "targets/0/position/lat_deg",
                        -55.35,
                        "targets/0/lat",
                    ),
                    n(
                        25,
                        -660_600,
                        "targets/0/position/lon_deg",
                        -11.01,
                        "targets/0/lon",
                    ),
                ],
                [
                    n(9, 0, "targets/0/cog_deg", 0.0, "targets/0/course"),
                    n(6, 60, "targets/0/second", NONE, ""),
                    n(8, 254, "targets/0/sog_kn", 254.0, "targets/0/speed"),
                ],
            )
            .into_iter()
            .chain(target(
                vec![tag(2, 3), n(42, 0, "targets/1/id", NONE, "")],
                [
                    n(24, 91 * 60_000, "targets/1/position", NONE, ""),
                    n(25, 181 * 60_000, "targets/1/position", NONE, ""),
                ],
                [
                    n(9, 360, "targets/1/cog_deg", NONE, ""),
                    n(6, 59, "targets/1/second", 59, ""),
                    n(8, 255, "targets/1/sog_kn", NONE, ""),
                ],
            ))
            .collect(),
        ),
        laid_at(8, 24, extended_ship()),
        laid_at(
            6,
            25,
            vec![
                n(2, 2, "", NONE, "unit"),
                n(10, 1023, "amount_t", 1023.0, "amount"),
                n(4, 1, "cargoes/0/code", "imdg", "cargos/0/code"),
                n(7, 43, "cargoes/0/class", 43, ""),
                tag(6, 0),
                n(4, 2, "cargoes/1/code", "igc", "cargos/1/code"),
                n(13, 1972, "cargoes/1/un_number", 1972, "cargos/1/subtype"),
                n(4, 3, "cargoes/2/code", "bc", "cargos/2/code"),
                n(3, 2, "cargoes/2/class", 2, ""),
                n(7, 91, "cargoes/2/imdg_class", 91, ""),
                tag(3, 0),
                n(4, 4, "cargoes/3/code", "oil", "cargos/3/code"),
                n(4, 8, "cargoes/3/kind", 8, ""),
                tag(9, 0),
                n(4, 5, "cargoes/4/code", "noxious_liquid", "cargos/4/code"),
                n(3, 3, "cargoes/4/category", 3, ""),
                tag(10, 0),
                n(4, 6, "cargoes/5/number", 6, "cargos/5/code"),
                n(13, 4097, "cargoes/5/value", 4097, "cargos/5/subtype"),
                n(4, 0, "cargoes/6/code", "not_available", "cargos/6/code"),
                tag(13, 0),
            ],
        ),
        laid_at(
            8,
            29,
            vec![
                n(10, 301, "linkage", 301, "linkage"),
                t(12, "BUOY ADRIFT.", "text", ""),
            ],
        ),
        laid_at(
            6,
            30,
            vec![
                n(10, 0, "linkage", NONE, "linkage"),
                t(7, "ANSWER?", "text", ""),
            ],
        ),
        laid_at(6, 40, vec![n(13, 8191, "persons", 8191, ""), tag(3, 0)]),
    ]
}

fn extended_ship() -> Vec<Row> {
    let mut rows = vec![
        n(10, 9, "linkage", 9, "linkage"),
        n(13, 4530, "air_draught_m", 45.3, "airdraught"),
        t(5, "NLRTM", "last_port", "lastport"),
        t(5, "DEHAM", "next_port", "nextport"),
        t(5, "PLGDY", "second_port", "secondport"),
        n(2, 1, "equipment/0", 1, "ais_state"),
        n(2, 2, "equipment/1", 2, "ata_state"),
        n(2, 0, "equipment/2", NONE, ""),
        n(2, 3, "equipment/3", NONE, ""),
    ];
    rows.extend((4..24).map(|_| tag(2, 0)));
    rows.extend([
        n(2, 1, "equipment/24", 1, "vdr_state"),
        tag(2, 0),
        n(4, 7, "ice_class", 7, "iceclass"),
        n(18, 12_345, "shaft_power_hp", 12_345, "horsepower"),
        n(12, 2016, "vhf_channel", 2016, "vhfchan"),
        t(7, "A31A2GX", "lloyds_type", "lshiptype"),
        n(18, 262_143, "gross_tonnage", NONE, ""),
        n(2, 2, "laden", false, "lading"),
        n(2, 1, "heavy_fuel_oil", false, "heavyoil"),
        n(2, 2, "light_fuel_oil", true, "lightoil"),
        n(2, 0, "diesel_oil", NONE, ""),
        n(14, 16_382, "bunker_oil_t", 16_382, "totaloil"),
        n(13, 21, "persons", 21, "persons"),
        tag(10, 0),
    ]);
    rows
}
