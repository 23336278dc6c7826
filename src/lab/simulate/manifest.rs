//! `manifest.safe`: what the product is and which files it has, with their sizes and MD5 checksums.

use super::annotation::{TiePoint, node_time, stamp};
use super::plan::Plan;
use super::sheet::{Sheet, scientific};
use super::stage::BandFiles;
use crate::lab::{LabError, at_file};
use crate::model::id::hex;
use crate::model::scene::Pass;
use md5::{Digest, Md5};
use std::io::Read;
use std::path::Path;

/// Facility and software that simulated products name.
pub(crate) const MAKER: &str = "tidewatch simulate";

/// Size in bytes and MD5 of a file.
pub(crate) fn checksum(path: &Path) -> Result<(u64, String), LabError> {
    let mut file = std::fs::File::open(path).map_err(at_file(path))?;
    let mut hash = Md5::new();
    let mut buffer = vec![0; 1 << 20];
    let mut size = 0;
    loop {
        let read = file.read(&mut buffer).map_err(at_file(path))?;
        if read == 0 {
            return Ok((size, hex(&hash.finalize())));
        }
        size += read as u64;
        hash.update(&buffer[..read]);
    }
}

/// Ids of the four objects of a band, in the form of real products: the file's name without punctuation.
fn object_id(prefix: &str, file: &Path) -> String {
    let stem = file
        .file_stem()
        .map(|s| s.to_string_lossy())
        .unwrap_or_default();
    let stem = stem
        .trim_start_matches("calibration-")
        .trim_start_matches("noise-");
    format!("{prefix}{}", stem.replace('-', ""))
}

/// One file of the product.
struct Object<'a> {
    id: String,
    schema: &'static str,
    path: &'a Path,
    mime: &'static str,
}

fn objects(files: &[BandFiles]) -> Vec<Object<'_>> {
    let xml = |prefix, schema, path| Object {
        id: object_id(prefix, path),
        schema,
        path,
        mime: "text/xml",
    };
    let mut all = Vec::new();
    for band in files {
        all.push(xml("product", "s1Level1ProductSchema", &band.annotation));
        all.push(xml("noise", "s1Level1NoiseSchema", &band.noise));
        all.push(xml(
            "calibration",
            "s1Level1CalibrationSchema",
            &band.calibration,
        ));
    }
    for band in files {
        all.push(Object {
            id: object_id("", &band.measurement),
            schema: "s1Level1MeasurementSchema",
            path: &band.measurement,
            mime: "application/octet-stream",
        });
    }
    all
}

/// Writes the manifest of a made product, after all its files.
pub(crate) fn write(
    plan: &Plan,
    points: &[TiePoint],
    folder: &Path,
    files: &[BandFiles],
) -> Result<(), LabError> {
    let objects = objects(files);
    let mut sums = Vec::new();
    for object in &objects {
        sums.push(checksum(&folder.join(object.path))?);
    }
    let text = manifest(plan, points, &objects, &sums);
    let path = folder.join("manifest.safe");
    std::fs::write(&path, text).map_err(at_file(&path))
}

fn manifest(
    plan: &Plan,
    points: &[TiePoint],
    objects: &[Object<'_>],
    sums: &[(u64, String)],
) -> String {
    let mut sheet = Sheet::new();
    let version = format!(
        "esa/safe/sentinel-1.0/sentinel-1/sar/level-1/grd/standard/{}dp",
        plan.traits.mode.to_lowercase()
    );
    sheet.open(
        "xfdu:XFDU",
        &[
            ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
            ("xmlns:gml", "http://www.opengis.net/gml"),
            ("xmlns:xfdu", "urn:ccsds:schema:xfdu:1"),
            ("xmlns:safe", "http://www.esa.int/safe/sentinel-1.0"),
            (
                "xmlns:s1",
                "http://www.esa.int/safe/sentinel-1.0/sentinel-1",
            ),
            (
                "xmlns:s1sar",
                "http://www.esa.int/safe/sentinel-1.0/sentinel-1/sar",
            ),
            (
                "xmlns:s1sarl1",
                "http://www.esa.int/safe/sentinel-1.0/sentinel-1/sar/level-1",
            ),
            (
                "xmlns:s1sarl2",
                "http://www.esa.int/safe/sentinel-1.0/sentinel-1/sar/level-2",
            ),
            ("xmlns:gx", "http://www.google.com/kml/ext/2.2"),
            ("version", &version),
        ],
    );
    sheet.within("informationPackageMap", |sheet| {
        package_map(sheet, plan, objects);
    });
    sheet.within("metadataSection", |sheet| {
        for object in objects.iter().filter(|object| object.mime == "text/xml") {
            let id = format!("{}Annotation", object.id);
            let attributes = [
                ("ID", id.as_str()),
                ("classification", "DESCRIPTION"),
                ("category", "DMD"),
            ];
            sheet.open("metadataObject", &attributes);
            pointer(sheet, &object.id);
            sheet.close();
        }
        metadata(sheet, plan, points);
    });
    sheet.within("dataObjectSection", |sheet| {
        for (object, (size, md5)) in objects.iter().zip(sums) {
            sheet.open(
                "dataObject",
                &[("ID", &object.id), ("repID", object.schema)],
            );
            sheet.open(
                "byteStream",
                &[("mimeType", object.mime), ("size", &size.to_string())],
            );
            let href = format!("./{}", object.path.display());
            sheet.leaf_with(
                "fileLocation",
                &[("locatorType", "URL"), ("href", &href)],
                "",
            );
            sheet.leaf_with("checksum", &[("checksumName", "MD5")], md5);
            sheet.close();
            sheet.close();
        }
    });
    sheet.finish()
}

fn pointer(sheet: &mut Sheet, id: &str) {
    sheet.leaf_with("dataObjectPointer", &[("dataObjectID", id)], "");
}

fn package_map(sheet: &mut Sheet, plan: &Plan, objects: &[Object<'_>]) {
    let title = format!("Sentinel-1 {} Level-1 GRD Product", plan.traits.mode);
    sheet.open(
        "xfdu:contentUnit",
        &[
            ("unitType", "SAFE Archive Information Package"),
            ("textInfo", &title),
            ("dmdID", "acquisitionPeriod platform generalProductInformation measurementOrbitReference measurementFrameSet"),
            ("pdiID", "processing"),
        ],
    );
    for object in objects {
        let measured = object.schema == "s1Level1MeasurementSchema";
        let described: Vec<String> = ["product", "noise", "calibration"]
            .iter()
            .map(|prefix| format!("{prefix}{}Annotation", object.id))
            .collect();
        let described = described.join(" ");
        let mut attributes = vec![
            (
                "unitType",
                if measured {
                    "Measurement Data Unit"
                } else {
                    "Metadata Unit"
                },
            ),
            ("repID", object.schema),
        ];
        if measured {
            attributes.push(("dmdID", &described));
        }
        sheet.open("xfdu:contentUnit", &attributes);
        pointer(sheet, &object.id);
        sheet.close();
    }
    sheet.close();
}

/// A metadata object around SAFE elements.
fn wrapped(sheet: &mut Sheet, (id, info): (&str, &str), body: impl FnOnce(&mut Sheet)) {
    let class = if id == "processing" {
        ("PROVENANCE", "PDI")
    } else {
        ("DESCRIPTION", "DMD")
    };
    sheet.open(
        "metadataObject",
        &[
            ("ID", id),
            ("classification", class.0),
            ("category", class.1),
        ],
    );
    sheet.open(
        "metadataWrap",
        &[
            ("mimeType", "text/xml"),
            ("vocabularyName", "SAFE"),
            ("textInfo", info),
        ],
    );
    sheet.within("xmlData", body);
    sheet.close();
    sheet.close();
}

fn metadata(sheet: &mut Sheet, plan: &Plan, points: &[TiePoint]) {
    wrapped(sheet, ("processing", "Processing"), |sheet| {
        let (start, stop) = (stamp(plan.first_line), stamp(plan.last_line));
        sheet.open(
            "safe:processing",
            &[("name", "Simulation"), ("start", &start), ("stop", &stop)],
        );
        sheet.open(
            "safe:facility",
            &[
                ("country", "none"),
                ("name", MAKER),
                ("organisation", "tidewatch"),
                ("site", "none"),
            ],
        );
        sheet.leaf_with(
            "safe:software",
            &[("name", MAKER), ("version", env!("CARGO_PKG_VERSION"))],
            "",
        );
        sheet.close();
        sheet.close();
    });
    wrapped(sheet, ("platform", "Platform Description"), |sheet| {
        sheet.within("safe:platform", |sheet| {
            sheet.leaf("safe:nssdcIdentifier", "2014-016A");
            sheet.leaf("safe:familyName", "SENTINEL-1");
            sheet.leaf("safe:number", "A");
            sheet.within("safe:instrument", |sheet| {
                let name = "Synthetic Aperture Radar";
                sheet.leaf_with("safe:familyName", &[("abbreviation", "SAR")], name);
                sheet.within("safe:extension", |sheet| {
                    sheet.within("s1sarl1:instrumentMode", |sheet| {
                        sheet.leaf("s1sarl1:mode", plan.traits.mode);
                        sheet.leaf("s1sarl1:swath", plan.traits.swath);
                    });
                });
            });
        });
    });
    wrapped(
        sheet,
        ("measurementOrbitReference", "Orbit Reference"),
        |sheet| orbit(sheet, plan),
    );
    wrapped(
        sheet,
        ("generalProductInformation", "General Product Information"),
        |sheet| {
            sheet.within("s1sarl1:standAloneProductInformation", |sheet| {
                sheet.leaf("s1sarl1:instrumentConfigurationID", 7);
                sheet.leaf("s1sarl1:missionDataTakeID", plan.data_take);
                sheet.leaf("s1sarl1:transmitterReceiverPolarisation", "VV");
                sheet.leaf("s1sarl1:transmitterReceiverPolarisation", "VH");
                sheet.leaf("s1sarl1:productClass", "S");
                sheet.leaf("s1sarl1:productClassDescription", "SAR Standard L1 Product");
                sheet.leaf("s1sarl1:productComposition", "Individual");
                sheet.leaf("s1sarl1:productType", "GRD");
                sheet.leaf("s1sarl1:productTimelinessCategory", "Fast-24h");
                sheet.leaf("s1sarl1:sliceProductFlag", false);
            });
        },
    );
    wrapped(
        sheet,
        ("acquisitionPeriod", "Acquisition Period"),
        |sheet| {
            sheet.within("safe:acquisitionPeriod", |sheet| {
                sheet.leaf("safe:startTime", stamp(plan.first_line));
                sheet.leaf("safe:stopTime", stamp(plan.last_line));
                sheet.within("safe:extension", |sheet| {
                    sheet.within("s1:timeANX", |sheet| {
                        let after_node = plan.orbit.seconds_from_node();
                        let millis = |time| scientific((after_node + plan.seconds(time)) * 1e3, 6);
                        sheet.leaf("s1:startTimeANX", millis(plan.first_line));
                        sheet.leaf("s1:stopTimeANX", millis(plan.last_line));
                    });
                });
            });
        },
    );
    wrapped(sheet, ("measurementFrameSet", "Frame Set"), |sheet| {
        frame(sheet, plan, points);
    });
}

fn orbit(sheet: &mut Sheet, plan: &Plan) {
    sheet.within("safe:orbitReference", |sheet| {
        // Sentinel-1A repeats after 175 orbits; its track numbers run 73 behind.
        let track = (plan.absolute_orbit - 73).rem_euclid(175) + 1;
        for (name, number) in [
            ("orbitNumber", plan.absolute_orbit),
            ("relativeOrbitNumber", track),
        ] {
            for end in ["start", "stop"] {
                sheet.leaf_with(&format!("safe:{name}"), &[("type", end)], number);
            }
        }
        sheet.leaf("safe:cycleNumber", plan.absolute_orbit / 175);
        sheet.leaf("safe:phaseIdentifier", 1);
        sheet.within("safe:extension", |sheet| {
            sheet.within("s1:orbitProperties", |sheet| {
                let pass = match plan.scene.pass {
                    Pass::Ascending => "ASCENDING",
                    Pass::Descending => "DESCENDING",
                };
                sheet.leaf("s1:pass", pass);
                sheet.leaf("s1:ascendingNodeTime", stamp(node_time(plan)));
            });
        });
    });
}

fn frame(sheet: &mut Sheet, plan: &Plan, points: &[TiePoint]) {
    let (rows, cols) = (plan.scene.height_px - 1, plan.scene.width_px - 1);
    let corner = |row, col| {
        points
            .iter()
            .find(|point| point.row == row && point.col == col)
            .map(|point| format!("{:.6},{:.6}", point.lat_deg, point.lon_deg))
    };
    // The order of real products: last row near and far, first row far and near.
    let corners: Vec<String> = [(rows, 0), (rows, cols), (0, cols), (0, 0)]
        .into_iter()
        .filter_map(|(row, col)| corner(row, col))
        .collect();
    sheet.within("safe:frameSet", |sheet| {
        sheet.within("safe:frame", |sheet| {
            let srs = "http://www.opengis.net/gml/srs/epsg.xml#4326";
            sheet.open("safe:footPrint", &[("srsName", srs)]);
            sheet.leaf("gml:coordinates", corners.join(" "));
            sheet.close();
        });
    });
}
