//! A whole store into a folder that other programs read, and a folder into a new store of either kind.
//!
//! As GeoPackage the folder holds one file, itself a store; as GeoParquet one file a table.

use super::geoparquet::{file_name, read_tables, write_tables};
use crate::store::{
    Archive, GeoPackage, Store, StoreAddress, StoreError, TableForm, archived_tables, back_up, open,
};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Name of the one file of an archive as GeoPackage.
const FILE: &str = "tidewatch.gpkg";

/// What an archive is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArchiveFormat {
    /// One GeoPackage.
    GeoPackage,
    /// GeoParquet, a file a table.
    GeoParquet,
}

/// Writes everything in a store into a folder, as it stands at one moment; gives the rows a table.
///
/// # Errors
///
/// If the folder holds an archive already, or if the store cannot be read or the folder written.
pub fn export(
    address: &StoreAddress,
    (folder, format): (&Path, ArchiveFormat),
    with_secrets: bool,
    now: Timestamp,
) -> Result<BTreeMap<&'static str, u64>, StoreError> {
    let failed = |path: &Path, action| {
        let path = path.to_owned();
        move |source| StoreError::File {
            path,
            action,
            source,
        }
    };
    fs::create_dir_all(folder).map_err(failed(folder, "make the archive's folder"))?;
    let tables = archived_tables(with_secrets);
    let there = archive_in(folder, &tables);
    if let Some(path) = there.into_iter().next() {
        let taken = std::io::ErrorKind::AlreadyExists.into();
        return Err(failed(&path, "make an archive beside another")(taken));
    }
    // A file is copied first: whoever writes to it must not wait until all is written out.
    let copy = folder.join(".copy.gpkg");
    let source: Box<dyn Store> = match address {
        StoreAddress::File(path) => {
            let _ = fs::remove_file(&copy);
            back_up(path, &copy)?;
            Box::new(GeoPackage::open(&copy, now)?)
        }
        StoreAddress::Database(_) => open(address, now)?,
    };
    let written = match format {
        ArchiveFormat::GeoParquet => write_tables(source.as_ref(), &tables, folder),
        ArchiveFormat::GeoPackage => {
            let mut counts = BTreeMap::from_iter(tables.iter().map(|table| (table.name, 0)));
            let mut target = GeoPackage::open(&folder.join(FILE), now)?;
            target
                .fill(&mut |put| {
                    source.snapshot(&tables, &mut |name, row| {
                        *counts.entry(name).or_default() += 1;
                        put(name, row)
                    })
                })
                .map(|_| counts)
        }
    };
    drop(source);
    let _ = fs::remove_file(&copy);
    if written.is_err() {
        for path in archive_in(folder, &tables) {
            let _ = fs::remove_file(path);
        }
    }
    written
}

/// Fills a store, which must be empty, from a folder that [`export`] wrote; gives the count of rows.
///
/// # Errors
///
/// If the folder holds no archive, or one that cannot be read, or if the store holds something. Then nothing is stored.
pub fn import(folder: &Path, address: &StoreAddress, now: Timestamp) -> Result<u64, StoreError> {
    let tables = archived_tables(true);
    let file = folder.join(FILE);
    if archive_in(folder, &tables).is_empty() {
        return Err(StoreError::Other(format!(
            "{}: holds no archive; expected {FILE}, or tables as GeoParquet such as {}",
            folder.display(),
            file_name(tables[0].name)
        )));
    }
    let mut target = open(address, now)?;
    if !file.exists() {
        return target.fill(&mut |put| read_tables(folder, &tables, put));
    }
    let source = GeoPackage::open(&file, now)?;
    target.fill(&mut |put| source.snapshot(&tables, put))
}

/// Files of an archive in a folder.
fn archive_in(folder: &Path, tables: &[TableForm]) -> Vec<PathBuf> {
    let files = tables.iter().map(|table| file_name(table.name));
    let all = files.chain([FILE.to_owned()]).map(|name| folder.join(name));
    all.filter(|path| path.exists()).collect()
}
