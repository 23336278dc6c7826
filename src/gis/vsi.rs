//! Files and folders by any path that GDAL takes: plain ones, and `/vsizip/`, `/vsicurl/`, `/vsis3/`, …

use super::{GisError, last_message, set_up};
use std::ffi::{CStr, CString};
use std::path::Path;

/// True if the path lies in one of GDAL's virtual file systems.
pub fn is_virtual(path: &str) -> bool {
    path.starts_with("/vsi")
}

/// Reads a whole file.
///
/// # Errors
///
/// If it is not there or cannot be read; the error names the path.
pub fn read_file(path: &str) -> Result<Vec<u8>, GisError> {
    if is_virtual(path) {
        read_virtual(path)
    } else {
        std::fs::read(path).map_err(|source| GisError::Read {
            path: path.to_owned(),
            source,
        })
    }
}

/// Names in a folder, sorted, without `.` and `..`.
///
/// # Errors
///
/// If the folder cannot be listed; the error names the path.
pub fn list_dir(path: &str) -> Result<Vec<String>, GisError> {
    let mut names: Vec<String> = if is_virtual(path) {
        set_up();
        gdal::vsi::read_dir(Path::new(path), false)
            .map_err(|error| refused(path, &error.to_string()))?
            .iter()
            .map(|entry| entry.to_string_lossy().into_owned())
            .collect()
    } else {
        let failed = |source| GisError::Read {
            path: path.to_owned(),
            source,
        };
        std::fs::read_dir(path)
            .map_err(failed)?
            .map(|entry| {
                Ok(entry
                    .map_err(failed)?
                    .file_name()
                    .to_string_lossy()
                    .into_owned())
            })
            .collect::<Result<_, GisError>>()?
    };
    names.retain(|name| name != "." && name != "..");
    names.sort();
    Ok(names)
}

/// True if the path is a file or folder that can be reached.
pub fn exists(path: &str) -> bool {
    size(path).is_some() || is_dir(path)
}

/// True if the path is a folder.
pub fn is_dir(path: &str) -> bool {
    if is_virtual(path) {
        list_dir(path).is_ok_and(|names| !names.is_empty())
    } else {
        Path::new(path).is_dir()
    }
}

/// Size of a file in bytes; `None` if it cannot be reached or is a folder.
pub fn size(path: &str) -> Option<u64> {
    if is_virtual(path) {
        File::open(path).ok()?.size()
    } else {
        let metadata = std::fs::metadata(path).ok()?;
        metadata.is_file().then_some(metadata.len())
    }
}

/// What a server says of one of its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Size, bytes.
    pub size: u64,
    /// `ETag`, as it was sent.
    pub tag: Option<String>,
    /// `Last-Modified`, as it was sent.
    pub modified: Option<String>,
}

/// Asks the server of a `/vsicurl/`, `/vsis3/`, … path anew what the file is; what GDAL remembers of it is forgotten first, and of
/// the files beside it if it is a product's manifest.
/// `None` if it is not there, or the path is of no server.
pub fn told(path: &str) -> Option<Told> {
    set_up();
    let c_path = CString::new(path).ok()?;
    let stale = CString::new(path.trim_end_matches("manifest.safe")).ok()?;
    // SAFETY: the strings are NUL-terminated and outlive the calls; the list is copied from, then freed once.
    let fields = unsafe {
        gdal_sys::VSICurlPartialClearCache(stale.as_ptr());
        let list = gdal_sys::VSIGetFileMetadata(
            c_path.as_ptr(),
            c"HEADERS".as_ptr(),
            std::ptr::null_mut(),
        );
        let value = |name: &CStr| {
            let value = gdal_sys::CSLFetchNameValue(list, name.as_ptr());
            (!value.is_null()).then(|| CStr::from_ptr(value).to_string_lossy().into_owned())
        };
        let fields = (value(c"ETag"), value(c"Last-Modified"));
        gdal_sys::CSLDestroy(list);
        (!list.is_null()).then_some(fields)
    };
    let (tag, modified) = fields?;
    Some(Told {
        size: size(path)?,
        tag,
        modified,
    })
}

/// An open file of a virtual file system.
struct File(std::ptr::NonNull<gdal_sys::VSILFILE>);

impl File {
    fn open(path: &str) -> Result<Self, GisError> {
        set_up();
        let c_path = CString::new(path).map_err(|error| refused(path, &error.to_string()))?;
        // SAFETY: both arguments are NUL-terminated strings that outlive the call.
        let file = unsafe { gdal_sys::VSIFOpenL(c_path.as_ptr(), c"rb".as_ptr()) };
        std::ptr::NonNull::new(file)
            .map(Self)
            .ok_or_else(|| refused(path, &last_message()))
    }

    fn size(&self) -> Option<u64> {
        const FROM_END: i32 = 2;
        // SAFETY: the file is open as long as `self` lives.
        let (moved, end) = unsafe {
            (
                gdal_sys::VSIFSeekL(self.0.as_ptr(), 0, FROM_END),
                gdal_sys::VSIFTellL(self.0.as_ptr()),
            )
        };
        (moved == 0).then_some(end)
    }

    /// Fills `chunk` as far as the file goes.
    fn read(&self, chunk: &mut [u8]) -> usize {
        // SAFETY: the file is open and `chunk` has room for `len` items of one byte.
        let got = unsafe {
            gdal_sys::VSIFReadL(
                chunk.as_mut_ptr().cast(),
                1,
                chunk.len() as _,
                self.0.as_ptr(),
            )
        };
        got as usize
    }

    fn at_end(&self) -> bool {
        // SAFETY: the file is open as long as `self` lives.
        unsafe { gdal_sys::VSIFEofL(self.0.as_ptr()) != 0 }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // SAFETY: the file is open and this is its last use.
        unsafe { gdal_sys::VSIFCloseL(self.0.as_ptr()) };
    }
}

fn refused(path: &str, reason: &str) -> GisError {
    GisError::Virtual {
        path: path.to_owned(),
        reason: reason.to_owned(),
    }
}

fn read_virtual(path: &str) -> Result<Vec<u8>, GisError> {
    let file = File::open(path)?;
    let mut bytes = Vec::new();
    let mut chunk = vec![0_u8; 1 << 20];
    loop {
        let got = file.read(&mut chunk);
        bytes.extend_from_slice(&chunk[..got]);
        if got < chunk.len() {
            break;
        }
    }
    // At the end of a compressed member of a zip the end is not always told, but the size is.
    if file.at_end() || file.size() == Some(bytes.len() as u64) {
        Ok(bytes)
    } else {
        Err(refused(path, "the read stopped before the end of the file"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed step fails the test")]
mod tests {
    use super::*;

    #[test]
    fn plain_and_zipped_files_read_alike_and_a_missing_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let plain = folder.path().join("a.txt");
        std::fs::write(&plain, b"sea").unwrap();
        let plain = plain.to_str().unwrap().to_owned();
        assert_eq!(read_file(&plain).unwrap(), b"sea");

        gdal::vsi::create_mem_file("/vsimem/vsi-test/b.txt", b"level".to_vec()).unwrap();
        assert_eq!(read_file("/vsimem/vsi-test/b.txt").unwrap(), b"level");
        assert_eq!(list_dir("/vsimem/vsi-test").unwrap(), ["b.txt"]);
        assert!(is_dir("/vsimem/vsi-test") && !is_dir("/vsimem/vsi-test/b.txt"));
        assert_eq!(size("/vsimem/vsi-test/b.txt"), Some(5));

        for path in ["/vsimem/vsi-test/none.txt", "/nowhere/none.txt"] {
            let error = read_file(path).unwrap_err().to_string();
            assert!(error.contains(path), "{error}");
            assert!(!exists(path));
        }
    }
}
