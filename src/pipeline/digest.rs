//! Inputs and settings → a digest: equal digests mean that a scene need not be searched again.
//!
//! A file up to 64 MiB counts with all its bytes; a larger one with its size, its time of change and its first and
//! last MiB; a product folder with its manifest (which holds the checksums of a real product's files) and with name
//! and size of every file. Copying a folder of products therefore does not make them new.

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

/// Digest of everything that the results of all scenes of a plan rest on, beside the scene itself.
pub(super) fn surroundings(plan: &Plan) -> String {
    let mut hash = Sha256::new();
    let file = &plan.file;
    // A release may measure differently: its results are its own.
    add(&mut hash, env!("CARGO_PKG_VERSION").as_bytes());
    let settings = format!(
        "{:?} {:?} {} {:?}",
        file.detect.params(&file.land),
        file.fuse,
        file.land.built_in,
        file.ais_gap_minutes
    );
    add(&mut hash, settings.as_bytes());
    add(
        &mut hash,
        format!("{:?}", plan.regions.regions()).as_bytes(),
    );
    let files = plan.land_files.iter().chain(&plan.infrastructure);
    for path in files
        .map(Path::new)
        .chain(plan.ais.iter().map(AsRef::as_ref))
    {
        add_path(&mut hash, path);
    }
    hex(&hash.finalize())
}

/// Digest of one scene and its surroundings; `outages` are those of live AIS about its time.
pub(super) fn scene(input: &SceneInput, surroundings: &str, outages: &[&Outage]) -> String {
    let mut hash = Sha256::new();
    add(&mut hash, surroundings.as_bytes());
    add(&mut hash, format!("{:?}", input.options).as_bytes());
    add_path(&mut hash, Path::new(&input.path));
    if !outages.is_empty() {
        add(&mut hash, format!("{outages:?}").as_bytes());
    }
    hex(&hash.finalize())
}

fn add(hash: &mut Sha256, part: &[u8]) {
    hash.update((part.len() as u64).to_le_bytes());
    hash.update(part);
}

/// Adds a file or folder; what cannot be read counts with its name alone: reading it will tell.
fn add_path(hash: &mut Sha256, path: &Path) {
    let name = path.file_name().unwrap_or(path.as_os_str());
    add(hash, name.as_encoded_bytes());
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

    fn digest_of(path: &Path) -> String {
        let mut hash = Sha256::new();
        add_path(&mut hash, path);
        hex(&hash.finalize())
    }

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
        assert_eq!(digest_of(&one), digest_of(&copy));
        let other = write("c/image.tif", "pixelz");
        assert_ne!(digest_of(&one), digest_of(&other));

        let manifest = write("P.SAFE/manifest.safe", "checksum 1");
        let before = digest_of(&folder.path().join("P.SAFE"));
        fs::write(manifest, "checksum 2").expect("a file");
        assert_ne!(before, digest_of(&folder.path().join("P.SAFE")));
    }
}
