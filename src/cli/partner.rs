//! `tidewatch partner`: who is given alerts, by which keys, and what they were given.

use super::DONE;
use super::channel::{self, ChannelAction, ReplayArgs, StateArg};
use super::print::{data, tell};
use crate::model::alert::Tlp;
use crate::model::partner::{Partner, Scope, is_partner_id};
use crate::model::release::Audience;
use crate::serve::{ServeError, issue_key};
use crate::store::{PartnerBook, StoreAddress, open};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use jiff::{SignedDuration, Timestamp};

/// Partners, their keys, and what they were given
///
/// A partner is an agency with a marking it may hold, the regions and rules it wants, and keys. Lists go to standard
/// output as tab-separated lines with a header.
#[derive(Args)]
#[command(
    after_help = "Example:\n  tidewatch partner add jcg --name \"Coast Guard\" --tlp TLP:AMBER --scope alerts\n  \
                  tidewatch partner key add jcg --days 365"
)]
pub(super) struct PartnerArgs {
    /// The store: a file, or postgresql://USER@HOST/DATABASE
    #[arg(
        long,
        value_name = "PATH|URL",
        default_value = "tidewatch.gpkg",
        global = true
    )]
    store: StoreAddress,
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    Add(AddArgs),
    /// List partners
    List,
    /// Remove a partner and its keys; the audit stays
    Remove {
        /// The partner's id
        id: String,
    },
    /// Keys: add, list, revoke
    #[command(subcommand)]
    Key(KeyAction),
    /// Channels: add, list, remove, pause, resume, rotate
    #[command(subcommand)]
    Channel(ChannelAction),
    /// List what became of each message on each channel
    Dispatches {
        /// Only messages in this state; may be given again [default: all]
        #[arg(long = "state", value_enum, value_name = "STATE")]
        states: Vec<StateArg>,
    },
    /// Send messages again; a receiver knows repeats by their id
    Replay(ReplayArgs),
    /// List who was given which alert revision, when first, and by which exit
    Audit,
}

/// Add a partner, or replace what was said of it before; its keys stay
#[derive(Args)]
struct AddArgs {
    /// Id: lower-case letters, digits and hyphens
    id: String,
    /// Name for people
    #[arg(long)]
    name: String,
    /// Strictest marking it may hold, for example TLP:AMBER
    #[arg(long, value_parser = tlp)]
    tlp: Tlp,
    /// A watch region or group it wants; may be given again [default: all]
    #[arg(long = "region", value_name = "ID")]
    regions: Vec<String>,
    /// A rule it wants; may be given again [default: all]
    #[arg(long = "rule", value_name = "ID")]
    rules: Vec<String>,
    /// What it may have: alerts, by keys and channels; evidence (scenes, detections, contacts, tracks), by keys; operations (the
    /// store's figures at /metrics), by keys; may be given again
    #[arg(long = "scope", value_name = "SCOPE", default_value = "alerts")]
    scopes: Vec<Scope>,
}

#[derive(Subcommand)]
enum KeyAction {
    /// Make a key and print it: this once, as nobody can read it again
    Add {
        /// The partner's id
        partner: String,
        /// What it opens; may be given again [default: all that the partner may]
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<Scope>,
        /// Days until it expires
        #[arg(long, default_value = "365", value_parser = clap::value_parser!(u16).range(1..=730))]
        days: u16,
    },
    /// List keys by id; the keys themselves are kept nowhere
    List,
    /// Revoke a key at once
    Revoke {
        /// The key's id, as `key list` tells
        key: String,
    },
}

fn tlp(text: &str) -> Result<Tlp, String> {
    Tlp::parse(text).ok_or_else(|| {
        "expected TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT or TLP:RED".to_owned()
    })
}

pub(super) fn run(args: &PartnerArgs, now: Timestamp) -> Result<u8> {
    let adds = matches!(args.action, Action::Add(_));
    if !adds && !args.store.may_be_there() {
        bail!("{}: there is no store here", args.store);
    }
    let mut store = open(&args.store, now)?;
    match &args.action {
        Action::Add(partner) => add(store.as_mut(), partner),
        Action::List => list(store.as_ref()),
        Action::Remove { id } => {
            if store.remove_partner(id)?.is_empty() {
                return Err(ServeError::UnknownPartner {
                    partner: id.clone(),
                }
                .into());
            }
            tell(&format!("Partner {id} and its keys are removed."));
            Ok(())
        }
        Action::Key(action) => key(store.as_mut(), action, now),
        Action::Channel(action) => channel::run(store.as_mut(), action),
        Action::Dispatches { states } => channel::dispatches(store.as_ref(), states),
        Action::Replay(args) => channel::replay(store.as_mut(), args, now),
        Action::Audit => audit(store.as_ref()),
    }?;
    Ok(DONE)
}

fn add(store: &mut dyn PartnerBook, args: &AddArgs) -> Result<()> {
    if !is_partner_id(&args.id) {
        bail!(
            "partner id {:?}: expected up to 64 lower-case letters, digits and hyphens, and not `public`",
            args.id
        );
    }
    let mut scopes = args.scopes.clone();
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.contains(&Scope::Evidence) && !args.regions.is_empty() {
        bail!(
            "partner {}: the scope evidence is not cut by region; expected it without --region",
            args.id
        );
    }
    store.put_partner(&Partner {
        id: args.id.clone(),
        name: args.name.clone(),
        audience: Audience {
            id: args.id.clone(),
            tlp: args.tlp,
            regions: args.regions.clone(),
            rules: args.rules.clone(),
        },
        scopes,
    })?;
    tell(&format!("Partner {} is stored.", args.id));
    Ok(())
}

fn list(store: &dyn PartnerBook) -> Result<()> {
    let rows = store.partners()?.into_iter().map(|partner| {
        [
            partner.id,
            partner.name,
            partner.audience.tlp.to_string(),
            partner.audience.regions.join(";"),
            partner.audience.rules.join(";"),
            words(&partner.scopes),
        ]
    });
    table(&["id", "name", "tlp", "regions", "rules", "scopes"], rows)
}

fn key(store: &mut dyn PartnerBook, action: &KeyAction, now: Timestamp) -> Result<()> {
    match action {
        KeyAction::Add {
            partner,
            scopes,
            days,
        } => {
            let expires = now
                .checked_add(SignedDuration::from_hours(24 * i64::from(*days)))
                .context("the day of expiry is out of range")?;
            let issued = issue_key(store, partner, scopes, now, expires)?;
            tell(&format!(
                "Key {} of partner {partner} opens {} until {:.0}. It is printed this once.",
                issued.record.id,
                words(&issued.record.scopes),
                issued.record.expires
            ));
            data(format!("{}\n", issued.secret).as_bytes())
        }
        KeyAction::List => {
            let rows = store.keys()?.into_iter().map(|key| {
                [
                    key.id,
                    key.partner,
                    words(&key.scopes),
                    format!("{:.0}", key.created),
                    format!("{:.0}", key.expires),
                    key.revoked
                        .map_or_else(String::new, |time| format!("{time:.0}")),
                ]
            });
            table(
                &["id", "partner", "scopes", "created", "expires", "revoked"],
                rows,
            )
        }
        KeyAction::Revoke { key: id } => {
            let found = store.keys()?.into_iter().find(|key| key.id == *id);
            let Some(mut found) = found else {
                bail!("key {id}: not in the store; `tidewatch partner key list` tells the ids");
            };
            found.revoked.get_or_insert(now);
            store.put_key(&found)?;
            tell(&format!("Key {id} is revoked."));
            Ok(())
        }
    }
}

fn audit(store: &dyn PartnerBook) -> Result<()> {
    let rows = store.audit()?.into_iter().map(|entry| {
        [
            entry.audience,
            entry.alert_id,
            entry.revision.to_string(),
            entry.exit,
            format!("{:.3}", entry.time),
            entry.key_id.unwrap_or_default(),
        ]
    });
    table(
        &["audience", "alert", "revision", "exit", "time", "key"],
        rows,
    )
}

fn words(scopes: &[Scope]) -> String {
    let words: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
    words.join(";")
}

/// Tab-separated lines; a control character in a value becomes a blank.
pub(super) fn table<const N: usize>(
    header: &[&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> Result<()> {
    let mut text = header.join("\t");
    text.push('\n');
    for row in rows {
        let cells = row.map(|cell| cell.replace(char::is_control, " "));
        text.push_str(&cells.join("\t"));
        text.push('\n');
    }
    data(text.as_bytes())
}
