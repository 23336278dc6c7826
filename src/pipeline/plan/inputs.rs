//! Paths of a pipeline file → input files: relative to its folder, wildcards resolved and sorted.

use super::file::PipelineFile;
use super::scenes::{SceneEntry, StacEntry};
use crate::scene::RasterOptions;
use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

/// One scene to search.
#[derive(Debug, Clone, PartialEq)]
pub struct SceneInput {
    /// Path as GDAL takes it.
    pub path: String,
    /// What the file itself does not tell.
    pub options: RasterOptions,
}

/// Where scenes of a plan come from, as far as this is known without the network.
#[derive(Debug, Clone)]
pub enum SceneSource {
    /// A scene.
    Scene(SceneInput),
    /// A catalogue that is still to be asked.
    Stac(StacEntry),
}

/// Where a path of the file points to. Paths of GDAL's virtual file systems stay as they are.
pub(super) fn resolve(path: &str, folder: &Path) -> PathBuf {
    if is_virtual(path) {
        PathBuf::from(path)
    } else {
        folder.join(path)
    }
}

/// True for `/vsizip/…`, `/vsicurl/…` and their kind: not looked for before the run.
pub(super) fn is_virtual(path: &str) -> bool {
    path.starts_with("/vsi")
}

/// True if the path holds wildcards.
pub(super) fn is_pattern(path: &str) -> bool {
    !is_virtual(path) && path.contains(['*', '?', '['])
}

/// The files that `path` names: itself, or what its wildcards match, sorted. Empty if nothing is there.
pub(super) fn matches(path: &str, folder: &Path) -> Vec<PathBuf> {
    let full = resolve(path, folder);
    if is_virtual(path) {
        return vec![full];
    }
    if full.exists() {
        return vec![full];
    }
    if !is_pattern(path) {
        return Vec::new();
    }
    let found = glob::glob(&full.to_string_lossy());
    let mut found: Vec<PathBuf> = found.into_iter().flatten().filter_map(Result::ok).collect();
    found.sort();
    found
}

/// The paths that a text file names, a line each.
///
/// # Errors
///
/// If the file cannot be read.
pub(super) fn listed(list: &str, folder: &Path) -> io::Result<Vec<PathBuf>> {
    let file = folder.join(list);
    let text = std::fs::read_to_string(&file)?;
    let beside = file.parent().unwrap_or(folder);
    let lines = text.lines().map(str::trim);
    let named = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(named.map(|line| resolve(line, beside)).collect())
}

/// Where the scenes come from, in the order of the file. A path that lists name again counts once.
pub(super) fn sources(file: &PipelineFile, folder: &Path) -> Vec<SceneSource> {
    let (mut sources, mut seen) = (Vec::new(), HashSet::new());
    for entry in &file.scenes {
        let (paths, options) = match entry {
            SceneEntry::Path(path) => (matches(path, folder), RasterOptions::default()),
            SceneEntry::Detailed(detail) => (
                matches(&detail.path, folder),
                RasterOptions {
                    looks: detail.looks,
                    pixel_spacing_m: detail.pixel_spacing_m,
                    sensor: detail.sensor,
                    intensity: detail.intensity,
                    time: detail.time,
                },
            ),
            // One that cannot be read any more is told by the check of the next start.
            SceneEntry::Listed(list) => {
                let paths = listed(&list.list, folder).unwrap_or_default();
                (paths, RasterOptions::default())
            }
            SceneEntry::Stac(entry) => {
                sources.push(SceneSource::Stac(located(entry, folder)));
                continue;
            }
        };
        for path in paths {
            let path = path.to_string_lossy().into_owned();
            if seen.insert(path.clone()) {
                let options = options.clone();
                sources.push(SceneSource::Scene(SceneInput { path, options }));
            }
        }
    }
    sources
}

/// True if the text is an address on the network.
pub(super) fn is_address(text: &str) -> bool {
    text.contains("://")
}

/// The entry with the paths that it holds taken from `folder`.
fn located(entry: &StacEntry, folder: &Path) -> StacEntry {
    let mut entry = entry.clone();
    if !is_address(&entry.stac) {
        entry.stac = folder.join(&entry.stac).to_string_lossy().into_owned();
    }
    entry.key_file = entry.key_file.map(|path| folder.join(path));
    entry
}

pub(super) fn ais(file: &PipelineFile, folder: &Path) -> Vec<PathBuf> {
    file.ais
        .iter()
        .flat_map(|path| matches(path, folder))
        .collect()
}

pub(super) fn files(paths: &[String], folder: &Path) -> Vec<String> {
    paths
        .iter()
        .flat_map(|path| matches(path, folder))
        .map(|path| path.to_string_lossy().into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_in_order_and_virtual_paths_stay() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["b.tif", "a.tif", "c.txt"] {
            std::fs::write(folder.path().join(name), "").expect("a file");
        }
        let found = matches("*.tif", folder.path());
        let names: Vec<_> = found.iter().filter_map(|path| path.file_name()).collect();
        assert_eq!(names, ["a.tif", "b.tif"]);
        assert!(matches("nothing.tif", folder.path()).is_empty());
        assert_eq!(
            matches("/vsicurl/https://example.org/x.tif", folder.path()),
            [PathBuf::from("/vsicurl/https://example.org/x.tif")]
        );
    }

    #[test]
    fn a_list_names_paths_beside_itself_and_leaves_out_remarks() {
        let folder = tempfile::tempdir().expect("a folder");
        let lists = folder.path().join("lists");
        std::fs::create_dir(&lists).expect("a folder");
        let text = "# night\n\n a.SAFE \n/data/b.zip\n/vsis3/bucket/c.zip\n";
        std::fs::write(lists.join("night.txt"), text).expect("a file");
        assert_eq!(
            listed("lists/night.txt", folder.path()).expect("a list"),
            [
                lists.join("a.SAFE"),
                PathBuf::from("/data/b.zip"),
                PathBuf::from("/vsis3/bucket/c.zip")
            ]
        );
        assert!(listed("none.txt", folder.path()).is_err());
    }
}
