//! Active alerts as RSS 2.0 and Atom indexes that point at CAP files. Pure: what is active is the caller's to say.
//!
//! In Atom the plain `<link href>` comes first: importers take an entry's first link without a type, and need it to end
//! in `.xml`. Entries are identified by the CAP identifier; a revision is a new entry with a new address.
//!
//! Source: RSS 2.0.11 (RSS Advisory Board 2009), RFC 4287 (Atom), GeoRSS Simple (OGC 17-002r1).

use super::area;
use super::cap::{self, CapSender};
use super::text::{fixed, without_controls};
use crate::model::alert::Alert;
use jiff::Timestamp;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::io;

/// Media type of RSS.
pub const RSS_MEDIA_TYPE: &str = "application/rss+xml";
/// Media type of Atom.
pub const ATOM_MEDIA_TYPE: &str = "application/atom+xml";

/// An index of alerts.
#[derive(Debug, Clone)]
pub struct Index<'a> {
    /// Title for people.
    pub title: &'a str,
    /// Address of the index itself.
    pub address: &'a str,
    /// Where the CAP files are: the address before `<identifier>.xml`, ending in `/`.
    pub alerts_at: &'a str,
    /// Who sends.
    pub sender: &'a CapSender,
    /// When the newest alert was sent or the last one expired, whichever is later; 1970 if there never was one (UTC).
    pub updated: Timestamp,
}

/// RSS 2.0, newest first as given.
pub fn rss(index: &Index<'_>, alerts: &[&Alert]) -> Vec<u8> {
    written(|xml| {
        xml.create_element("rss")
            .with_attributes([
                ("version", "2.0"),
                ("xmlns:atom", "http://www.w3.org/2005/Atom"),
                ("xmlns:georss", "http://www.georss.org/georss"),
            ])
            .write_inner_content(|xml| {
                xml.create_element("channel").write_inner_content(|xml| {
                    element(xml, "title", index.title)?;
                    element(xml, "link", index.address)?;
                    element(xml, "description", index.title)?;
                    element(xml, "language", "en")?;
                    element(xml, "lastBuildDate", &rfc822(index.updated))?;
                    element(xml, "ttl", "1")?;
                    xml.create_element("atom:link")
                        .with_attributes([
                            ("href", index.address),
                            ("rel", "self"),
                            ("type", RSS_MEDIA_TYPE),
                        ])
                        .write_empty()?;
                    for alert in alerts {
                        xml.create_element("item")
                            .write_inner_content(|xml| rss_item(xml, index, alert))?;
                    }
                    Ok(())
                })?;
                Ok(())
            })?;
        Ok(())
    })
}

fn rss_item(xml: &mut Xml, index: &Index<'_>, alert: &Alert) -> io::Result<()> {
    let id = cap::identifier(&alert.id, alert.revision);
    element(xml, "title", &alert.headline)?;
    element(xml, "link", &format!("{}{id}.xml", index.alerts_at))?;
    element(xml, "description", &alert.description)?;
    element(xml, "category", alert.kind.as_str())?;
    xml.create_element("guid")
        .with_attribute(("isPermaLink", "false"))
        .write_text_content(BytesText::new(&id))?;
    element(xml, "pubDate", &rfc822(alert.sent))?;
    place(xml, alert)
}

/// Atom, newest first as given.
pub fn atom(index: &Index<'_>, alerts: &[&Alert]) -> Vec<u8> {
    written(|xml| {
        xml.create_element("feed")
            .with_attributes([
                ("xmlns", "http://www.w3.org/2005/Atom"),
                ("xmlns:georss", "http://www.georss.org/georss"),
            ])
            .write_inner_content(|xml| {
                element(xml, "id", index.address)?;
                element(xml, "title", index.title)?;
                element(xml, "updated", &format!("{:.0}", index.updated))?;
                author(xml, index.sender)?;
                xml.create_element("link")
                    .with_attributes([
                        ("rel", "self"),
                        ("type", ATOM_MEDIA_TYPE),
                        ("href", index.address),
                    ])
                    .write_empty()?;
                for alert in alerts {
                    xml.create_element("entry")
                        .write_inner_content(|xml| atom_entry(xml, index, alert))?;
                }
                Ok(())
            })?;
        Ok(())
    })
}

fn atom_entry(xml: &mut Xml, index: &Index<'_>, alert: &Alert) -> io::Result<()> {
    let id = cap::identifier(&alert.id, alert.revision);
    let file = format!("{}{id}.xml", index.alerts_at);
    // An Atom id is an IRI: a bare CAP identifier is not.
    element(xml, "id", &format!("urn:tidewatch:alert:{id}"))?;
    element(xml, "title", &alert.headline)?;
    element(xml, "updated", &format!("{:.0}", alert.sent))?;
    element(xml, "published", &format!("{:.0}", alert.sent))?;
    author(xml, index.sender)?;
    element(xml, "summary", &alert.description)?;
    xml.create_element("link")
        .with_attribute(("href", file.as_str()))
        .write_empty()?;
    xml.create_element("link")
        .with_attributes([
            ("rel", "related"),
            ("type", cap::MEDIA_TYPE),
            ("href", file.as_str()),
        ])
        .write_empty()?;
    xml.create_element("category")
        .with_attribute(("term", alert.kind.as_str()))
        .write_empty()?;
    place(xml, alert)
}

fn author(xml: &mut Xml, sender: &CapSender) -> io::Result<()> {
    xml.create_element("author")
        .write_inner_content(|xml| element(xml, "name", &sender.sender_name))?;
    Ok(())
}

/// The area as `georss:polygon`, lat lon and blanks; each part of an area across 180° on its own.
fn place(xml: &mut Xml, alert: &Alert) -> io::Result<()> {
    let radius_m = alert.position_radius_m.max(cap::LEAST_RADIUS_M);
    for ring in area::circle(alert.position, radius_m).unwrap_or_default() {
        let corners: Vec<String> = ring
            .iter()
            .filter_map(|(lon, lat)| Some(format!("{} {}", fixed(*lat, 5)?, fixed(*lon, 5)?)))
            .collect();
        element(xml, "georss:polygon", &corners.join(" "))?;
    }
    Ok(())
}

/// RFC 822 with a four-digit year, as RSS asks.
fn rfc822(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

type Xml = Writer<Vec<u8>>;

fn written(work: impl FnOnce(&mut Xml) -> io::Result<()>) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new());
    writer
        .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))
        .and_then(|()| work(&mut writer))
        .expect("writing into memory does not fail");
    writer.into_inner()
}

fn element(xml: &mut Xml, name: &str, text: &str) -> io::Result<()> {
    xml.create_element(name)
        .write_text_content(BytesText::new(without_controls(text).trim()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::alert_sample::alert;

    #[test]
    fn an_entrys_first_link_is_plain_and_ends_in_xml_and_times_are_of_the_format() {
        let sender = CapSender {
            sender: "watch@example.org".into(),
            sender_name: "Watch".into(),
            web: None,
            contact: None,
            exercise: None,
            languages: Default::default(),
        };
        let index = Index {
            title: "Alerts",
            address: "https://example.org/feeds/atom.xml",
            alerts_at: "https://example.org/alerts/",
            sender: &sender,
            updated: alert("a", 1).sent,
        };
        let alert = alert("a", 1);
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let atom = text(atom(&index, &[&alert]));
        let entry = &atom[atom.find("<entry>").unwrap_or(0)..];
        let first = &entry[entry.find("<link").unwrap_or(0)..];
        assert!(
            first.starts_with(r#"<link href="https://example.org/alerts/a.r1.xml"/>"#),
            "{first}"
        );
        assert!(
            entry.contains("<title>A ship &amp; more</title>"),
            "{entry}"
        );
        let rss = text(rss(&index, &[&alert]));
        assert!(
            rss.contains("<pubDate>Sun, 01 Mar 2026 10:00:00 +0000</pubDate>"),
            "{rss}"
        );
        assert!(
            rss.contains(r#"<guid isPermaLink="false">a.r1</guid>"#),
            "{rss}"
        );
        assert!(rss.contains("<georss:polygon>25.5"), "{rss}");
    }
}
