//! Where a scene's product can be read by others, too: a path as GDAL takes it in, an address and its media type out.

/// Address and media type, for a product on a server. `None` for files of this machine, and for addresses that may hold a
/// password or a key.
pub(super) fn product_link(path: &str) -> Option<(String, Option<&'static str>)> {
    // A product in a zip is offered as the zip.
    let whole = match path.strip_prefix("/vsizip/") {
        Some(inside) => {
            let end = inside.to_ascii_lowercase().find(".zip")? + 4;
            inside.get(..end)?
        }
        None => path,
    };
    let mut address = if let Some(url) = whole.strip_prefix("/vsicurl/") {
        url.to_owned()
    } else if let Some(key) = whole.strip_prefix("/vsis3/") {
        format!("s3://{key}")
    } else if let Some(key) = whole.strip_prefix("/vsigs/") {
        format!("gs://{key}")
    } else {
        return None;
    };
    if address.contains(['?', '#', '@']) || !address.contains("://") {
        return None;
    }
    let lower = address.to_ascii_lowercase();
    let media_type = if lower.ends_with(".safe") {
        address.push_str("/manifest.safe");
        Some("application/xml")
    } else if lower.ends_with(".zip") {
        Some("application/zip")
    } else if lower.ends_with(".tif") || lower.ends_with(".tiff") {
        Some("image/tiff; application=geotiff")
    } else {
        None
    };
    Some((address, media_type))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_on_servers_have_addresses_and_files_and_secrets_have_none() {
        for (path, address) in [
            (
                "/vsicurl/https://x/P.SAFE",
                "https://x/P.SAFE/manifest.safe",
            ),
            ("/vsizip//vsicurl/https://x/p.zip/P.SAFE", "https://x/p.zip"),
            ("/vsizip//vsis3/b/k/p.ZIP/P.SAFE", "s3://b/k/p.ZIP"),
            ("/vsis3/b/vv.tif", "s3://b/vv.tif"),
            ("/vsigs/b/vv.jp2", "gs://b/vv.jp2"),
        ] {
            let (found, _) = product_link(path).expect(path);
            assert_eq!(found, address);
        }
        for path in [
            "/data/P.SAFE",
            "/vsizip//data/p.zip/P.SAFE",
            "/vsicurl/https://name:word@x/p.tif",
            "/vsicurl/https://x/p.tif?signature=1",
            "/vsicurl?header.Authorization=1&url=https://x/p.tif",
            "/vsimem/p.tif",
        ] {
            assert_eq!(product_link(path), None, "{path}");
        }
    }
}
