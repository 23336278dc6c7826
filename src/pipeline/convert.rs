//! AIS files → one table of reports as CSV or as points in a vector file, with a record of what each file gave.

use super::record::FailedInput;
use crate::ais::{AisError, Reception, each_report, read_file};
use crate::encode::reports::{COLUMNS, csv_row, row};
use crate::gis::GisError;
use crate::gis::write_points::{FieldKind, PointLayer, PutPoint, VectorFormat, write_points};
use crate::model::track::{Position, Vessel};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Why reports could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// The name does not tell a format.
    #[error("{}: cannot tell the format by the name; expected .csv, .geojson, .gpkg or .fgb", path.display())]
    Extension {
        /// The name.
        path: PathBuf,
    },
    /// The output would take the place of an input.
    #[error("{}: the output is one of the inputs, which would be lost; expected another name", path.display())]
    OutputIsInput {
        /// The name.
        path: PathBuf,
    },
    /// The output cannot be written.
    #[error("{}: cannot write the reports", path.display())]
    Output {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The vector file cannot be written.
    #[error(transparent)]
    Vector(#[from] GisError),
}

/// What was read, without the reports themselves.
#[derive(Debug, Default)]
pub struct Converted {
    /// Files that were read, with what each gave; reports and static data are taken out.
    pub files: Vec<(PathBuf, Reception)>,
    /// Files that failed.
    pub failed: Vec<FailedInput>,
    /// Reports written.
    pub reports: u64,
}

/// A place for reports.
pub enum Target<'a> {
    /// Nothing is written: files are only counted.
    Nowhere,
    /// CSV to this writer.
    Csv(&'a mut dyn Write),
    /// A file whose name tells the format; it appears under its name when it is whole.
    File(&'a Path),
}

/// Reads one file after the other and writes its reports; a file that fails is recorded and the others go on.
///
/// # Errors
///
/// If the target is an input or cannot be written; what was there before stays.
pub fn convert(files: &[PathBuf], target: Target<'_>) -> Result<Converted, ConvertError> {
    let mut converted = Converted::default();
    match target {
        Target::Nowhere => converted.read_all(files, |_, _| Ok::<(), ConvertError>(()))?,
        Target::Csv(out) => converted.write_csv(files, out, Path::new("standard output"))?,
        Target::File(path) => {
            let format = format_of(path)?;
            refuse_input(files, path)?;
            whole(path, |partial| match format {
                None => converted.write_csv_file(files, partial),
                Some(format) => converted.write_points(files, partial, format),
            })?;
        }
    }
    Ok(converted)
}

fn refuse_input(files: &[PathBuf], path: &Path) -> Result<(), ConvertError> {
    let Ok(there) = fs::canonicalize(path) else {
        return Ok(());
    };
    let is_there = |file: &PathBuf| fs::canonicalize(file).is_ok_and(|file| file == there);
    match files.iter().any(is_there) {
        true => Err(ConvertError::OutputIsInput {
            path: path.to_owned(),
        }),
        false => Ok(()),
    }
}

/// Lets `write` make a hidden file beside `path`, of the same extension, and gives it that name when it is whole.
fn whole(
    path: &Path,
    write: impl FnOnce(&Path) -> Result<(), ConvertError>,
) -> Result<(), ConvertError> {
    // What a link names is replaced, not the link.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let [stem, extension] =
        [path.file_stem(), path.extension()].map(|part| part.unwrap_or_default().to_string_lossy());
    let partial = path.with_file_name(format!(".{stem}.partial.{extension}"));
    let written =
        write(&partial).and_then(|()| fs::rename(&partial, path).map_err(|e| output(path, e)));
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&partial);
    }
    written
}

fn output(path: &Path, source: io::Error) -> ConvertError {
    let path = path.to_owned();
    ConvertError::Output { path, source }
}

/// Vector format by a file's extension; `None` is CSV.
fn format_of(path: &Path) -> Result<Option<VectorFormat>, ConvertError> {
    let extension = path
        .extension()
        .map(|extension| extension.to_ascii_lowercase());
    match extension
        .as_deref()
        .and_then(|extension| extension.to_str())
    {
        Some("csv") => Ok(None),
        Some("geojson" | "json") => Ok(Some(VectorFormat::GeoJson)),
        Some("gpkg") => Ok(Some(VectorFormat::GeoPackage)),
        Some("fgb") => Ok(Some(VectorFormat::FlatGeobuf)),
        _ => Err(ConvertError::Extension {
            path: path.to_owned(),
        }),
    }
}

impl Converted {
    fn read_all<E>(
        &mut self,
        files: &[PathBuf],
        mut put: impl FnMut(&Position, &Vessel) -> Result<(), E>,
    ) -> Result<(), E> {
        for path in files {
            match read_file(path) {
                Ok(mut reception) => {
                    each_report(&reception, &mut put)?;
                    self.reports += reception.positions.len() as u64;
                    reception.positions = Vec::new();
                    reception.statics = Vec::new();
                    self.files.push((path.clone(), reception));
                }
                Err(error) => self.fail(path, &error),
            }
        }
        Ok(())
    }

    fn fail(&mut self, path: &Path, error: &AisError) {
        self.failed
            .push(FailedInput::new(&path.to_string_lossy(), error));
    }

    fn write_csv_file(&mut self, files: &[PathBuf], path: &Path) -> Result<(), ConvertError> {
        let file = fs::File::create(path).map_err(|source| output(path, source))?;
        self.write_csv(files, &mut io::BufWriter::new(file), path)
    }

    fn write_csv(
        &mut self,
        files: &[PathBuf],
        out: &mut dyn Write,
        path: &Path,
    ) -> Result<(), ConvertError> {
        let mut table = csv::Writer::from_writer(out);
        let written = table.write_record(COLUMNS).and_then(|()| {
            self.read_all(files, |report, vessel| {
                table.write_record(csv_row(report, vessel))
            })
        });
        written
            .map_err(io::Error::from)
            .and_then(|()| table.flush())
            .map_err(|source| output(path, source))
    }

    fn write_points(
        &mut self,
        files: &[PathBuf],
        path: &Path,
        format: VectorFormat,
    ) -> Result<(), ConvertError> {
        let fields = fields();
        let layer = PointLayer {
            path,
            format,
            name: "reports",
            fields: &fields,
        };
        write_points(&layer, |put: &mut PutPoint<'_>| {
            self.read_all(files, |report, vessel| {
                let [mmsi, datetime, _, _, rest @ ..] = row(report, vessel);
                let values: Vec<String> = [mmsi, datetime].into_iter().chain(rest).collect();
                put(report.position, &values)
            })
        })
        .map_err(ConvertError::Vector)
    }
}

/// Attributes of a point: the table's columns without the place.
fn fields() -> Vec<(&'static str, FieldKind)> {
    let kind = |name: &str| match name {
        "datetime" => FieldKind::DateTime,
        "nav_status" | "imo" | "ship_type" => FieldKind::Integer,
        _ if name.ends_with("_kn") || name.ends_with("_deg") || name.ends_with("_m") => {
            FieldKind::Real
        }
        // An MMSI is digits, not a number: leading noughts tell what it is of.
        _ => FieldKind::Text,
    };
    let columns = COLUMNS
        .into_iter()
        .filter(|name| !matches!(*name, "lon" | "lat"));
    columns.map(|name| (name, kind(name))).collect()
}
