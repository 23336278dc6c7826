//! AIS: files of radio messages or tables → [`Reception`] → [`Track`](crate::model::track::Track)s.
//!
//! [`read_file`] looks at what a file holds and reads it as NMEA 0183 ([`nmea`]: [`sentence`] → [`assemble`] → [`decode`])
//! or as a MarineCadastre table. [`tracks`] joins any number of receptions. [`encode`] is the way back, for simulated
//! fleets. No line is dropped silently: [`Reception::rejects`] counts each by [`RejectReason`].

pub mod assemble;
pub mod bits;
pub mod clock;
pub mod decode;
mod decode_service;
pub mod encode;
mod marine_cadastre;
pub mod message;
pub mod nmea;
mod reception;
pub mod sentence;
pub mod service;
pub mod tag;
pub mod text;
mod told;
mod track;

#[cfg(test)]
mod log_tests;
#[cfg(test)]
mod oracle_service_tests;
#[cfg(test)]
mod oracle_tests;

pub use reception::{Reception, RejectReason};
pub use track::{TrackSet, build_tracks, tracks};

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

/// Why a file of AIS could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AisError {
    /// The file cannot be opened or read.
    #[error("{path}: cannot read the AIS file")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The file has no bytes.
    #[error("{path}: the file is empty, expected NMEA 0183 lines or a MarineCadastre table")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file is compressed.
    #[error(
        "{path}: the file is {format}-compressed, expected plain NMEA 0183 lines or a table; unpack it first"
    )]
    Compressed {
        /// The file.
        path: PathBuf,
        /// Format, by the file's first bytes.
        format: &'static str,
    },
    /// A table lacks columns.
    #[error(
        "{path}: not a MarineCadastre table: found the columns {found}; expected at least {expected}"
    )]
    Header {
        /// The file.
        path: PathBuf,
        /// Columns found.
        found: String,
        /// Columns that must be there.
        expected: &'static str,
    },
    /// A table cannot be read on.
    #[error("{path}: cannot read the table")]
    Table {
        /// The file.
        path: PathBuf,
        /// The reader's reason.
        source: csv::Error,
    },
    /// Not one line of the file is an AIS message.
    #[error(
        "{path}: none of {lines} lines is an AIS message ({reasons}); expected NMEA 0183 VDM or VDO sentences or a MarineCadastre table"
    )]
    NothingDecoded {
        /// The file.
        path: PathBuf,
        /// Lines read.
        lines: u64,
        /// Counts by reason.
        reasons: String,
    },
}

/// Reads a file as what its content shows it to be: NMEA 0183 or a MarineCadastre table.
///
/// # Errors
///
/// [`AisError`]; bad lines are counted in the reception and are no error, unless no line is good.
pub fn read_file(path: &Path) -> Result<Reception, AisError> {
    let read_error = |source| AisError::Read {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(read_error)?;
    let mut input = BufReader::with_capacity(1 << 18, file);
    let reception = match content(input.fill_buf().map_err(read_error)?) {
        Content::Nothing => {
            return Err(AisError::Empty {
                path: path.to_owned(),
            });
        }
        Content::Compressed(format) => {
            return Err(AisError::Compressed {
                path: path.to_owned(),
                format,
            });
        }
        Content::Table => marine_cadastre::read(input, path)?,
        Content::Nmea => nmea::read(input).map_err(read_error)?,
    };
    let unsupported = reception
        .rejects
        .contains_key(&RejectReason::UnsupportedType);
    if reception.lines > 0 && reception.messages == 0 && !unsupported {
        return Err(AisError::NothingDecoded {
            path: path.to_owned(),
            lines: reception.lines,
            reasons: reception.reject_text(),
        });
    }
    Ok(reception)
}

/// What a file seems to hold.
#[derive(Debug, PartialEq, Eq)]
enum Content {
    Nothing,
    Compressed(&'static str),
    Table,
    Nmea,
}

/// Judges by the first bytes: a table if the first line is text with a comma and no line starts like a sentence.
fn content(head: &[u8]) -> Content {
    match head {
        [] => return Content::Nothing,
        [0x1F, 0x8B, ..] => return Content::Compressed("gzip"),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => return Content::Compressed("zstd"),
        [b'P', b'K', 3, 4, ..] => return Content::Compressed("zip"),
        _ => {}
    }
    let mut lines = head.split(|&byte| byte == b'\n');
    let first = lines.next().unwrap_or(head).trim_ascii_end();
    let is_text = !first.iter().any(u8::is_ascii_control) && std::str::from_utf8(first).is_ok();
    let starts_sentence =
        |line: &[u8]| matches!(line.trim_ascii_start(), [b'!' | b'$' | b'\\', ..]);
    let has_sentence = starts_sentence(first) || lines.any(starts_sentence);
    if is_text && first.contains(&b',') && !has_sentence {
        Content::Table
    } else {
        Content::Nmea
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use std::io::Write;

    fn read_bytes(bytes: &[u8]) -> Result<Reception, AisError> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        read_file(file.path())
    }

    #[test]
    fn content_is_told_by_the_first_bytes() {
        let cases: [(&[u8], Content); 8] = [
            (b"", Content::Nothing),
            (b"\x1f\x8b\x08\x00", Content::Compressed("gzip")),
            (b"MMSI,BaseDateTime,LAT,LON\n1,2,3,4\n", Content::Table),
            (b"foo,bar\n", Content::Table),
            (b"# log, made by hand\n!AIVDM,1,1,,A,1,0*00", Content::Nmea),
            (b"\r\n\\s:1*00\\!AIVDM", Content::Nmea),
            (b"\x00\x01,\xff\n", Content::Nmea),
            (b"nothing at all", Content::Nmea),
        ];
        for (bytes, expected) in cases {
            assert_eq!(content(bytes), expected, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn an_empty_file_is_named_as_empty() {
        let error = read_bytes(b"").unwrap_err();
        assert!(matches!(error, AisError::Empty { .. }), "{error}");
    }

    #[test]
    fn a_file_without_one_message_is_an_error_with_counts() {
        let error =
            read_bytes(b"$GPGGA,1*00\n\xff\xfe\nhello\n!AIVDM,1,1,,A,1,0*00\n").unwrap_err();
        let text = error.to_string();
        let expected =
            "none of 4 lines is an AIS message (not-nmea 2, other-sentence 1, checksum 1)";
        assert!(text.contains(expected), "{text}");
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = read_file(Path::new("no/such/file.nmea")).unwrap_err();
        assert!(error.to_string().contains("no/such/file.nmea"));
    }
}
