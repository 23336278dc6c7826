//! Paths of a pipeline file → input files: relative to its folder, wildcards resolved and sorted.

use super::file::{PipelineFile, SceneEntry};
use crate::scene::RasterOptions;
use std::path::{Path, PathBuf};

/// One scene to search.
#[derive(Debug, Clone)]
pub struct SceneInput {
    /// Path as GDAL takes it.
    pub path: String,
    /// What the file itself does not tell.
    pub options: RasterOptions,
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

/// The files that `path` names: itself, or what its wildcards match, sorted. Empty if nothing is there.
pub(super) fn matches(path: &str, folder: &Path) -> Vec<PathBuf> {
    let full = resolve(path, folder);
    if is_virtual(path) {
        return vec![full];
    }
    if full.exists() {
        return vec![full];
    }
    if !path.contains(['*', '?', '[']) {
        return Vec::new();
    }
    let found = glob::glob(&full.to_string_lossy());
    let mut found: Vec<PathBuf> = found.into_iter().flatten().filter_map(Result::ok).collect();
    found.sort();
    found
}

pub(super) fn scenes(file: &PipelineFile, folder: &Path) -> Vec<SceneInput> {
    let mut inputs = Vec::new();
    for entry in &file.scenes {
        let (path, options) = match entry {
            SceneEntry::Path(path) => (path, RasterOptions::default()),
            SceneEntry::Detailed(detail) => (
                &detail.path,
                RasterOptions {
                    looks: detail.looks,
                    pixel_spacing_m: detail.pixel_spacing_m,
                    sensor: detail.sensor,
                    intensity: detail.intensity,
                    time: detail.time,
                },
            ),
        };
        inputs.extend(matches(path, folder).into_iter().map(|path| SceneInput {
            path: path.to_string_lossy().into_owned(),
            options: options.clone(),
        }));
    }
    inputs
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
}
