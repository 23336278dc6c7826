//! Calibration and noise annotation of one polarisation.

use super::annotation::{header, stamp};
use super::orbit::incidence_deg;
use super::plan::{Plan, after};
use super::sea_model::{BETA_GAIN, gamma_gain, noise_sigma0, sigma_gain};
use super::sheet::{Sheet, scientific};

/// Rows and columns at which the look-up tables have values: every 40 columns, edges included.
struct Nodes {
    rows: Vec<u32>,
    cols: Vec<u32>,
    incidence_deg: Vec<f64>,
}

impl Nodes {
    fn of(plan: &Plan) -> Self {
        let (height, width) = (plan.scene.height_px, plan.scene.width_px);
        let mut cols: Vec<u32> = (0..width).step_by(40).collect();
        if cols.last() != Some(&(width - 1)) {
            cols.push(width - 1);
        }
        let parts = (height / 650).max(2);
        let middle = f64::from(height - 1) / 2.0;
        Self {
            rows: (0..=parts).map(|i| (height - 1) * i / parts).collect(),
            incidence_deg: cols
                .iter()
                .map(|col| {
                    let (satellite, ground) = plan.sight(middle, f64::from(*col));
                    incidence_deg(satellite, ground)
                })
                .collect(),
            cols,
        }
    }

    fn text(&self, value: impl Fn(usize) -> f64) -> Vec<String> {
        (0..self.cols.len())
            .map(|i| scientific(value(i), 6))
            .collect()
    }
}

fn place(sheet: &mut Sheet, plan: &Plan, nodes: &Nodes, row: u32) {
    let time = after(plan.first_line, f64::from(row) * plan.line_interval_s);
    let cols: Vec<String> = nodes.cols.iter().map(ToString::to_string).collect();
    sheet.leaf("azimuthTime", stamp(time));
    sheet.leaf("line", row);
    sheet.values("pixel", &cols);
}

/// `calibration-….xml`.
pub(crate) fn calibration(plan: &Plan, polarisation: &str, image: u32) -> String {
    let nodes = Nodes::of(plan);
    let mut sheet = Sheet::new();
    sheet.open("calibration", &[]);
    header(&mut sheet, plan, polarisation, image);
    sheet.within("calibrationInformation", |sheet| {
        sheet.leaf("absoluteCalibrationConstant", scientific(1.0, 6));
    });
    let names = ("calibrationVectorList", "calibrationVector");
    sheet.list(names, &nodes.rows, |sheet, row| {
        place(sheet, plan, &nodes, *row);
        sheet.values(
            "sigmaNought",
            &nodes.text(|i| sigma_gain(nodes.incidence_deg[i])),
        );
        sheet.values("betaNought", &nodes.text(|_| BETA_GAIN));
        sheet.values("gamma", &nodes.text(|i| gamma_gain(nodes.incidence_deg[i])));
        sheet.values("dn", &nodes.text(|_| BETA_GAIN));
    });
    sheet.finish()
}

/// `noise-….xml`: the range vectors carry the noise, the azimuth vector is one.
pub(crate) fn noise(plan: &Plan, polarisation: &str, image: u32) -> String {
    let nodes = Nodes::of(plan);
    let (height, width) = (plan.scene.height_px, plan.scene.width_px);
    let mut sheet = Sheet::new();
    sheet.open("noise", &[]);
    header(&mut sheet, plan, polarisation, image);
    sheet.list(
        ("noiseRangeVectorList", "noiseRangeVector"),
        &nodes.rows,
        |sheet, row| {
            place(sheet, plan, &nodes, *row);
            let power = nodes.text(|i| {
                let across = f64::from(nodes.cols[i]) / f64::from(width - 1);
                noise_sigma0(across) * sigma_gain(nodes.incidence_deg[i]).powi(2)
            });
            sheet.values("noiseRangeLut", &power);
        },
    );
    sheet.list(
        ("noiseAzimuthVectorList", "noiseAzimuthVector"),
        &[()],
        |sheet, ()| {
            sheet.leaf("swath", plan.traits.beam);
            sheet.leaf("firstAzimuthLine", 0);
            sheet.leaf("firstRangeSample", 0);
            sheet.leaf("lastAzimuthLine", height - 1);
            sheet.leaf("lastRangeSample", width - 1);
            sheet.values("line", &[0, height - 1].map(|row| row.to_string()));
            sheet.values("noiseAzimuthLut", &[1.0, 1.0].map(|x| scientific(x, 6)));
        },
    );
    sheet.finish()
}
