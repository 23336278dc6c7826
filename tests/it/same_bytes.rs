//! One scene, any number of threads, any height of strips, any instruction set: the same bytes out.

use crate::program::root;
use std::fs;
use std::path::Path;
use std::process::Command;

const WIDTH: usize = 2300;
const HEIGHT: usize = 1300;

/// A speckled 16-bit image of six strips and two tiles with ships, three of them on borders of strips and tiles.
fn write_image(path: &Path) {
    let ships = [
        (255, 400),
        (511, 2046),
        (767, 1200),
        (900, 60),
        (1288, 2250),
    ];
    let mut bytes = format!("P5\n{WIDTH} {HEIGHT}\n65535\n").into_bytes();
    let mut state = 88_172_645_463_325_252_u64;
    for row in 0..HEIGHT {
        for col in 0..WIDTH {
            let mut power = 0.0;
            for _ in 0..4 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                power -= ((state >> 11) as f64 / (1_u64 << 53) as f64)
                    .max(1e-12)
                    .ln();
            }
            let ship = ships
                .iter()
                .any(|&(y, x)| (y..y + 4).contains(&row) && (x..x + 12).contains(&col));
            let dn = if ship {
                900
            } else {
                (60.0 * (power / 4.0).sqrt()) as u16 + 1
            };
            bytes.extend(dn.to_be_bytes());
        }
    }
    fs::write(path, bytes).unwrap();
}

/// What the program finds; `strip_rows`: height of a worker's stretches, or the program's own choice.
fn detections(
    image: &Path,
    threads: &str,
    strip_rows: Option<&str>,
    simd: &str,
) -> Result<Vec<u8>, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidewatch"));
    if let Some(rows) = strip_rows {
        command.env("TIDEWATCH_STRIP_ROWS", rows);
    }
    let output = command
        .args([
            "detect",
            "--looks",
            "4",
            "--pixel-spacing-m",
            "10",
            "--pfa",
            "1e-5",
        ])
        .arg(image)
        .current_dir(root())
        .env("RAYON_NUM_THREADS", threads)
        .env("TIDEWATCH_SIMD", simd)
        .output()
        .unwrap();
    match output.status.code() {
        Some(0) => Ok(output.stdout),
        _ => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

#[test]
fn threads_strip_heights_and_instruction_sets_change_no_byte() {
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("sea.pgm");
    write_image(&image);
    let expected = detections(&image, "1", None, "portable").unwrap();
    let rows = expected.iter().filter(|&&byte| byte == b'\n').count();
    assert!(rows > 5, "{}", String::from_utf8_lossy(&expected));
    let mut compared = 0;
    for simd in ["portable", "avx2", "avx512"] {
        for threads in ["1", "2", "3"] {
            for strip_rows in [None, Some("256"), Some("512"), Some("1024")] {
                match detections(&image, threads, strip_rows, simd) {
                    Ok(bytes) => {
                        assert!(
                            bytes == expected,
                            "{simd}, {threads} threads, {strip_rows:?} rows"
                        );
                        compared += 1;
                    }
                    Err(message) => assert!(
                        simd != "portable" && message.contains("TIDEWATCH_SIMD"),
                        "{simd}: {message}"
                    ),
                }
            }
        }
    }
    assert!(compared >= 12);
}

#[test]
fn an_instruction_set_or_a_strip_height_that_does_not_exist_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("sea.pgm");
    write_image(&image);
    let message = detections(&image, "1", None, "mmx").unwrap_err();
    assert!(message.contains("TIDEWATCH_SIMD is mmx"), "{message}");
    let message = detections(&image, "1", Some("100"), "portable").unwrap_err();
    assert!(message.contains("TIDEWATCH_STRIP_ROWS is 100"), "{message}");
}
