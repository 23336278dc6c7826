//! What a table can tell and under which names: the one list that every format is read by.
//!
//! A name is compared in lower case without blanks, signs and underscores. Of several names in one table the first listed
//! here wins. A new format needs a line here, and one in [`FORMATS`] if it is to be named.

/// Something that a row tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Mmsi,
    Time,
    Millisecond,
    Lat,
    Lon,
    Sog,
    Cog,
    Heading,
    Status,
    MessageNumber,
    Class,
    Name,
    CallSign,
    Imo,
    ShipType,
    Length,
    Width,
    ToBow,
    ToStern,
    ToPort,
    ToStarboard,
    Draught,
    Destination,
}

/// How many fields there are.
pub(super) const FIELDS: usize = 23;

/// Names of each field, best first.
pub(super) const NAMES: [(Field, &[&str]); FIELDS] = [
    (Field::Mmsi, &["mmsi", "userid", "ssvid"]),
    (
        Field::Time,
        &[
            "basedatetime",
            "datetimeutc",
            "timeutc",
            "timestamp",
            "tstamp",
            "time",
            "datetime",
            "msgtime",
        ],
    ),
    (Field::Millisecond, &["millisecond"]),
    (Field::Lat, &["lat", "latitude"]),
    (Field::Lon, &["lon", "longitude"]),
    (Field::Sog, &["sog", "sogkn", "speed", "speedoverground"]),
    (Field::Cog, &["cog", "cogdeg", "course", "courseoverground"]),
    (Field::Heading, &["heading", "headingdeg", "trueheading"]),
    (
        Field::Status,
        &["navigationalstatus", "navstatus", "navstat", "status"],
    ),
    (Field::MessageNumber, &["msgtype", "messageid", "messagenr"]),
    (
        Field::Class,
        &["transceiverclass", "transceiver", "typeofmobile", "class"],
    ),
    (Field::Name, &["vesselname", "name", "shipname"]),
    (Field::CallSign, &["callsign"]),
    (Field::Imo, &["imo", "imonumber", "imonr"]),
    (
        Field::ShipType,
        &["vesseltype", "shiptype", "shipandcargotype", "type"],
    ),
    (Field::Length, &["length", "lengthm"]),
    (Field::Width, &["width", "widthm", "beam"]),
    (Field::ToBow, &["a", "sizea", "tobow", "dimensiontobow"]),
    (
        Field::ToStern,
        &["b", "sizeb", "tostern", "dimensiontostern"],
    ),
    (Field::ToPort, &["c", "sizec", "toport", "dimensiontoport"]),
    (
        Field::ToStarboard,
        &["d", "sized", "tostarboard", "dimensiontostarboard"],
    ),
    (
        Field::Draught,
        &["draft", "draught", "draughtm", "maximumstaticdraught"],
    ),
    (Field::Destination, &["destination", "dest"]),
];

/// A known format and the names by which it is told from the others.
#[derive(Debug)]
pub(super) struct Format {
    /// Name for people.
    pub name: &'static str,
    needs: &'static [&'static str],
    /// Whole numbers as time and place mean that all numbers are the radio's own.
    pub radio_units: Option<RadioUnits>,
    /// Beginnings of the names of time, latitude and longitude: one report each. Most formats have one report a row.
    pub reports: &'static [&'static str],
}

/// Numbers as the radio codes them: 1/600,000°, 0.1 kn, 0.1°, 0.1 m.
#[derive(Debug, Clone, Copy)]
pub(super) struct RadioUnits;

const fn format(name: &'static str, needs: &'static [&'static str]) -> Format {
    Format {
        name,
        needs,
        radio_units: None,
        reports: &[""],
    }
}

/// The formats told apart, the most particular first. Any other table with the four columns that every report needs is
/// read as well.
pub(super) const FORMATS: [Format; 11] = [
    format(
        "MarineCadastre CSV (to 2024)",
        &["mmsi", "basedatetime", "lat", "lon"],
    ),
    format(
        "MarineCadastre CSV (from 2025)",
        &["mmsi", "basedatetime", "longitude", "latitude"],
    ),
    format(
        "Danish Maritime Authority CSV",
        &["timestamp", "typeofmobile", "mmsi", "latitude", "longitude"],
    ),
    format(
        "Statsat CSV",
        &["mmsi", "datetimeutc", "lon", "lat", "messagenr"],
    ),
    format(
        "exactEarth CSV",
        &[
            "mmsi",
            "messageid",
            "time",
            "millisecond",
            "longitude",
            "latitude",
        ],
    ),
    format(
        "Spire CSV",
        &["createdat", "timestamp", "mmsi", "latitude", "longitude"],
    ),
    format("aisstream.io JSON", &["messagetype", "timeutc", "mmsi"]),
    Format {
        radio_units: Some(RadioUnits),
        ..format("AISHub", &["mmsi", "latitude", "longitude", "navstat"])
    },
    Format {
        reports: &["gapstart", "gapend"],
        ..format(
            "GFW gaps CSV",
            &["gapid", "gapstarttimestamp", "gapstartlat", "gapstartlon"],
        )
    },
    format(
        "GFW tracks CSV",
        &["mmsi", "timestamp", "lat", "lon", "speed", "course"],
    ),
    format("table of reports", &[]),
];

/// The format of a table with these names.
pub(super) fn format_of(plain_names: &[Vec<u8>]) -> &'static Format {
    let has = |need: &&str| plain_names.iter().any(|name| name == need.as_bytes());
    let last = &FORMATS[FORMATS.len() - 1];
    FORMATS
        .iter()
        .find(|format| format.needs.iter().all(has))
        .unwrap_or(last)
}

/// Lower case without blanks, signs and underscores; a byte order mark before the first name falls away.
pub(super) fn plain_name(name: &[u8]) -> Vec<u8> {
    let letters = name.iter().filter(|byte| byte.is_ascii_alphanumeric());
    letters.map(u8::to_ascii_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_in_their_order_and_no_name_means_two_things() {
        let mut seen = std::collections::BTreeSet::new();
        for (at, (field, names)) in NAMES.iter().enumerate() {
            assert_eq!(*field as usize, at);
            for name in *names {
                assert_eq!(plain_name(name.as_bytes()), name.as_bytes());
                assert!(seen.insert(name), "{name}");
            }
        }
    }
}
