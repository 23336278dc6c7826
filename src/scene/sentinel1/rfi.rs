//! The report on radio-frequency interference of one polarisation, as recent processors ship it.

use super::annotation::polarisation;
use crate::scene::SceneError;
use crate::scene::xml::Document;

/// Reads an RFI annotation into a remark for the operator; `None` if no interference was found.
///
/// # Errors
///
/// If it is not XML or lacks its header.
pub(super) fn remark(path: &str, bytes: &[u8]) -> Result<Option<String>, SceneError> {
    let document = Document::parse(path, bytes)?;
    let root = document.root();
    let polarisation = polarisation(root.get("adsHeader")?)?;
    let reports = root.all("rfiDetectionFromNoiseReportList/rfiDetectionFromNoiseReport");
    let found: Vec<&str> = reports
        .iter()
        .filter(|report| {
            report
                .find("rfiDetected")
                .is_some_and(|flag| flag.text() == "true")
        })
        .filter_map(|report| report.find("swath"))
        .map(|swath| swath.text())
        .collect();
    if found.is_empty() {
        return Ok(None);
    }
    let mut swaths = found.clone();
    swaths.sort_unstable();
    swaths.dedup();
    let mitigation = root
        .find("rfiMitigationApplied")
        .map_or("not stated", |node| node.text());
    Ok(Some(format!(
        "{polarisation}: radio-frequency interference was detected in {} of {} noise reports ({}); mitigation applied: {mitigation}.",
        found.len(),
        reports.len(),
        swaths.join(", ")
    )))
}
