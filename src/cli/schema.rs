//! `tidewatch schema`: the JSON Schema of the pipeline file.

use super::{DONE, print};
use anyhow::Result;
use clap::Args;

/// Print the JSON Schema of the pipeline file
///
/// Every key with its meaning, its default, and what moving it does. Editors with a YAML language server complete and
/// check pipeline files by it.
#[derive(Args)]
#[command(after_help = "Example:\n  tidewatch schema > pipelines/pipeline.schema.json")]
pub(super) struct SchemaArgs {}

pub(super) fn run(_: &SchemaArgs) -> Result<u8> {
    print::data(crate::pipeline::schema_text()?.as_bytes())?;
    Ok(DONE)
}
