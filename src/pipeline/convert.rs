//! AIS files → one table of reports as CSV, as points in a vector file or as GeoParquet, with a record of what each file gave.

use super::geoparquet::{GeoParquetError, write_file, write_folder};
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
    #[error("{}: cannot tell the format by the name; expected .csv, .geojson, .gpkg, .fgb, .parquet or a folder's name that ends in /", path.display())]
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
    /// The folder holds something.
    #[error("{}: the output folder is not empty; expected one that is empty or not there", path.display())]
    NotEmpty {
        /// The folder.
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
    /// A GeoParquet file cannot be written.
    #[error(transparent)]
    GeoParquet(#[from] GeoParquetError),
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
            let form = form_of(path)?;
            refuse_input(files, path)?;
            if form == Form::Folder {
                refuse_full(path)?;
            }
            whole(path, |partial| match form {
                Form::Csv => converted.write_csv_file(files, partial),
                Form::Points(format) => converted.write_points(files, partial, format),
                Form::GeoParquet => Ok(write_file(partial, |put| converted.read_all(files, put))?),
                Form::Folder => Ok(write_folder(partial, |put| converted.read_all(files, put))?),
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

/// A folder with something in it would be lost, or mixed with what is written.
fn refuse_full(path: &Path) -> Result<(), ConvertError> {
    match fs::read_dir(path).map(|mut entries| entries.next().is_some()) {
        Ok(true) => Err(ConvertError::NotEmpty {
            path: path.to_owned(),
        }),
        Ok(false) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(output(path, error)),
    }
}

/// Lets `write` make a hidden file or folder beside `path`, of the same extension, and gives it that name when it is whole.
fn whole(
    path: &Path,
    write: impl FnOnce(&Path) -> Result<(), ConvertError>,
) -> Result<(), ConvertError> {
    // What a link names is replaced, not the link.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path
        .extension()
        .map(|extension| extension.to_string_lossy());
    let dotted = extension.map_or(String::new(), |extension| format!(".{extension}"));
    let partial = path.with_file_name(format!(".{stem}.partial{dotted}"));
    // What a run that was killed left behind.
    remove(&partial);
    let written =
        write(&partial).and_then(|()| fs::rename(&partial, path).map_err(|e| output(path, e)));
    if written.is_err() {
        remove(&partial);
    }
    written
}

/// Removes a file or folder of ours; if it stays, what is written next tells why.
fn remove(partial: &Path) {
    let _ = match partial.is_dir() {
        true => fs::remove_dir_all(partial),
        false => fs::remove_file(partial),
    };
}

fn output(path: &Path, source: io::Error) -> ConvertError {
    let path = path.to_owned();
    ConvertError::Output { path, source }
}

/// What a target's name asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Csv,
    Points(VectorFormat),
    GeoParquet,
    /// GeoParquet by day and cell.
    Folder,
}

/// Form by a file's extension, or by the slash that a folder's name ends in.
fn form_of(path: &Path) -> Result<Form, ConvertError> {
    if path.as_os_str().as_encoded_bytes().ends_with(b"/") {
        return Ok(Form::Folder);
    }
    let extension = path
        .extension()
        .map(|extension| extension.to_ascii_lowercase());
    match extension
        .as_deref()
        .and_then(|extension| extension.to_str())
    {
        Some("csv") => Ok(Form::Csv),
        Some("geojson" | "json") => Ok(Form::Points(VectorFormat::GeoJson)),
        Some("gpkg") => Ok(Form::Points(VectorFormat::GeoPackage)),
        Some("fgb") => Ok(Form::Points(VectorFormat::FlatGeobuf)),
        Some("parquet") => Ok(Form::GeoParquet),
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
