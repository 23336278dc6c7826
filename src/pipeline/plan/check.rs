//! Lays a tree against the world: files that must be there, ids that must be known, values that must agree.
//!
//! Everything is read from the tree, so that these faults are told beside those of the schema. A value of the
//! wrong type is passed over here: the schema's walk has told it.

use super::Wildcards;
use super::fault::Fault;
use super::inputs::{is_address, is_pattern, listed, matches, resolve};
use super::scenes::interval;
use super::tree::{Node, Value};
use crate::alert::{AlertError, Rule};
use crate::encode::{CapSigner, SignError};
use crate::fuse::{FuseError, FuseParams};
use crate::region::{RegionError, RegionIndex, built_in, from_vector};
use crate::store::LIVE_SOURCE;
use std::collections::BTreeSet;
use std::path::Path;

/// What the checks found and loaded on the way.
pub(super) struct World {
    pub(super) faults: Vec<Fault>,
    pub(super) regions: RegionIndex,
    /// What CAP messages are signed with, if they are.
    pub(super) signer: Option<CapSigner>,
}

/// Checks `root` against the files around `folder` and the watch regions it asks for.
///
/// # Errors
///
/// If the built-in regions cannot be loaded: no fault of the file.
pub(super) fn check(
    root: &Node,
    folder: &Path,
    wildcards: Wildcards,
) -> Result<World, RegionError> {
    let mut checks = Checks {
        folder,
        wildcards,
        faults: Vec::new(),
    };
    checks.inputs(root);
    checks.live(root);
    let regions = checks.regions(root)?;
    checks.rules(root, &regions);
    checks.deliveries(root, &regions);
    checks.windows(root);
    checks.fusion(root);
    let signer = checks.signature(root);
    Ok(World {
        signer,
        faults: checks.faults,
        regions,
    })
}

struct Checks<'a> {
    folder: &'a Path,
    wildcards: Wildcards,
    faults: Vec<Fault>,
}

impl Checks<'_> {
    fn fault(&mut self, node: &Node, message: String) {
        self.faults.push(Fault {
            place: node.place,
            message,
        });
    }

    fn inputs(&mut self, root: &Node) {
        let mut seen = BTreeSet::new();
        for entry in root.items_of("scenes") {
            if let Some(list) = entry.get("list") {
                self.list(list);
            }
            if let Some(address) = entry.get("stac") {
                self.catalogue(entry, address);
            }
            let path = entry.get("path").unwrap_or(entry);
            for found in self.existing(path) {
                if !seen.insert(found.clone()) {
                    let message = format!("the scene {} is named twice", found.display());
                    self.fault(path, message);
                }
            }
        }
        let land = root.get("land").map_or(&[][..], |l| l.items_of("files"));
        let lists = [root.items_of("ais"), land, root.items_of("infrastructure")];
        for path in lists.into_iter().flatten() {
            self.existing(path);
        }
    }

    fn list(&mut self, node: &Node) {
        if let Some(path) = node.text()
            && let Err(error) = listed(path, self.folder)
        {
            let file = resolve(path, self.folder);
            let message = format!("{}: cannot read the list: {error}", file.display());
            self.fault(node, message);
        }
    }

    /// What can be said of a STAC catalogue without asking it.
    fn catalogue(&mut self, entry: &Node, address: &Node) {
        let text = address.text().unwrap_or_default();
        let is_remote = is_address(text);
        if is_remote {
            let sound = reqwest::Url::parse(text).is_ok_and(|url| {
                matches!(url.scheme(), "http" | "https")
                    && url.has_host()
                    && url.username().is_empty()
                    && url.password().is_none()
            });
            if !sound {
                let message = "expected a file, or http:// or https:// with a host and without name and password";
                self.fault(address, message.to_owned());
            }
        } else if !text.is_empty() {
            self.existing(address);
        }
        if let Some(key) = entry.get("key_file") {
            if is_remote {
                self.existing(key);
            } else {
                self.fault(key, "only an address on the network has a key".to_owned());
            }
        }
        if let Some(node) = entry.get("datetime")
            && node.text().is_some_and(|text| interval(text).is_none())
        {
            let message =
                "expected a time, or two that rise with `/` between, as 2024-05-01T00:00:00Z/..";
            self.fault(node, message.to_owned());
        }
        if let Some(node) = entry.get("bbox_deg") {
            let corners: Vec<f64> = node.items().iter().filter_map(Node::number).collect();
            if let [west, south, east, north] = corners[..] {
                let is_lon = |lon: f64| (-180.0..=180.0).contains(&lon);
                let sound = is_lon(west)
                    && is_lon(east)
                    && (west - east).abs() > 0.0
                    && -90.0 <= south
                    && south < north
                    && north <= 90.0;
                if !sound {
                    let message =
                        "expected west, south, east and north in degrees, south below north";
                    self.fault(node, message.to_owned());
                }
            }
        }
    }

    /// A pipeline searches or listens. Live sources: each an id of its own, and an address unless it is standard input.
    fn live(&mut self, root: &Node) {
        let live = root.get("live");
        if root.get("scenes").is_none() && live.is_none() {
            let message = "needs `scenes` to search, or `live` sources to listen to";
            self.fault(root, message.to_owned());
        }
        if let Some(node) = root.get("name")
            && node.text() == Some(LIVE_SOURCE)
        {
            let message = format!("the name `{LIVE_SOURCE}` is that of the tracks a server hears");
            self.fault(node, message);
        }
        let mut seen = BTreeSet::new();
        for source in live.map_or(&[][..], |live| live.items_of("sources")) {
            if let Some(node) = source.get("id") {
                self.once(node, &mut seen, "live source");
            }
            self.live_address(source);
            let is_websocket = source.get("kind").and_then(Node::text) == Some("websocket");
            let keys = ["key_file", "key_env"].map(|name| source.get(name));
            for node in keys.into_iter().chain([source.get("boxes_deg")]).flatten() {
                if !is_websocket {
                    self.fault(node, "only a websocket has a key and boxes".to_owned());
                }
            }
            if let [Some(_), Some(node)] = keys {
                self.fault(node, "the key comes from a file or a variable".to_owned());
            }
            for node in source.items_of("boxes_deg") {
                let corners: Vec<f64> = node.items().iter().filter_map(Node::number).collect();
                // How many they are the schema's walk has told.
                if let [west, south, east, north] = corners[..]
                    && !(-180.0 <= west
                        && west < east
                        && east <= 180.0
                        && -90.0 <= south
                        && south < north
                        && north <= 90.0)
                {
                    let message = "expected west, south, east and north in degrees, rising";
                    self.fault(node, message.to_owned());
                }
            }
        }
    }

    fn live_address(&mut self, source: &Node) {
        let kind = source.get("kind").and_then(Node::text).unwrap_or_default();
        let address = source.get("address");
        let text = address.and_then(Node::text).unwrap_or_default();
        let (ok, expected) = match kind {
            "stdin" => (address.is_none(), "standard input has no address"),
            "tcp" | "tcp-listen" | "udp" => (
                text.rsplit_once(':')
                    .is_some_and(|(_, port)| port.parse::<u16>().is_ok()),
                "expected an `address` of host and port, as 127.0.0.1:10110",
            ),
            "websocket" => (
                text.starts_with("wss://") || text.starts_with("ws://"),
                "expected an `address` that begins with wss:// or ws://",
            ),
            // The schema's walk has told it.
            _ => return,
        };
        if !ok {
            self.fault(address.unwrap_or(source), expected.to_owned());
        }
    }

    /// The files a path names; a fault if there is none.
    fn existing(&mut self, node: &Node) -> Vec<std::path::PathBuf> {
        let Some(path) = node.text() else {
            return Vec::new();
        };
        let found = matches(path, self.folder);
        let is_pattern = is_pattern(path);
        if found.is_empty() && !(is_pattern && self.wildcards == Wildcards::Anything) {
            let full = resolve(path, self.folder);
            let what = if is_pattern {
                "matches no file"
            } else {
                "there is no such file"
            };
            self.fault(node, format!("{}: {what}", full.display()));
        }
        found
    }

    fn regions(&mut self, root: &Node) -> Result<RegionIndex, RegionError> {
        let settings = root.get("regions");
        let wanted = settings.and_then(|s| s.get("built_in"));
        let mut zones_nm = vec![12.0, 24.0];
        if let Some(node) = settings.and_then(|s| s.get("zones_nm")) {
            zones_nm = node.items().iter().filter_map(Node::number).collect();
            if zones_nm.windows(2).any(|pair| pair[0] >= pair[1]) {
                self.fault(node, "the zones must rise, nearest first".to_owned());
            }
            zones_nm.retain(|zone| zone.is_finite() && *zone > 0.0);
            zones_nm.sort_by(f64::total_cmp);
        }
        let mut regions = if wanted.is_some_and(|node| node.value == Value::Bool(false)) {
            Vec::new()
        } else {
            built_in(&zones_nm)?
        };
        for node in settings.map_or(&[][..], |s| s.items_of("files")) {
            for path in self.existing(node) {
                match from_vector(&path.to_string_lossy()) {
                    Ok(more) => regions.extend(more),
                    Err(error) => self.fault(node, chain(&error)),
                }
            }
        }
        Ok(RegionIndex::new(regions))
    }

    fn rules(&mut self, root: &Node, regions: &RegionIndex) {
        let mut seen = BTreeSet::new();
        for rule in root.items_of("rules") {
            if let Some((node, id)) = rule.get("id").and_then(|n| Some((n, n.text()?)))
                && !seen.insert(id.to_owned())
            {
                self.fault(node, format!("two rules have the id `{id}`"));
            }
            for key in ["regions", "groups"] {
                self.known_regions(rule.items_of(key), regions);
            }
            self.rule_values(rule);
        }
    }

    /// What the rule itself says of its numbers; the names are told by [`Self::known_regions`].
    fn rule_values(&mut self, node: &Node) {
        let Ok(mut rule) = serde_json::from_value::<Rule>(node.to_json()) else {
            return;
        };
        rule.regions.clear();
        rule.groups.clear();
        if let Err(error) = rule.check(&[]) {
            let field = match &error {
                AlertError::Number { field, .. } | AlertError::Idle { field, .. } => field,
                _ => "id",
            };
            self.fault(node.get(field).unwrap_or(node), error.to_string());
        }
    }

    fn fusion(&mut self, root: &Node) {
        let Some(node) = root.get("fuse") else { return };
        let Ok(params) = serde_json::from_value::<FuseParams>(node.to_json()) else {
            return;
        };
        if let Err(error) = params.check() {
            let FuseError::Setting { name, .. } = &error;
            self.fault(node.get(name).unwrap_or(node), error.to_string());
        }
    }

    /// Every text must be the id of a region or the name of a group.
    fn known_regions(&mut self, nodes: &[Node], regions: &RegionIndex) {
        for node in nodes {
            let Some(wanted) = node.text() else { continue };
            let known = regions
                .regions()
                .iter()
                .any(|region| region.id == wanted || region.group == wanted);
            if !known {
                self.fault(
                    node,
                    format!("`{wanted}` is neither a watch region's id nor a group"),
                );
            }
        }
    }

    fn deliveries(&mut self, root: &Node, regions: &RegionIndex) {
        let rules: Vec<&str> = root
            .items_of("rules")
            .iter()
            .filter_map(|rule| rule.get("id").and_then(Node::text))
            .collect();
        let (mut ids, mut folders) = (BTreeSet::new(), BTreeSet::new());
        for delivery in root.items_of("deliver") {
            if let Some(node) = delivery.get("folder") {
                self.once(node, &mut folders, "folder");
            }
            let Some(audience) = delivery.get("audience") else {
                continue;
            };
            if let Some(node) = audience.get("id") {
                self.once(node, &mut ids, "audience id");
            }
            self.known_regions(audience.items_of("regions"), regions);
            for node in audience.items_of("rules") {
                if let Some(wanted) = node.text().filter(|wanted| !rules.contains(wanted)) {
                    self.fault(node, format!("no rule has the id `{wanted}`"));
                }
            }
        }
        if let Some(node) = root.get("sender").and_then(|s| s.get("id"))
            && node
                .text()
                .is_some_and(|id| id.contains([' ', ',', '<', '&']))
        {
            let message = "a CAP sender holds no space, comma, `<` or `&`";
            self.fault(node, message.to_owned());
        }
    }

    /// Key and certificate must be readable and belong together.
    fn signature(&mut self, root: &Node) -> Option<CapSigner> {
        let files = root.get("sender")?.get("signature")?;
        let mut pems = Vec::new();
        for name in ["key", "certificate"] {
            let node = files.get(name)?;
            let path = resolve(node.text()?, self.folder);
            match std::fs::read(&path) {
                Ok(pem) => pems.push((node, pem)),
                Err(error) => {
                    self.fault(node, format!("{}: cannot read: {error}", path.display()));
                }
            }
        }
        let [(key_node, key), (certificate_node, certificate)] = pems.as_slice() else {
            return None;
        };
        match CapSigner::new(key, certificate) {
            Ok(signer) => Some(signer),
            Err(error) => {
                let at_key = matches!(error, SignError::Key { .. });
                let node = if at_key { key_node } else { certificate_node };
                self.fault(node, error.to_string());
                None
            }
        }
    }

    fn once(&mut self, node: &Node, seen: &mut BTreeSet<String>, what: &str) {
        if let Some(text) = node.text()
            && !seen.insert(text.to_owned())
        {
            self.fault(node, format!("the {what} `{text}` is used twice"));
        }
    }

    /// The guard must lie inside the ring and both must have a middle pixel.
    fn windows(&mut self, root: &Node) {
        let Some(detect) = root.get("detect") else {
            return;
        };
        let (ring, guard) = (detect.get("ring_px"), detect.get("guard_px"));
        for node in [ring, guard].into_iter().flatten() {
            if node.number().is_some_and(|n| n % 2.0 == 0.0) {
                let message = "a window is an odd number of pixels: it has a middle";
                self.fault(node, message.to_owned());
            }
        }
        if let (Some(ring), Some(guard)) = (ring.and_then(Node::number), guard)
            && guard.number().is_some_and(|guard| guard >= ring)
        {
            let message = format!("the guard window must be smaller than the ring, {ring} pixels");
            self.fault(guard, message);
        }
    }
}

/// An error with its causes, as one sentence.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
