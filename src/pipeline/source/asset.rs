//! A STAC Item → the paths of its scenes as GDAL takes them, or the reason why there is none.
//!
//! # Source
//!
//! STAC 1.1.0: Item, Asset Object, "Asset Roles" and "Media Types". Items of older versions read the same.

use crate::pipeline::plan::{Interval, SceneInput, StacEntry};
use crate::scene::RasterOptions;
use jiff::Timestamp;
use reqwest::Url;
use serde_json::Value;

const NOTHING_TO_READ: &str = "no asset is a Sentinel-1 product (.zip, .SAFE, manifest.safe), or a GeoTIFF or JPEG 2000 with the role `data`";

/// The scenes of an item that came from `base`.
pub(super) fn scenes(
    item: &Value,
    base: &Url,
    entry: &StacEntry,
) -> Result<Vec<SceneInput>, String> {
    let chosen = chosen(item, &entry.assets)?;
    let mut scenes = Vec::new();
    for asset in chosen {
        let path = path(asset.href, base)?;
        let options = if asset.is_product() {
            RasterOptions::default()
        } else {
            raster_options(item)
        };
        scenes.push(SceneInput { path, options });
    }
    Ok(scenes)
}

/// What an item tells of rasters that may not tell it themselves.
fn raster_options(item: &Value) -> RasterOptions {
    let properties = &item["properties"];
    RasterOptions {
        looks: properties["sar:looks_equivalent_number"]
            .as_f64()
            .filter(|looks| (0.5..=1000.0).contains(looks)),
        time: times(item).0,
        ..RasterOptions::default()
    }
}

/// From when to when an item is; an item of one instant has it twice.
pub(super) fn times(item: &Value) -> Interval {
    let properties = &item["properties"];
    let time = |name: &str| properties[name].as_str()?.parse::<Timestamp>().ok();
    let instant = time("datetime");
    (
        time("start_datetime").or(instant),
        time("end_datetime").or(instant),
    )
}

struct Asset<'a> {
    href: &'a str,
    media_type: &'a str,
    roles: Vec<&'a str>,
}

impl Asset<'_> {
    /// The path of its address, in lower case.
    fn name(&self) -> String {
        let path = self.href.split(['?', '#']).next().unwrap_or_default();
        path.trim_end_matches('/').to_ascii_lowercase()
    }

    fn ends(&self, end: &str) -> bool {
        self.name().ends_with(end)
    }

    fn is_product(&self) -> bool {
        [".zip", ".safe"].iter().any(|end| self.ends(end))
    }

    /// Pictures for people, and papers.
    fn is_aside(&self) -> bool {
        let aside = ["thumbnail", "overview", "metadata", "visual"];
        !self.has_role("data") && self.roles.iter().any(|role| aside.contains(role))
    }

    fn has_role(&self, role: &str) -> bool {
        self.roles.contains(&role)
    }

    fn is_raster(&self) -> bool {
        let by_type = ["image/tiff", "image/jp2", "image/vnd.stac.geotiff"];
        let by_end = [".tif", ".tiff", ".jp2"];
        by_type
            .iter()
            .any(|start| self.media_type.starts_with(start))
            || self.media_type.is_empty() && by_end.iter().any(|end| self.ends(end))
    }
}

fn chosen<'a>(item: &'a Value, wanted: &[String]) -> Result<Vec<Asset<'a>>, String> {
    let mut assets: Vec<(&str, Asset<'_>)> = item["assets"]
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(key, asset)| Some((key.as_str(), read(asset)?)))
        .collect();
    assets.sort_by_key(|(key, _)| *key);
    if !wanted.is_empty() {
        assets.retain(|(key, _)| wanted.iter().any(|name| name == key));
        if assets.is_empty() {
            return Err(format!("no asset `{}`", wanted.join("` or `")));
        }
        return Ok(assets.into_iter().map(|(_, asset)| asset).collect());
    }
    let mut assets: Vec<Asset<'_>> = assets.into_iter().map(|(_, asset)| asset).collect();
    // One product is one scene, however often it is offered.
    for end in [".zip", ".safe"] {
        let is_product =
            |asset: &Asset<'_>| asset.ends(end) && (end == ".safe" || !asset.is_aside());
        if let Some(at) = assets.iter().position(is_product) {
            return Ok(vec![assets.swap_remove(at)]);
        }
    }
    assets.retain(|asset| asset.is_raster() && (asset.has_role("data") || asset.roles.is_empty()));
    if assets.is_empty() {
        return Err(NOTHING_TO_READ.to_owned());
    }
    Ok(assets)
}

fn read(asset: &Value) -> Option<Asset<'_>> {
    let roles = asset["roles"].as_array().into_iter().flatten();
    Some(Asset {
        href: asset["href"].as_str()?,
        media_type: asset["type"].as_str().unwrap_or_default(),
        roles: roles.filter_map(Value::as_str).collect(),
    })
}

/// An asset's address as GDAL takes it.
fn path(href: &str, base: &Url) -> Result<String, String> {
    let url = base
        .join(href)
        .map_err(|error| format!("an asset's address is none ({error})"))?;
    match url.scheme() {
        "http" | "https" => Ok(format!("/vsicurl/{url}")),
        "s3" | "gs" => {
            let bucket = url.host_str().unwrap_or_default();
            let system = if url.scheme() == "s3" {
                "vsis3"
            } else {
                "vsigs"
            };
            Ok(format!("/{system}/{bucket}{}", url.path()))
        }
        // What is on the network must not name files of this machine.
        "file" if base.scheme() == "file" => url
            .to_file_path()
            .map(|path| path.to_string_lossy().into_owned())
            .map_err(|()| "an asset's file has no path".to_owned()),
        "file" => Err("an asset on the network names a file of this machine".to_owned()),
        other => Err(format!(
            "assets at {other}:// are not read; expected http, https, s3, gs or a file"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry(assets: &[&str]) -> StacEntry {
        serde_json::from_value(json!({"stac": "x", "assets": assets})).expect("an entry")
    }

    fn found(assets: &Value, wanted: &[&str], base: &str) -> Result<Vec<String>, String> {
        let item = json!({"properties": {"datetime": "2024-05-01T10:00:00Z"}, "assets": assets});
        let base = Url::parse(base).expect("an address");
        let scenes = scenes(&item, &base, &entry(wanted))?;
        Ok(scenes.into_iter().map(|scene| scene.path).collect())
    }

    const WEB: &str = "https://stac.example.org/a/items/1";

    #[test]
    fn a_product_is_chosen_before_its_parts_and_rasters_by_role_and_media_type() {
        let product = json!({
            "vv": {"href": "m/vv.tiff", "roles": ["data"], "type": "image/tiff; application=geotiff"},
            "safe": {"href": "P.SAFE/manifest.safe", "roles": ["metadata"]},
            "thumb": {"href": "t.png", "roles": ["thumbnail"], "type": "image/png"},
        });
        assert_eq!(
            found(&product, &[], WEB).expect("a scene"),
            ["/vsicurl/https://stac.example.org/a/items/P.SAFE/manifest.safe"]
        );
        assert_eq!(
            found(&product, &["vv"], WEB).expect("a scene"),
            ["/vsicurl/https://stac.example.org/a/items/m/vv.tiff"]
        );
        let rasters = json!({
            "vv": {"href": "s3://b/k/vv.tif", "roles": ["data"], "type": "image/tiff; application=geotiff; profile=cloud-optimized"},
            "vh": {"href": "gs://b/vh.tif"},
            "look": {"href": "q.tif", "roles": ["overview"], "type": "image/tiff"},
            "archive": {"href": "papers.zip", "roles": ["metadata"]},
        });
        assert_eq!(
            found(&rasters, &[], WEB).expect("scenes"),
            ["/vsigs/b/vh.tif", "/vsis3/b/k/vv.tif"]
        );
    }

    #[test]
    fn what_cannot_be_read_has_a_reason_and_the_network_names_no_file_of_this_machine() {
        let reason = |assets: &Value, base: &str| found(assets, &[], base).expect_err("a reason");
        let picture = json!({"t": {"href": "t.png", "type": "image/png", "roles": ["data"]}});
        assert_eq!(reason(&picture, WEB), NOTHING_TO_READ);
        let azure = json!({"p": {"href": "abfs://c/p.zip"}});
        assert!(reason(&azure, WEB).contains("abfs://"));
        let local = json!({"p": {"href": "file:///etc/p.zip"}});
        assert!(reason(&local, WEB).contains("names a file"));
        assert_eq!(
            found(&local, &[], "file:///data/item.json").expect("a scene"),
            ["/etc/p.zip"]
        );
        assert_eq!(
            found(
                &json!({"p": {"href": "../P.SAFE"}}),
                &[],
                "file:///data/items/i.json"
            )
            .expect("a scene"),
            ["/data/P.SAFE"]
        );
        assert_eq!(
            found(&json!({}), &["vv"], WEB).expect_err("a reason"),
            "no asset `vv`"
        );
    }
}
