//! A small SAFE product for tests: 40 × 64 pixels, two polarisations, every annotation.
#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use super::SceneError;
use crate::gis::write::{Compression, write_geotiff_u16_with_gcps};
use std::path::{Path, PathBuf};

pub(super) const NAME: &str = "S1A_IW_GRDH_1SDV_20200101T000000_20200101T000001_000001_000001_ABCD";
pub(super) const ROWS: u32 = 40;
pub(super) const COLS: u32 = 64;

pub(super) fn stem(pol: &str) -> String {
    let number = if pol == "vv" { "001" } else { "002" };
    format!("s1a-iw-grd-{pol}-20200101t000000-20200101t000001-000001-000001-{number}")
}

/// A platform at 7,071 km over the equator and 0°, flying north.
pub(super) fn annotation(pol: &str) -> String {
    let orbit: String = (0..4)
        .map(|i| {
            let (sin, cos) = (0.00106 * (f64::from(i) * 10.0 - 15.0)).sin_cos();
            format!(
                "<orbit><time>2020-01-01T00:00:{:02}</time><frame>Earth Fixed</frame><position><x>{}</x><y>0</y><z>{}</z>\
                 </position><velocity><x>{}</x><y>0</y><z>{}</z></velocity></orbit>",
                i * 10,
                7.071e6 * cos,
                7.071e6 * sin,
                -7495.26 * sin,
                7495.26 * cos
            )
        })
        .collect();
    let number = if pol == "vv" { "001" } else { "002" };
    format!(
        "<product><adsHeader><missionId>S1A</missionId><productType>GRD</productType><polarisation>{}</polarisation>\
         <mode>IW</mode><absoluteOrbitNumber>1</absoluteOrbitNumber><imageNumber>{number}</imageNumber></adsHeader>\
         <generalAnnotation><productInformation><pass>Ascending</pass><projection>Ground Range</projection>\
         <radarFrequency>5.405e9</radarFrequency></productInformation><orbitList>{orbit}</orbitList></generalAnnotation>\
         <imageAnnotation><imageInformation><productFirstLineUtcTime>2020-01-01T00:00:15</productFirstLineUtcTime>\
         <productLastLineUtcTime>2020-01-01T00:00:15.0585</productLastLineUtcTime><azimuthTimeInterval>0.0015\
         </azimuthTimeInterval><rangePixelSpacing>10</rangePixelSpacing><azimuthPixelSpacing>10</azimuthPixelSpacing>\
         <numberOfLines>{ROWS}</numberOfLines><numberOfSamples>{COLS}</numberOfSamples></imageInformation></imageAnnotation>\
         <geolocationGrid><geolocationGridPointList><geolocationGridPoint><azimuthTime>2020-01-01T00:00:15</azimuthTime>\
         <slantRangeTime>5.4e-3</slantRangeTime><line>0</line><pixel>0</pixel><latitude>0</latitude><longitude>3</longitude>\
         <height>0</height><incidenceAngle>30</incidenceAngle></geolocationGridPoint></geolocationGridPointList>\
         </geolocationGrid><coordinateConversion><coordinateConversionList><coordinateConversion>\
         <azimuthTime>2020-01-01T00:00:15</azimuthTime><gr0>0</gr0><grsrCoefficients>8.1e5 0.52 5e-7</grsrCoefficients>\
         </coordinateConversion></coordinateConversionList></coordinateConversion></product>",
        pol.to_uppercase()
    )
}

fn tables(pol: &str) -> [(&'static str, String); 3] {
    let header = format!(
        "<adsHeader><polarisation>{}</polarisation></adsHeader>",
        pol.to_uppercase()
    );
    let noise = if pol == "vv" { 100 } else { 400 };
    [
        (
            "calibration/calibration-",
            format!(
                "<calibration>{header}<calibrationVectorList><calibrationVector><line>0</line><pixel>0 63</pixel>\
                 <sigmaNought>500 500</sigmaNought><dn>1 1</dn></calibrationVector></calibrationVectorList></calibration>"
            ),
        ),
        (
            "calibration/noise-",
            format!(
                "<noise>{header}<noiseRangeVectorList><noiseRangeVector><line>0</line><pixel>0 63</pixel><noiseRangeLut>\
                 {noise} {noise}</noiseRangeLut></noiseRangeVector></noiseRangeVectorList></noise>"
            ),
        ),
        (
            "rfi/rfi-",
            format!(
                "<rfi>{header}<rfiMitigationApplied>None</rfiMitigationApplied><rfiDetectionFromNoiseReportList>\
                 <rfiDetectionFromNoiseReport><swath>IW2</swath><rfiDetected>{}</rfiDetected></rfiDetectionFromNoiseReport>\
                 </rfiDetectionFromNoiseReportList></rfi>",
                pol == "vv"
            ),
        ),
    ]
}

pub(super) fn manifest(software: &str) -> String {
    let object = |schema: &str, path: &str| {
        format!(
            "<dataObject ID='{path}' repID='{schema}'><byteStream><fileLocation href='./{path}'/></byteStream></dataObject>"
        )
    };
    let mut objects = object("s1Level1QuickLookSchema", "preview/quick-look.png");
    for pol in ["vh", "vv"] {
        let stem = stem(pol);
        objects += &object("s1Level1ProductSchema", &format!("annotation/{stem}.xml"));
        objects += &object(
            "s1Level1NoiseSchema",
            &format!("annotation/calibration/noise-{stem}.xml"),
        );
        objects += &object(
            "s1Level1CalibrationSchema",
            &format!("annotation/calibration/calibration-{stem}.xml"),
        );
        objects += &object(
            "s1Level1RfiSchema",
            &format!("annotation/rfi/rfi-{stem}.xml"),
        );
        objects += &object(
            "s1Level1MeasurementSchema",
            &format!("measurement/{stem}.tiff"),
        );
    }
    let section = |id: &str, data: &str| {
        format!(
            "<metadataObject ID='{id}'><metadataWrap><xmlData>{data}</xmlData></metadataWrap></metadataObject>"
        )
    };
    format!(
        "<x:XFDU xmlns:x='x' xmlns:safe='safe'><metadataSection>{}{}{}{}</metadataSection><dataObjectSection>{objects}\
         </dataObjectSection></x:XFDU>",
        section(
            "platform",
            "<safe:platform><safe:familyName>SENTINEL-1</safe:familyName><safe:number>A</safe:number></safe:platform>"
        ),
        section(
            "acquisitionPeriod",
            "<safe:acquisitionPeriod><safe:startTime>2020-01-01T00:00:15</safe:startTime>\
             <safe:stopTime>2020-01-01T00:00:16</safe:stopTime></safe:acquisitionPeriod>"
        ),
        section(
            "measurementOrbitReference",
            "<safe:orbitReference><safe:orbitNumber type='start'>1</safe:orbitNumber>\
             <safe:relativeOrbitNumber type='start'>46</safe:relativeOrbitNumber></safe:orbitReference>"
        ),
        section(
            "processing",
            &format!(
                "<safe:processing><safe:facility name='f'>{software}</safe:facility></safe:processing>"
            )
        )
    )
}

pub(super) fn count(pol: &str, row: u32, col: u32) -> u16 {
    let value = row * 10 + col;
    (if pol == "vv" { value } else { value / 2 }) as u16
}

pub(super) fn write_safe(parent: &Path, software: &str) -> PathBuf {
    let folder = parent.join(format!("{NAME}.SAFE"));
    for below in [
        "annotation/calibration",
        "annotation/rfi",
        "measurement",
        "preview",
    ] {
        std::fs::create_dir_all(folder.join(below)).unwrap();
    }
    std::fs::write(folder.join("manifest.safe"), manifest(software)).unwrap();
    std::fs::write(folder.join("preview/quick-look.png"), b"x").unwrap();
    for pol in ["vv", "vh"] {
        let stem = stem(pol);
        std::fs::write(
            folder.join(format!("annotation/{stem}.xml")),
            annotation(pol),
        )
        .unwrap();
        for (prefix, xml) in tables(pol) {
            std::fs::write(folder.join(format!("annotation/{prefix}{stem}.xml")), xml).unwrap();
        }
        let path = folder.join(format!("measurement/{stem}.tiff"));
        write_geotiff_u16_with_gcps(
            path.to_str().unwrap(),
            (COLS, ROWS),
            &[],
            Compression::None,
            |first, rows, out| {
                for row in 0..rows {
                    for col in 0..COLS {
                        out[(row * COLS + col) as usize] = count(pol, first + row, col);
                    }
                }
                Ok::<(), SceneError>(())
            },
        )
        .unwrap();
    }
    folder
}

pub(super) fn ipf(version: &str) -> String {
    format!("<safe:software name='Sentinel-1 IPF' version='{version}'/>")
}

/// A zip of stored (not packed) files, enough for a reader to be tested (PKWARE APPNOTE 4.3).
pub(super) fn zip(folder: &Path, target: &Path) {
    let mut files = Vec::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(here) = todo.pop() {
        for entry in std::fs::read_dir(&here).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else {
                files.push(path);
            }
        }
    }
    let (mut body, mut directory) = (Vec::<u8>::new(), Vec::<u8>::new());
    for path in &files {
        let name = path
            .strip_prefix(folder.parent().unwrap())
            .unwrap()
            .to_str()
            .unwrap()
            .as_bytes()
            .to_vec();
        let data = std::fs::read(path).unwrap();
        let crc = !data.iter().fold(!0_u32, |crc, &byte| {
            (0..8).fold(crc ^ u32::from(byte), |c, _| {
                if c & 1 == 1 {
                    (c >> 1) ^ 0xEDB8_8320
                } else {
                    c >> 1
                }
            })
        });
        let mut fields = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        fields.extend(crc.to_le_bytes());
        fields.extend((data.len() as u32).to_le_bytes());
        fields.extend((data.len() as u32).to_le_bytes());
        fields.extend((name.len() as u16).to_le_bytes());
        fields.extend([0, 0]);
        let offset = (body.len() as u32).to_le_bytes();
        body.extend(
            b"PK\x03\x04"
                .iter()
                .chain(&fields)
                .chain(&name)
                .chain(&data),
        );
        directory.extend(
            b"PK\x01\x02\x14\x00"
                .iter()
                .chain(&fields)
                .chain(&[0; 10])
                .chain(&offset)
                .chain(&name),
        );
    }
    let (start, size, number) = (
        body.len() as u32,
        directory.len() as u32,
        files.len() as u16,
    );
    body.extend(directory);
    body.extend(b"PK\x05\x06\0\0\0\0");
    body.extend([number.to_le_bytes(), number.to_le_bytes()].concat());
    body.extend([size.to_le_bytes(), start.to_le_bytes()].concat());
    body.extend([0, 0]);
    std::fs::write(target, body).unwrap();
}
