//! AIS: files of radio messages or tables → [`Reception`] → [`Track`](crate::model::track::Track)s.
//!
//! [`read_file`] unpacks gzip and zstd, looks at what a file holds and reads it as NMEA 0183 ([`nmea`]: [`sentence`] →
//! [`assemble`] → [`decode`]) or as a table (CSV, Parquet), XML or JSON records of decoded AIS (`table`: MarineCadastre,
//! Danish Maritime Authority, Spire, exactEarth, Statsat, AISHub, aisstream.io, Global Fishing Watch, or any with known names).
//! [`tracks`] joins any number of receptions. [`encode`] is the way back, for simulated fleets. No line is dropped silently: [`Reception::rejects`] counts each by [`RejectReason`].

pub mod assemble;
mod binary;
pub mod bits;
pub mod clock;
pub mod decode;
mod decode_service;
pub mod encode;
pub mod events;
mod fleet;
mod latest;
mod likeness;
pub mod message;
pub mod nmea;
pub mod payload;
mod recent;
mod reception;
mod segment;
pub mod sentence;
pub mod service;
mod stitch;
mod stream;
mod table;
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

pub use binary::{BinaryLog, BinaryRecord};
pub use fleet::{Fleet, FleetEvents};
pub use latest::each_report;
pub use recent::{Changed, Fate, Forgotten, RecentTracks};
pub use reception::{Reception, RejectReason};
pub use segment::{Begun, Segment, SegmentParams, Segmenter};
pub use stream::Stream;
pub use track::{TrackSet, build_tracks, tracks};

use table::PARQUET_MAGIC;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
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
    #[error("{path}: the file is empty, expected NMEA 0183 lines, a table or JSON records")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file is an archive.
    #[error(
        "{path}: the file is a zip archive, expected NMEA 0183 lines or a table, plain or packed by gzip or zstd; unpack it first"
    )]
    Archive {
        /// The file.
        path: PathBuf,
    },
    /// A table lacks columns.
    #[error("{path}: not a table of AIS reports: found the columns {found}; expected {expected}")]
    Header {
        /// The file.
        path: PathBuf,
        /// Columns found.
        found: String,
        /// Columns that must be there.
        expected: &'static str,
    },
    /// One JSON or XML document, or one line of JSON documents, is longer than what is parsed at once.
    #[error(
        "{path}: a JSON or XML document is longer than {longest} bytes; give JSON records one a line"
    )]
    TooLong {
        /// The file.
        path: PathBuf,
        /// Most bytes.
        longest: usize,
    },
    /// A Parquet file is damaged, or written in a way that is not read.
    #[error("{path}: cannot read the Parquet file: {reason}")]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A Parquet file cannot be read from its beginning on.
    #[error(
        "{path}: the file is Parquet within another packing or in a pipe, expected the Parquet file itself"
    )]
    PackedParquet {
        /// The file.
        path: PathBuf,
    },
    /// The supplier answered with an error.
    #[error("{path}: no report in the file, the supplier answered: {answer}")]
    Refused {
        /// The file.
        path: PathBuf,
        /// The supplier's words.
        answer: String,
    },
    /// A file of decoded reports is asked for binary messages.
    #[error("{path}: not NMEA 0183; binary messages stand in logs of VDM and VDO sentences alone")]
    NoBinary {
        /// The file.
        path: PathBuf,
    },
    /// Not one line of the file is an AIS message.
    #[error(
        "{path}: none of {lines} lines is an AIS message ({reasons}); expected NMEA 0183 VDM or VDO sentences, a table of reports or JSON records"
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

impl AisError {
    fn read(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        Self::Read { path, source }
    }

    fn too_long(path: &Path, longest: usize) -> Self {
        let path = path.to_owned();
        Self::TooLong { path, longest }
    }
}

/// Reads a file as what its content shows it to be: NMEA 0183, a table or JSON records, plain or packed by gzip or zstd.
///
/// # Errors
///
/// [`AisError`]; bad lines are counted in the reception and are no error, unless no line is good. A packed file that ends
/// too early is an error.
pub fn read_file(path: &Path) -> Result<Reception, AisError> {
    read_file_by(path, &mut |_| {})
}

/// As [`read_file`]; `drain` may take reports out while a table is read, so that they are not all in memory at once.
fn read_file_by(path: &Path, drain: &mut table::Drain<'_>) -> Result<Reception, AisError> {
    let input = unpacked(path).map_err(|source| AisError::read(path, source))?;
    match input {
        Input::Stream(input) => read_input(input, path, drain),
        Input::Parquet(file) => checked(table::read_parquet(file, path)?, path),
    }
}

/// Reads a file's bytes as [`read_file`] does; they are not unpacked.
///
/// # Errors
///
/// As [`read_file`].
pub fn read_bytes(bytes: &[u8]) -> Result<Reception, AisError> {
    let path = Path::new("bytes");
    if bytes.starts_with(PARQUET_MAGIC) {
        let bytes = bytes::Bytes::copy_from_slice(bytes);
        return checked(table::read_parquet(bytes, path)?, path);
    }
    read_input(bytes, path, &mut |_| {})
}

fn read_input(
    input: impl Read,
    path: &Path,
    drain: &mut table::Drain<'_>,
) -> Result<Reception, AisError> {
    let read_error = |source| AisError::read(path, source);
    let (found, input) = looked_at(input).map_err(read_error)?;
    let reception = match found {
        Content::Nothing => {
            return Err(AisError::Empty {
                path: path.to_owned(),
            });
        }
        Content::Archive => {
            return Err(AisError::Archive {
                path: path.to_owned(),
            });
        }
        Content::Parquet => {
            return Err(AisError::PackedParquet {
                path: path.to_owned(),
            });
        }
        Content::Table => table::read(BufReader::new(input), path, drain)?,
        Content::Json => table::read_json(BufReader::new(input), MAX_DOCUMENT, path)?,
        Content::Xml => table::read_xml(input, MAX_DOCUMENT, path)?,
        Content::Nmea => nmea::read_on_every_core(input).map_err(read_error)?,
    };
    checked(reception, path)
}

/// What an input seems to hold, and the input without a byte order mark.
fn looked_at(mut input: impl Read) -> io::Result<(Content, impl Read)> {
    let mut head = Vec::with_capacity(HEAD);
    input.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    if head.starts_with(BYTE_ORDER_MARK) {
        head.drain(..BYTE_ORDER_MARK.len());
    }
    Ok((content(&head), io::Cursor::new(head).chain(input)))
}

/// The reception, unless it has lines and no message.
fn checked(reception: Reception, path: &Path) -> Result<Reception, AisError> {
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

/// What some programs write before UTF-8 text.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Bytes by which a file is judged.
const HEAD: usize = 1 << 16;

/// A file's bytes.
enum Input {
    /// Read once, from the beginning on.
    Stream(Box<dyn Read>),
    /// A Parquet file, which is read from its end.
    Parquet(File),
}

/// What is in a file, unpacked if its first bytes are those of gzip or zstd.
fn unpacked(path: &Path) -> io::Result<Input> {
    let file = File::open(path)?;
    let is_file = file.metadata()?.is_file();
    let mut file = BufReader::with_capacity(1 << 18, file);
    let stream: Box<dyn Read> = match file.fill_buf()? {
        [0x1F, 0x8B, ..] => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => Box::new(zstd::Decoder::with_buffer(file)?),
        head if is_file && head.starts_with(PARQUET_MAGIC) => {
            return Ok(Input::Parquet(file.into_inner()));
        }
        _ => Box::new(file),
    };
    Ok(Input::Stream(stream))
}

/// What a file seems to hold.
#[derive(Debug, PartialEq, Eq)]
enum Content {
    Nothing,
    Archive,
    Parquet,
    Table,
    Json,
    Xml,
    Nmea,
}

/// Most bytes of one JSON or XML document: AISHub answers with all ships in one array.
const MAX_DOCUMENT: usize = 1 << 28;

/// Judges by the first bytes: a table if the first line is text with a delimiter and no line starts like a sentence.
fn content(head: &[u8]) -> Content {
    match head {
        [] => return Content::Nothing,
        [b'P', b'K', 3, 4, ..] => return Content::Archive,
        _ if head.starts_with(PARQUET_MAGIC) => return Content::Parquet,
        _ if matches!(head.trim_ascii_start().first(), Some(b'{' | b'[')) => return Content::Json,
        _ if table::is_xml(head.trim_ascii_start()) => return Content::Xml,
        _ => {}
    }
    let mut lines = head.split(|&byte| byte == b'\n');
    let first = lines.next().unwrap_or(head).trim_ascii_end();
    let is_control = |byte: &u8| byte.is_ascii_control() && *byte != b'\t';
    let has_delimiter = first.iter().any(|byte| matches!(byte, b',' | b';' | b'\t'));
    let is_text = !first.iter().any(is_control) && std::str::from_utf8(first).is_ok();
    let starts_sentence =
        |line: &[u8]| matches!(line.trim_ascii_start(), [b'!' | b'$' | b'\\', ..]);
    let has_sentence = starts_sentence(first) || lines.any(starts_sentence);
    if is_text && has_delimiter && !has_sentence {
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
            (b"PK\x03\x04\x14", Content::Archive),
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
    fn a_log_reads_the_same_plain_and_packed() {
        let line = b"\\c:1661782369*58\\!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A\n";
        let plain = line.repeat(5000);
        let expected = read_bytes(&plain).unwrap();
        assert_eq!(expected.messages, 5000);
        let gzip = |bytes: &[u8]| {
            let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            packer.write_all(bytes).unwrap();
            packer.finish().unwrap()
        };
        let (first, second) = plain.split_at(1234);
        // Loggers append members to one file.
        let members = [gzip(first), gzip(second)].concat();
        assert_eq!(read_bytes(&members).unwrap(), expected);
        let frames = [zstd::encode_all(first, 1), zstd::encode_all(second, 1)].map(Result::unwrap);
        assert_eq!(read_bytes(&frames.concat()).unwrap(), expected);
    }

    #[test]
    fn a_packed_log_that_ends_too_early_is_an_error_that_names_it() {
        let packed = zstd::encode_all(
            &b"!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A\n".repeat(99)[..],
            1,
        )
        .unwrap();
        let error = read_bytes(&packed[..packed.len() - 8]).unwrap_err();
        assert!(matches!(error, AisError::Read { .. }), "{error}");
    }

    #[test]
    fn a_byte_order_mark_hides_no_format() {
        let report = r#"{"MMSI":257111020,"TIME":1673395201,"LONGITUDE":10.5,"LATITUDE":57.25}"#;
        let table = "\"mmsi\",time,lon,lat\n257111020,1673395201,10.5,57.25\n";
        let line = "\\c:1661782369*58\\!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A\n";
        for text in [report, table, line] {
            let reception = read_bytes(format!("\u{feff}{text}").as_bytes()).unwrap();
            assert_eq!(reception.positions.len(), 1, "{text}");
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
