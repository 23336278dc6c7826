//! A product like a real one: its sheets copied, its manifest marked as simulated, its rasters to be made.

use super::manifest::{MAKER, checksum};
use super::options::Mode;
use super::stage::{BandFiles, Stage};
use crate::lab::{LabError, at_file};
use quick_xml::events::{BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Copies every sheet of the product folder `model` below `out_dir` and opens the copy.
pub(crate) fn copy(out_dir: &Path, model: &Path) -> Result<Stage, LabError> {
    let name = model.file_name().ok_or_else(|| LabError::Model {
        path: model.to_owned(),
        problem: "is not a product folder".to_owned(),
    })?;
    let folder = out_dir.join(name);
    let mut stems = Vec::new();
    for part in ["annotation", "annotation/calibration", "annotation/rfi"] {
        let from = model.join(part);
        if part.ends_with("rfi") && !from.is_dir() {
            continue;
        }
        let to = folder.join(part);
        std::fs::create_dir_all(&to).map_err(at_file(&to))?;
        for entry in std::fs::read_dir(&from).map_err(at_file(&from))? {
            let path = entry.map_err(at_file(&from))?.path();
            let (Some(file), Some("xml")) =
                (path.file_name(), path.extension().and_then(|e| e.to_str()))
            else {
                continue;
            };
            let bytes = std::fs::read(&path).map_err(at_file(&path))?;
            let target = to.join(file);
            std::fs::write(&target, bytes).map_err(at_file(&target))?;
            if part == "annotation" {
                stems.extend(path.file_stem().map(|s| s.to_string_lossy().into_owned()));
            }
        }
    }
    // Image number 001 is the like-polarised band: the order of the last part of the name.
    stems.sort_by(|a, b| a.rsplit('-').next().cmp(&b.rsplit('-').next()));
    let files = stems
        .iter()
        .map(|stem| BandFiles {
            annotation: PathBuf::from(format!("annotation/{stem}.xml")),
            calibration: PathBuf::from(format!("annotation/calibration/calibration-{stem}.xml")),
            noise: PathBuf::from(format!("annotation/calibration/noise-{stem}.xml")),
            measurement: PathBuf::from(format!("measurement/{stem}.tiff")),
        })
        .collect();
    let mode = mode_of(&name.to_string_lossy()).ok_or_else(|| LabError::Model {
        path: model.to_owned(),
        problem: "is none of IW GRDH, EW GRDM and S1..S6 GRDH by its name".to_owned(),
    })?;
    let traits = mode.traits();
    Stage::open(folder, files, (traits.looks, traits.resolution_m))
}

fn mode_of(name: &str) -> Option<Mode> {
    match (name.get(4..6)?, name.get(7..11)?) {
        ("IW", "GRDH") => Some(Mode::IwGrdh),
        ("EW", "GRDM") => Some(Mode::EwGrdm),
        (beam, "GRDH") if beam.starts_with('S') => Some(Mode::SmGrdh),
        _ => None,
    }
}

/// Writes the model's manifest into `folder` with this program as its maker and the checksums of the files that
/// are there now; after all of them.
pub(crate) fn write_manifest(model: &Path, folder: &Path) -> Result<(), LabError> {
    let from = model.join("manifest.safe");
    let text = std::fs::read_to_string(&from).map_err(at_file(&from))?;
    let mut sums = BTreeMap::new();
    for href in hrefs(&text) {
        let path = folder.join(href.trim_start_matches("./"));
        if path.is_file() {
            sums.insert(href, checksum(&path)?);
        }
    }
    let marked = mark(&text, &sums).map_err(|source| LabError::Model {
        path: from,
        problem: format!("is not well-formed XML: {source}"),
    })?;
    let path = folder.join("manifest.safe");
    std::fs::write(&path, marked).map_err(at_file(&path))
}

/// All values of `href` that name a file.
fn hrefs(text: &str) -> Vec<String> {
    text.split("href=\"./")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(|path| format!("./{path}"))
        .collect()
}

/// Rewrites makers, sizes and checksums; all else goes through as it is.
fn mark(text: &str, sums: &BTreeMap<String, (u64, String)>) -> Result<Vec<u8>, quick_xml::Error> {
    let sizes = sizes_in_order(text, sums);
    let mut sizes = sizes.into_iter();
    let mut reader = Reader::from_str(text);
    let mut writer = Writer::new(Vec::with_capacity(text.len()));
    let mut current: Option<&(u64, String)> = None;
    let mut in_checksum = false;
    loop {
        match reader.read_event()? {
            Event::Eof => return Ok(writer.into_inner()),
            Event::Start(start) => {
                in_checksum = start.name().as_ref() == "checksum";
                let start = match start.name().as_ref() {
                    "safe:facility" => with(&start, &[("name", MAKER)])?,
                    "byteStream" => {
                        current = sizes.next().flatten();
                        match current {
                            Some((size, _)) => with(&start, &[("size", &size.to_string())])?,
                            None => start.into_owned(),
                        }
                    }
                    _ => start.into_owned(),
                };
                writer.write_event(Event::Start(start))?;
            }
            Event::Empty(empty) => {
                let empty = match empty.name().as_ref() {
                    "safe:software" => with(
                        &empty,
                        &[("name", MAKER), ("version", env!("CARGO_PKG_VERSION"))],
                    )?,
                    _ => empty.into_owned(),
                };
                writer.write_event(Event::Empty(empty))?;
            }
            Event::Text(old) => match current {
                Some((_, md5)) if in_checksum => {
                    writer.write_event(Event::Text(BytesText::new(md5)))?;
                    in_checksum = false;
                }
                _ => writer.write_event(Event::Text(old))?,
            },
            other => writer.write_event(other)?,
        }
    }
}

/// Size and checksum of each `byteStream`, in file order; `None` for files that are not there.
fn sizes_in_order<'a>(
    text: &str,
    sums: &'a BTreeMap<String, (u64, String)>,
) -> Vec<Option<&'a (u64, String)>> {
    text.split("<byteStream")
        .skip(1)
        .map(|part| hrefs(part).first().and_then(|href| sums.get(href)))
        .collect()
}

/// The element with some attributes set anew.
fn with(
    element: &BytesStart<'_>,
    set: &[(&str, &str)],
) -> Result<BytesStart<'static>, quick_xml::Error> {
    let name = element.name().as_ref().to_owned();
    let mut fresh = BytesStart::new(name);
    for attribute in element.attributes() {
        let attribute = attribute?;
        let key = attribute.key.as_ref();
        match set.iter().find(|(name, _)| *name == key) {
            Some((name, value)) => fresh.push_attribute((*name, *value)),
            None => fresh.push_attribute(attribute),
        }
    }
    Ok(fresh)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_manifest_names_its_maker_and_the_new_files() -> Result<(), quick_xml::Error> {
        let text = "<m><safe:facility country=\"Italy\" name=\"X\"><safe:software name=\"IPF\" version=\"003.52\"/>\
            </safe:facility><byteStream size=\"1\"><f href=\"./a.xml\"/><checksum>old</checksum></byteStream>\
            <byteStream size=\"2\"><f href=\"./gone.png\"/><checksum>kept</checksum></byteStream></m>";
        let sums = BTreeMap::from([("./a.xml".to_owned(), (77, "new".to_owned()))]);
        let marked = String::from_utf8_lossy(&mark(text, &sums)?).into_owned();
        assert!(marked.contains("<safe:facility country=\"Italy\" name=\"tidewatch simulate\">"));
        assert!(marked.contains("<safe:software name=\"tidewatch simulate\""));
        assert!(
            marked
                .contains("<byteStream size=\"77\"><f href=\"./a.xml\"/><checksum>new</checksum>")
        );
        assert!(
            marked.contains(
                "<byteStream size=\"2\"><f href=\"./gone.png\"/><checksum>kept</checksum>"
            )
        );
        Ok(())
    }
}
