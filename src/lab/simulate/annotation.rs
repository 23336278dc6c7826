//! The product annotation of one polarisation, element by element as readers of real products expect it.

use super::orbit::{CircularOrbit, elevation_deg, incidence_deg, length, minus, to_place};
use super::plan::{Plan, after};
use super::sheet::{Sheet, scientific};
use crate::model::scene::Pass;
use jiff::Timestamp;

/// Speed of light, metres a second.
const LIGHT_MPS: f64 = 299_792_458.0;
/// Radar carrier frequency of Sentinel-1, hertz.
const CARRIER_HZ: f64 = 5.405_000_454_334_35e9;

/// Time as the sheets write it: UTC without a zone, six decimals.
pub(crate) fn stamp(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.6f").to_string()
}

fn double(value: f64) -> String {
    scientific(value, 15)
}

/// One tie point between image and ground.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TiePoint {
    pub(crate) row: u32,
    pub(crate) col: u32,
    pub(crate) lon_deg: f64,
    pub(crate) lat_deg: f64,
    pub(crate) slant_range_m: f64,
    pub(crate) incidence_deg: f64,
    pub(crate) elevation_deg: f64,
}

/// Tie points, row-major: 6 or more rows of 11 or more, edges included.
pub(crate) fn tie_points(plan: &Plan) -> Vec<TiePoint> {
    let (rows, cols) = (plan.scene.height_px, plan.scene.width_px);
    let spread = |count: u32, parts: u32| -> Vec<u32> {
        (0..=parts).map(|i| (count - 1) * i / parts).collect()
    };
    let mut points = Vec::new();
    for row in spread(rows, (rows / 2000).max(5)) {
        for col in spread(cols, (cols / 1300).max(10)) {
            let (satellite, ground) = plan.sight(f64::from(row), f64::from(col));
            let place = to_place(ground);
            points.push(TiePoint {
                row,
                col,
                lon_deg: place.lon_deg,
                lat_deg: place.lat_deg,
                slant_range_m: length(minus(ground, satellite)),
                incidence_deg: incidence_deg(satellite, ground),
                elevation_deg: elevation_deg(satellite, ground),
            });
        }
    }
    points
}

/// The header that annotation, calibration and noise share.
pub(crate) fn header(sheet: &mut Sheet, plan: &Plan, polarisation: &str, image: u32) {
    sheet.within("adsHeader", |sheet| {
        sheet.leaf("missionId", "S1A");
        sheet.leaf("productType", "GRD");
        sheet.leaf("polarisation", polarisation);
        sheet.leaf("mode", plan.traits.mode);
        sheet.leaf("swath", plan.traits.swath);
        sheet.leaf("startTime", stamp(plan.first_line));
        sheet.leaf("stopTime", stamp(plan.last_line));
        sheet.leaf("absoluteOrbitNumber", plan.absolute_orbit);
        sheet.leaf("missionDataTakeId", plan.data_take);
        sheet.leaf("imageNumber", format!("{image:03}"));
    });
}

/// The whole annotation of one polarisation.
pub(crate) fn annotation(
    plan: &Plan,
    points: &[TiePoint],
    polarisation: &str,
    image: u32,
) -> String {
    let mut sheet = Sheet::new();
    sheet.open("product", &[]);
    header(&mut sheet, plan, polarisation, image);
    sheet.within("generalAnnotation", |sheet| general(sheet, plan));
    sheet.within("imageAnnotation", |sheet| {
        sheet.within("imageInformation", |sheet| image_information(sheet, plan));
        sheet.within("processingInformation", |sheet| processing(sheet, plan));
    });
    doppler(&mut sheet, plan);
    sheet.within("antennaPattern", |sheet| {
        sheet.list::<u8>(("antennaPatternList", "antennaPattern"), &[], |_, _| {});
    });
    sheet.within("swathTiming", |sheet| {
        sheet.leaf("linesPerBurst", 0);
        sheet.leaf("samplesPerBurst", 0);
        sheet.list::<u8>(("burstList", "burst"), &[], |_, _| {});
    });
    sheet.within("geolocationGrid", |sheet| grid(sheet, plan, points));
    sheet.within("coordinateConversion", |sheet| conversions(sheet, plan));
    sheet.within("swathMerging", |sheet| swath_merging(sheet, plan));
    sheet.finish()
}

fn general(sheet: &mut Sheet, plan: &Plan) {
    sheet.within("productInformation", |sheet| {
        sheet.leaf(
            "pass",
            match plan.scene.pass {
                Pass::Ascending => "Ascending",
                Pass::Descending => "Descending",
            },
        );
        sheet.leaf("timelinessCategory", "Fast-24h");
        sheet.leaf("platformHeading", double(platform_heading_deg(&plan.orbit)));
        sheet.leaf("projection", "Ground Range");
        sheet.leaf("rangeSamplingRate", double(6.434_523_812_571_428e7));
        sheet.leaf("radarFrequency", double(CARRIER_HZ));
        sheet.leaf("azimuthSteeringRate", double(1.590_368_784));
    });
    sheet.list(
        ("downlinkInformationList", "downlinkInformation"),
        &[()],
        |sheet, ()| {
            sheet.leaf("swath", plan.traits.beam);
            sheet.leaf("azimuthTime", stamp(plan.first_line));
            sheet.leaf("firstLineSensingTime", stamp(plan.first_line));
            sheet.leaf("lastLineSensingTime", stamp(plan.last_line));
            sheet.leaf("prf", double(plan.traits.prf_hz));
        },
    );
    let lasts = plan.seconds(plan.last_line) - plan.seconds(plan.first_line);
    let times: Vec<Timestamp> = (0..=(16 + (lasts / 10.0) as i32))
        .map(|step| after(plan.first_line, f64::from(step) * 10.0 - 75.0))
        .collect();
    let triple = |sheet: &mut Sheet, name: &str, v: [f64; 3]| {
        sheet.within(name, |sheet| {
            for (axis, value) in ["x", "y", "z"].iter().zip(v) {
                sheet.leaf(axis, double(value));
            }
        });
    };
    sheet.list(("orbitList", "orbit"), &times, |sheet, time| {
        let (position, velocity) = plan.orbit.state(plan.seconds(*time));
        sheet.leaf("time", stamp(*time));
        sheet.leaf("frame", "Earth Fixed");
        triple(sheet, "position", position);
        triple(sheet, "velocity", velocity);
    });
    sheet.list(
        ("attitudeList", "attitude"),
        &[plan.first_line, plan.last_line],
        |sheet, time| {
            sheet.leaf("time", stamp(*time));
            sheet.leaf("frame", "GM2000");
            for (name, value) in [
                ("q0", 1.0),
                ("q1", 0.0),
                ("q2", 0.0),
                ("q3", 0.0),
                ("wx", 0.0),
                ("wy", 0.0),
                ("wz", 0.0),
                ("roll", 0.0),
                ("pitch", 0.0),
                ("yaw", 0.0),
            ] {
                sheet.leaf(name, double(value));
            }
        },
    );
    sheet.list(
        ("terrainHeightList", "terrainHeight"),
        &[plan.first_line],
        |sheet, time| {
            sheet.leaf("azimuthTime", stamp(*time));
            sheet.leaf("value", double(0.0));
        },
    );
    sheet.list(
        ("azimuthFmRateList", "azimuthFmRate"),
        &[plan.first_line],
        |sheet, time| {
            sheet.leaf("azimuthTime", stamp(*time));
            sheet.leaf("t0", double(2.0 * plan.near_range_m / LIGHT_MPS));
            sheet.values(
                "azimuthFmRatePolynomial",
                &[-2.34e3, 4.47e5, -7.73e7].map(double),
            );
        },
    );
}

/// Direction of flight of the point under the satellite, degrees, −180 ..= 180, as the element has it.
fn platform_heading_deg(orbit: &CircularOrbit) -> f64 {
    let below = |seconds| to_place(orbit.state(seconds).0);
    let (_, bearing) = below(-0.5).inverse(below(0.5));
    if bearing > 180.0 {
        bearing - 360.0
    } else {
        bearing
    }
}

fn image_information(sheet: &mut Sheet, plan: &Plan) {
    let traits = &plan.traits;
    let (satellite, ground) = plan.sight(
        f64::from(plan.scene.height_px - 1) / 2.0,
        f64::from(plan.scene.width_px - 1) / 2.0,
    );
    sheet.leaf("productFirstLineUtcTime", stamp(plan.first_line));
    sheet.leaf("productLastLineUtcTime", stamp(plan.last_line));
    sheet.leaf("ascendingNodeTime", stamp(node_time(plan)));
    sheet.leaf("anchorTime", stamp(plan.first_line));
    sheet.leaf("productComposition", "Individual");
    sheet.leaf("sliceNumber", 0);
    sheet.list::<u8>(("sliceList", "slice"), &[], |_, _| {});
    sheet.leaf(
        "slantRangeTime",
        double(2.0 * plan.near_range_m / LIGHT_MPS),
    );
    sheet.leaf("pixelValue", "Detected");
    sheet.leaf("outputPixels", "16 bit Unsigned Integer");
    sheet.leaf("rangePixelSpacing", scientific(traits.spacing_m, 6));
    sheet.leaf("azimuthPixelSpacing", scientific(traits.spacing_m, 6));
    sheet.leaf("azimuthTimeInterval", double(plan.line_interval_s));
    sheet.leaf("azimuthFrequency", double(486.486_310_299_552_9));
    sheet.leaf("numberOfSamples", plan.scene.width_px);
    sheet.leaf("numberOfLines", plan.scene.height_px);
    sheet.leaf("zeroDopMinusAcqTime", double(0.0));
    sheet.leaf(
        "incidenceAngleMidSwath",
        double(incidence_deg(satellite, ground)),
    );
}

/// Time of the ascending node before the scene.
pub(crate) fn node_time(plan: &Plan) -> Timestamp {
    after(plan.epoch, -plan.orbit.seconds_from_node())
}

fn processing(sheet: &mut Sheet, plan: &Plan) {
    sheet.leaf("srgrConversionApplied", true);
    sheet.leaf("detectionPerformed", true);
    sheet.leaf("thermalNoiseCorrectionPerformed", false);
    sheet.list(
        ("swathProcParamsList", "swathProcParams"),
        &[()],
        |sheet, ()| {
            sheet.leaf("swath", plan.traits.beam);
            let looks = [
                ("rangeProcessing", plan.traits.range_looks),
                ("azimuthProcessing", plan.traits.azimuth_looks),
            ];
            for (name, count) in looks {
                sheet.within(name, |sheet| {
                    sheet.leaf("windowType", "Hamming");
                    sheet.leaf("windowCoefficient", double(0.75));
                    sheet.leaf("numberOfLooks", count);
                });
            }
        },
    );
    sheet.leaf("referenceRange", double(800_000.0));
    sheet.leaf("ellipsoidName", "WGS84");
    sheet.leaf("ellipsoidSemiMajorAxis", double(super::orbit::SEMI_MAJOR_M));
    sheet.leaf("ellipsoidSemiMinorAxis", double(super::orbit::SEMI_MINOR_M));
    sheet.leaf("bistaticDelayCorrectionApplied", true);
}

fn doppler(sheet: &mut Sheet, plan: &Plan) {
    let near = 2.0 * plan.near_range_m / LIGHT_MPS;
    sheet.open("dopplerCentroid", &[]);
    sheet.list(
        ("dcEstimateList", "dcEstimate"),
        &[plan.first_line],
        |sheet, time| {
            sheet.leaf("azimuthTime", stamp(*time));
            sheet.leaf("t0", double(near));
            sheet.values(
                "geometryDcPolynomial",
                &[0.0, 0.0, 0.0].map(|x| scientific(x, 6)),
            );
            sheet.values(
                "dataDcPolynomial",
                &[0.0, 0.0, 0.0].map(|x| scientific(x, 6)),
            );
            sheet.leaf("dataDcRmsError", double(0.0));
            sheet.leaf("dataDcRmsErrorAboveThreshold", false);
            sheet.leaf("fineDceAzimuthStartTime", stamp(plan.first_line));
            sheet.leaf("fineDceAzimuthStopTime", stamp(plan.last_line));
            sheet.list(("fineDceList", "fineDce"), &[near], |sheet, near| {
                sheet.leaf("slantRangeTime", double(*near));
                sheet.leaf("frequency", double(0.0));
            });
        },
    );
    sheet.close();
}

fn grid(sheet: &mut Sheet, plan: &Plan, points: &[TiePoint]) {
    sheet.list(
        ("geolocationGridPointList", "geolocationGridPoint"),
        points,
        |sheet, point| {
            let time = after(plan.first_line, f64::from(point.row) * plan.line_interval_s);
            sheet.leaf("azimuthTime", stamp(time));
            sheet.leaf(
                "slantRangeTime",
                double(2.0 * point.slant_range_m / LIGHT_MPS),
            );
            sheet.leaf("line", point.row);
            sheet.leaf("pixel", point.col);
            sheet.leaf("latitude", double(point.lat_deg));
            sheet.leaf("longitude", double(point.lon_deg));
            sheet.leaf("height", double(0.0));
            sheet.leaf("incidenceAngle", double(point.incidence_deg));
            sheet.leaf("elevationAngle", double(point.elevation_deg));
        },
    );
}

fn conversions(sheet: &mut Sheet, plan: &Plan) {
    let polynomials = plan.range_polynomials();
    let names = ("coordinateConversionList", "coordinateConversion");
    sheet.list(names, &polynomials, |sheet, at| {
        let doubles =
            |values: &[f64]| -> Vec<String> { values.iter().map(|x| double(*x)).collect() };
        sheet.leaf("azimuthTime", stamp(at.time));
        sheet.leaf(
            "slantRangeTime",
            double(2.0 * plan.near_range_m / LIGHT_MPS),
        );
        sheet.leaf("sr0", double(plan.near_range_m));
        sheet.values("srgrCoefficients", &doubles(&at.ground));
        sheet.leaf("gr0", double(0.0));
        sheet.values("grsrCoefficients", &doubles(&at.slant));
    });
}

fn swath_merging(sheet: &mut Sheet, plan: &Plan) {
    sheet.list(("swathMergeList", "swathMerge"), &[()], |sheet, ()| {
        sheet.leaf("swath", plan.traits.beam);
        sheet.list(("swathBoundsList", "swathBounds"), &[()], |sheet, ()| {
            sheet.leaf("azimuthTime", stamp(plan.first_line));
            sheet.leaf("firstAzimuthLine", 0);
            sheet.leaf("firstRangeSample", 0);
            sheet.leaf("lastAzimuthLine", plan.scene.height_px - 1);
            sheet.leaf("lastRangeSample", plan.scene.width_px - 1);
        });
    });
}
