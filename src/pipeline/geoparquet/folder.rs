//! Reports by day (UTC) and by cell of 10° in folders that other programs take for columns:
//! `day=2012-03-01/cell=S40E150/part-0.parquet`.

use super::rows::Rows;
use super::{GeoParquetError, MOST_OPEN, MOST_ROWS, Part, PutReport, io_error};
use crate::model::track::Position;
use jiff::civil::Date;
use jiff::tz::Offset;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Side of a cell, degrees.
const CELL_DEG: i32 = 10;

/// Writes what `feed` puts into `folder`, which is made if it is not there.
///
/// # Errors
///
/// If a file cannot be written, or what `feed` gives.
pub(in crate::pipeline) fn write_folder(
    folder: &Path,
    feed: impl FnOnce(&mut PutReport<'_>) -> Result<(), GeoParquetError>,
) -> Result<(), GeoParquetError> {
    fs::create_dir_all(folder).map_err(|source| io_error(folder, source))?;
    let mut archive = Archive::new(folder, MOST_ROWS, MOST_OPEN);
    feed(&mut |report, vessel| {
        archive.rows_of(report).push(report, vessel);
        archive.held += 1;
        archive.make_room()
    })?;
    archive.close()
}

/// Day and cell of a report. South before north, west before east.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    day: Date,
    south_deg: i32,
    west_deg: i32,
}

impl Key {
    fn of(report: &Position) -> Self {
        let edge = |degrees: f64, last: i32| {
            let cell = (degrees / f64::from(CELL_DEG)).floor() as i32 * CELL_DEG;
            // The pole and the date line belong to the cell below them.
            cell.clamp(-last - CELL_DEG, last)
        };
        Self {
            day: Offset::UTC.to_datetime(report.time).date(),
            south_deg: edge(report.position.lat_deg, 80),
            west_deg: edge(report.position.lon_deg, 170),
        }
    }

    /// The folder's name: the cell is called by its south-west corner.
    fn folder(self) -> PathBuf {
        let letter = |degrees: i32, letters: [char; 2]| letters[usize::from(degrees < 0)];
        let cell = format!(
            "cell={}{:02}{}{:03}",
            letter(self.south_deg, ['N', 'S']),
            self.south_deg.abs(),
            letter(self.west_deg, ['E', 'W']),
            self.west_deg.abs()
        );
        Path::new(&format!("day={}", self.day)).join(cell)
    }
}

/// Reports of one day and cell that wait, and the file they go to.
#[derive(Default)]
struct Partition {
    rows: Rows,
    part: Option<Part>,
    /// Files begun.
    parts: u32,
}

/// All partitions.
struct Archive<'a> {
    folder: &'a Path,
    partitions: BTreeMap<Key, Partition>,
    /// Reports that wait, and how many may.
    held: usize,
    most_rows: usize,
    /// Files open, and how many may be.
    open: usize,
    most_open: usize,
}

impl<'a> Archive<'a> {
    fn new(folder: &'a Path, most_rows: usize, most_open: usize) -> Self {
        Self {
            folder,
            partitions: BTreeMap::new(),
            held: 0,
            most_rows,
            open: 0,
            most_open,
        }
    }

    fn rows_of(&mut self, report: &Position) -> &mut Rows {
        &mut self.partitions.entry(Key::of(report)).or_default().rows
    }

    /// Writes the largest partition's reports if as many wait as may.
    fn make_room(&mut self) -> Result<(), GeoParquetError> {
        if self.held < self.most_rows {
            return Ok(());
        }
        let largest = self.partitions.iter().max_by_key(|(_, p)| p.rows.len());
        match largest.map(|(key, _)| *key) {
            Some(key) => self.write(key),
            None => Ok(()),
        }
    }

    /// Writes a partition's reports as a row group. One file too many closes the one for which the fewest wait.
    fn write(&mut self, key: Key) -> Result<(), GeoParquetError> {
        let Some(partition) = self.partitions.get_mut(&key) else {
            return Ok(());
        };
        let rows = std::mem::take(&mut partition.rows);
        if rows.len() == 0 {
            return Ok(());
        }
        self.held -= rows.len();
        if let Some(part) = &mut partition.part {
            return part.write(&rows);
        }
        let folder = self.folder.join(key.folder());
        fs::create_dir_all(&folder).map_err(|source| io_error(&folder, source))?;
        let path = folder.join(format!("part-{}.parquet", partition.parts));
        partition.parts += 1;
        partition.part.insert(Part::create(&path)?).write(&rows)?;
        self.open += 1;
        if self.open > self.most_open {
            let others = self.partitions.iter_mut();
            let idle = others
                .filter(|(other, partition)| **other != key && partition.part.is_some())
                .min_by_key(|(_, partition)| partition.rows.len());
            if let Some(part) = idle.and_then(|(_, partition)| partition.part.take()) {
                part.close()?;
                self.open -= 1;
            }
        }
        Ok(())
    }

    fn close(mut self) -> Result<(), GeoParquetError> {
        let keys: Vec<Key> = self.partitions.keys().copied().collect();
        for key in keys {
            self.write(key)?;
            let part = self.partitions.get_mut(&key).and_then(|p| p.part.take());
            if let Some(part) = part {
                part.close()?;
                self.open -= 1;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::model::track::{AisClass, Vessel};
    use crate::model::units::{LonLat, Mmsi};
    use parquet::file::reader::{FileReader, SerializedFileReader};

    fn report(time: &str, lon_deg: f64, lat_deg: f64) -> Position {
        Position {
            mmsi: Mmsi(257_111_020),
            time: time.parse().unwrap(),
            position: LonLat::new(lon_deg, lat_deg),
            sog_kn: None,
            cog_deg: None,
            heading_deg: None,
            nav_status: None,
            class: AisClass::A,
        }
    }

    #[test]
    fn a_cell_is_called_by_its_south_west_corner() {
        let cases = [
            (153.2, -27.4, "cell=S30E150"),
            (0.0, 0.0, "cell=N00E000"),
            (-0.1, -0.1, "cell=S10W010"),
            (180.0, 90.0, "cell=N80E170"),
            (-180.0, -90.0, "cell=S90W180"),
            (-170.0, 10.0, "cell=N10W170"),
        ];
        for (lon, lat, cell) in cases {
            let folder = Key::of(&report("2012-03-01T23:59:59.999Z", lon, lat)).folder();
            assert_eq!(folder, Path::new("day=2012-03-01").join(cell));
        }
    }

    #[test]
    fn few_rows_and_files_are_held_and_every_report_is_written_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut archive = Archive::new(folder.path(), 100, 3);
        let vessel = Vessel::default();
        for at in 0..2_000_u32 {
            // Twelve cells, unevenly.
            let cell = at * at % 97 % 12;
            let report = report("2012-03-01T00:00:00Z", f64::from(cell * 10), 5.0);
            archive.rows_of(&report).push(&report, &vessel);
            archive.held += 1;
            archive.make_room().unwrap();
            assert!(archive.held < 100 && archive.open <= 3);
        }
        archive.close().unwrap();
        let (mut rows, mut files) = (0, 0);
        for cell in fs::read_dir(folder.path().join("day=2012-03-01")).unwrap() {
            for part in fs::read_dir(cell.unwrap().path()).unwrap() {
                let file = fs::File::open(part.unwrap().path()).unwrap();
                let reader = SerializedFileReader::new(file).unwrap();
                rows += reader.metadata().file_metadata().num_rows();
                files += 1;
            }
        }
        assert_eq!(rows, 2_000);
        assert!(files > 12, "{files}");
    }
}
