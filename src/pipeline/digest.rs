//! Inputs and settings → a digest: equal digests mean that a scene need not be searched again.
//!
//! It has three parts, so that two that differ tell what changed: the settings, the files beside the scene (with outages of
//! live AIS), and the scene's own files.
//!
//! A file up to 64 MiB counts with all its bytes; a larger one with its size, its time of change and its first and
//! last MiB; a product folder with its manifest (which holds the checksums of a real product's files) and with name
//! and size of every file. Copying a folder of products therefore does not make them new.
//!
//! Of what GDAL reads for us, an archive (`/vsizip/…`) counts as the file that it is, wherever that lies. A file on a server
//! (`/vsicurl/`, `/vsis3/`, …) counts with its size, ETag and time of change as the server tells them, so that nothing is
//! fetched; a product folder there as one on a disk. Where a server tells neither ETag nor time, only the size is seen to
//! change.

use crate::gis::vsi;
use crate::model::id::hex;
use crate::model::outage::Outage;
use crate::pipeline::plan::{Plan, SceneInput};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::UNIX_EPOCH;

/// Largest file that counts with all its bytes.
const WHOLE_BYTES: u64 = 64 << 20;
/// Bytes read at each end of a larger file.
const END_BYTES: u64 = 1 << 20;

/// Digits of each part: 128 bits.
const PART_DIGITS: usize = 32;

/// What the results of all scenes of a plan rest on, beside the scene itself.
pub(super) struct Basis {
    settings: String,
    files: String,
    /// Digests of the AIS files in the plan's order.
    pub(super) ais: Vec<String>,
}

impl Basis {
    /// Reads every file beside the scenes.
    pub(super) fn of(plan: &Plan) -> Self {
        let file = &plan.file;
        let mut settings = Sha256::new();
        // A release may measure differently: its results are its own.
        add(&mut settings, env!("CARGO_PKG_VERSION").as_bytes());
        let text = format!(
            "{:?} {:?} {} {:?} {:?}",
            file.detect.params(&file.land),
            file.fuse,
            file.land.built_in,
            file.ais_gap_minutes,
            plan.regions.regions()
        );
        add(&mut settings, text.as_bytes());
        let mut files = Sha256::new();
        for path in plan.land_files.iter().chain(&plan.infrastructure) {
            add_path(&mut files, Path::new(path));
        }
        let ais: Vec<String> = plan.ais.iter().map(|path| of_path(path)).collect();
        for digest in &ais {
            add(&mut files, digest.as_bytes());
        }
        Self {
            settings: part(settings),
            files: part(files),
            ais,
        }
    }

    /// Both parts in one text.
    pub(super) fn mark(&self) -> String {
        format!("{}-{}", self.settings, self.files)
    }
}

/// Digest of one scene on its basis; `outages` are those of live AIS about its time.
pub(super) fn scene(input: &SceneInput, basis: &Basis, outages: &[&Outage]) -> String {
    let files = if outages.is_empty() {
        basis.files.clone()
    } else {
        let mut hash = Sha256::new();
        add(&mut hash, basis.files.as_bytes());
        add(&mut hash, format!("{outages:?}").as_bytes());
        part(hash)
    };
    let mut own = Sha256::new();
    add(&mut own, format!("{:?}", input.options).as_bytes());
    add_path(&mut own, Path::new(&input.path));
    format!("{}-{files}-{}", basis.settings, part(own))
}

/// What differs between two digests of one scene, for people; `None` if nothing does.
pub(super) fn difference(old: &str, new: &str) -> Option<String> {
    if old == new {
        return None;
    }
    let parts = [
        "the settings",
        "AIS, land, structures or outages",
        "the scene's own files",
    ];
    let (old, new): (Vec<_>, Vec<_>) = (old.split('-').collect(), new.split('-').collect());
    if old.len() != parts.len() {
        return Some("an older release searched it".to_owned());
    }
    let differ = parts.iter().zip(old.iter().zip(&new));
    let differ: Vec<&str> = differ
        .filter(|(_, (old, new))| old != new)
        .map(|(name, _)| *name)
        .collect();
    Some(format!("changed: {}", differ.join("; ")))
}

/// Digest of one file or folder by itself.
fn of_path(path: &Path) -> String {
    let mut hash = Sha256::new();
    add_path(&mut hash, path);
    part(hash)
}

fn part(hash: Sha256) -> String {
    let mut text = hex(&hash.finalize());
    text.truncate(PART_DIGITS);
    text
}

fn add(hash: &mut Sha256, part: &[u8]) {
    hash.update((part.len() as u64).to_le_bytes());
    hash.update(part);
}

/// Adds a file or folder; what cannot be read counts with its name alone: reading it will tell.
fn add_path(hash: &mut Sha256, path: &Path) {
    let name = path.file_name().unwrap_or(path.as_os_str());
    add(hash, name.as_encoded_bytes());
    if let Some(text) = path.to_str().filter(|text| vsi::is_virtual(text)) {
        return add_virtual(hash, text);
    }
    let Ok(about) = fs::metadata(path) else {
        return;
    };
    let added = if about.is_dir() {
        add_folder(hash, path)
    } else {
        add_file(hash, path, &about)
    };
    if added.is_err() {
        add(hash, b"not readable");
    }
}

fn add_virtual(hash: &mut Sha256, path: &str) {
    if let Some(archive) = archive_of(path) {
        return add_path(hash, Path::new(archive));
    }
    if let Ok(names) = vsi::list_dir(path)
        && !names.is_empty()
    {
        for name in names {
            add(hash, name.as_bytes());
            let inner = format!("{path}/{name}");
            match vsi::size(&inner) {
                Some(size) if !vsi::is_dir(&inner) => add(hash, &size.to_le_bytes()),
                _ => add_virtual(hash, &inner),
            }
            add_manifest(hash, &inner);
        }
        return;
    }
    match (vsi::told(path), vsi::size(path)) {
        (Some(told), _) => add(hash, format!("{told:?}").as_bytes()),
        (None, Some(size)) => add(hash, &size.to_le_bytes()),
        (None, None) => add(hash, b"not readable"),
    }
    add_manifest(hash, path);
}

/// The bytes of a manifest, which stand for those of the files that it names.
fn add_manifest(hash: &mut Sha256, path: &str) {
    if path.ends_with("/manifest.safe")
        && let Ok(bytes) = vsi::read_file(path)
    {
        add(hash, &bytes);
    }
}

/// The archive that a `/vsizip/` path reads from.
fn archive_of(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("/vsizip/")?;
    if let Some(braced) = inside.strip_prefix('{') {
        return braced.split_once('}').map(|(archive, _)| archive);
    }
    let lower = inside.to_ascii_lowercase();
    let end = lower.find(".zip/").map_or(inside.len(), |at| at + 4);
    Some(&inside[..end])
}

fn add_folder(hash: &mut Sha256, folder: &Path) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let about = fs::metadata(entry.path())?;
        add(hash, entry.file_name().as_encoded_bytes());
        if about.is_dir() {
            add_folder(hash, &entry.path())?;
        } else {
            add(hash, &about.len().to_le_bytes());
            if entry.file_name() == "manifest.safe" {
                add_file(hash, &entry.path(), &about)?;
            }
        }
    }
    Ok(())
}

fn add_file(hash: &mut Sha256, path: &Path, about: &fs::Metadata) -> io::Result<()> {
    let size = about.len();
    add(hash, &size.to_le_bytes());
    let mut file = File::open(path)?;
    if size <= WHOLE_BYTES {
        io::copy(&mut file, &mut HashWriter(hash))?;
        return Ok(());
    }
    let changed = about.modified()?.duration_since(UNIX_EPOCH);
    add(hash, format!("{changed:?}").as_bytes());
    io::copy(&mut file.by_ref().take(END_BYTES), &mut HashWriter(hash))?;
    file.seek(SeekFrom::Start(size - END_BYTES))?;
    io::copy(&mut file, &mut HashWriter(hash))?;
    Ok(())
}

struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn a_changed_byte_or_a_changed_manifest_is_a_new_digest_and_a_copy_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(&path, text).expect("a file");
            path
        };
        let one = write("a/image.tif", "pixels");
        let copy = write("b/image.tif", "pixels");
        assert_eq!(of_path(&one), of_path(&copy));
        let other = write("c/image.tif", "pixelz");
        assert_ne!(of_path(&one), of_path(&other));

        let manifest = write("P.SAFE/manifest.safe", "checksum 1");
        let before = of_path(&folder.path().join("P.SAFE"));
        fs::write(manifest, "checksum 2").expect("a file");
        assert_ne!(before, of_path(&folder.path().join("P.SAFE")));
    }

    #[test]
    fn a_path_into_an_archive_has_the_digest_of_the_archive() {
        for (path, archive) in [
            ("/vsizip//data/a.zip/P.SAFE", Some("/data/a.zip")),
            ("/vsizip//data/a.ZIP", Some("/data/a.ZIP")),
            ("/vsizip//vsis3/b/a.zip/P", Some("/vsis3/b/a.zip")),
            (
                "/vsizip/{/vsicurl/https://x/a?k=1}/P",
                Some("/vsicurl/https://x/a?k=1"),
            ),
            ("/vsis3/b/a.tif", None),
        ] {
            assert_eq!(archive_of(path), archive, "{path}");
        }
        let folder = tempfile::tempdir().expect("a folder");
        let zip = folder.path().join("a.zip");
        let through = PathBuf::from(format!("/vsizip/{}/P.SAFE", zip.display()));
        fs::write(&zip, "one").expect("a file");
        let first = of_path(&through);
        fs::write(&zip, "two").expect("a file");
        assert_ne!(of_path(&through), first);
    }

    #[test]
    fn two_digests_tell_what_changed_between_them() {
        assert_eq!(difference("a-b-c", "a-b-c"), None);
        let told = |old: &str| difference(old, "a-b-c").expect("a difference");
        assert_eq!(told("x-b-c"), "changed: the settings");
        assert_eq!(
            told("a-x-x"),
            "changed: AIS, land, structures or outages; the scene's own files"
        );
        assert_eq!(told("5fa0"), "an older release searched it");
    }
}
