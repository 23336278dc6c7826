//! `tidewatch partner channel`, `dispatches` and `replay`: how messages reach a partner, and what became of them.

use super::partner::table;
use super::print::{data, tell};
use crate::deliver::{check_nats_address, check_secret, mqtt_address, secret_from, webhook_url};
use crate::model::channel::{Channel, ChannelState, DispatchState, Form, Login, Route, Secret};
use crate::model::partner::is_partner_id;
use crate::store::{DispatchBook, Replay, Which};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use std::fs;
use std::path::{Path, PathBuf};

/// Channels: add, list, remove, pause, resume, rotate
#[derive(Subcommand)]
pub(super) enum ChannelAction {
    /// Add a channel, or replace the one with its name
    #[command(subcommand)]
    Add(AddChannel),
    /// List channels; secrets and passwords are not shown
    List,
    /// Remove a channel; what became of its messages stays
    Remove(ChannelName),
    /// Keep messages waiting
    Pause(ChannelName),
    /// Send again what waits
    Resume(ChannelName),
    /// Sign with a new webhook secret beside the old one, and print it this once
    Rotate {
        #[command(flatten)]
        name: ChannelName,
        /// Sign with the newest secret alone from now on; makes no new one
        #[arg(long)]
        drop_old: bool,
    },
}

/// A channel by partner and name.
#[derive(Args)]
pub(super) struct ChannelName {
    /// The partner's id
    partner: String,
    /// The channel's name: lower-case letters, digits and hyphens
    channel: String,
}

/// A new channel by kind.
#[derive(Subcommand)]
pub(super) enum AddChannel {
    /// Signed HTTP POSTs (Standard Webhooks 1.0)
    Webhook {
        #[command(flatten)]
        name: ChannelName,
        /// Where to: https://host/path
        url: String,
        /// Form of the body
        #[arg(long, value_enum, default_value = "standard")]
        form: FormArg,
        /// File with the secret (whsec_…) that the partner chose [default: a new one, printed this once]
        #[arg(long, value_name = "FILE")]
        secret_file: Option<PathBuf>,
    },
    /// An MQTT 5 broker, topic mda/v1/PARTNER/alerts/RULE
    Mqtt {
        #[command(flatten)]
        name: ChannelName,
        /// The broker: mqtt://host:port or mqtts://host:port
        url: String,
        /// Form of the payload
        #[arg(long, value_enum, default_value = "cloud-event")]
        form: FormArg,
        #[command(flatten)]
        login: LoginArgs,
    },
    /// A NATS JetStream, subject mda.v1.PARTNER.alerts.RULE
    Jetstream {
        #[command(flatten)]
        name: ChannelName,
        /// The server: nats://host:port or tls://host:port
        url: String,
        /// The stream; made if it is not there [default: MDA_ and the partner's id in capitals]
        #[arg(long)]
        stream: Option<String>,
        /// Form of the payload
        #[arg(long, value_enum, default_value = "cloud-event")]
        form: FormArg,
        #[command(flatten)]
        login: LoginArgs,
        /// File with a token, where the server asks for one instead of name and password
        #[arg(long, value_name = "FILE", conflicts_with = "user")]
        token_file: Option<PathBuf>,
    },
    /// A folder for CAP files
    Folder {
        #[command(flatten)]
        name: ChannelName,
        /// The folder; made if it is not there
        folder: PathBuf,
    },
}

/// Name and password at a broker.
#[derive(Args)]
pub(super) struct LoginArgs {
    /// Name at the broker
    #[arg(long, requires = "password_file")]
    user: Option<String>,
    /// File with the password
    #[arg(long, value_name = "FILE", requires = "user")]
    password_file: Option<PathBuf>,
}

/// Forms as the command line names them.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FormArg {
    /// {type, timestamp, data} of Standard Webhooks.
    Standard,
    /// CloudEvents 1.0.2 in one JSON document.
    CloudEvent,
    /// CloudEvents 1.0.2 with attributes in headers or user properties.
    CloudEventBinary,
    /// The CAP 1.2 document.
    Cap,
}

/// Which messages to send again.
#[derive(Args)]
#[command(group = clap::ArgGroup::new("which").required(true))]
pub(super) struct ReplayArgs {
    /// The partner's id
    partner: String,
    /// One channel [default: all of the partner]; a message that was never queued for the partner goes to all
    #[arg(long)]
    channel: Option<String>,
    /// Messages that were given up
    #[arg(long, group = "which")]
    failed: bool,
    /// Every revision of one alert, by its id
    #[arg(long, value_name = "ID", group = "which")]
    alert: Option<String>,
    /// Every alert that has not expired and was queued for somebody: for a partner that is new or lost its data
    #[arg(long, group = "which")]
    unexpired: bool,
}

/// States as the command line names them.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum StateArg {
    /// To be tried, or tried again.
    Waiting,
    /// Acknowledged.
    Delivered,
    /// Given up.
    Failed,
    /// Not released to the partner.
    Withheld,
}

pub(super) fn run(store: &mut dyn DispatchBook, action: &ChannelAction) -> Result<()> {
    match action {
        ChannelAction::Add(new) => add(store, new),
        ChannelAction::List => list(store),
        ChannelAction::Remove(name) => {
            if store
                .remove_channel(&name.partner, &name.channel)?
                .is_empty()
            {
                return Err(unknown(name));
            }
            tell(&format!(
                "Channel {} of {} is removed.",
                name.channel, name.partner
            ));
            Ok(())
        }
        ChannelAction::Pause(name) => {
            let reason = ChannelState::Paused("by an operator".to_owned());
            set_state(store, name, reason, "paused")
        }
        ChannelAction::Resume(name) => set_state(store, name, ChannelState::Active, "active"),
        ChannelAction::Rotate {
            name,
            drop_old: true,
        } => change_secrets(store, name, |secrets| secrets.truncate(1)),
        ChannelAction::Rotate { name, .. } => add_secret(store, name),
    }
}

fn add(store: &mut dyn DispatchBook, new: &AddChannel) -> Result<()> {
    let mut shown = None;
    let (name, route) = match new {
        AddChannel::Webhook {
            name,
            url,
            form,
            secret_file,
        } => {
            let secret = match secret_file {
                Some(file) => {
                    let secret = read_secret(file)?;
                    check_secret(&secret).with_context(|| file.display().to_string())?;
                    secret
                }
                None => shown.insert(fresh_secret()?).clone(),
            };
            let route = Route::Webhook {
                url: webhook_url(url)?.to_string(),
                form: (*form).into(),
                secrets: vec![secret],
            };
            (name, route)
        }
        AddChannel::Mqtt {
            name,
            url,
            form,
            login,
        } => {
            mqtt_address(url).map_err(anyhow::Error::msg)?;
            let route = Route::Mqtt {
                url: url.clone(),
                form: (*form).into(),
                login: login.read()?,
            };
            (name, route)
        }
        AddChannel::Jetstream {
            name,
            url,
            stream,
            form,
            login,
            token_file,
        } => {
            check_nats_address(url).map_err(anyhow::Error::msg)?;
            let own = || format!("MDA_{}", name.partner.to_uppercase());
            let route = Route::Jetstream {
                url: url.clone(),
                stream: stream.clone().unwrap_or_else(own),
                form: (*form).into(),
                login: login.read()?,
                token: token_file.as_deref().map(read_secret).transpose()?,
            };
            (name, route)
        }
        AddChannel::Folder { name, folder } => {
            let folder = std::path::absolute(folder)
                .with_context(|| folder.display().to_string())?
                .display()
                .to_string();
            (name, Route::Folder { folder })
        }
    };
    if !is_partner_id(&name.channel) {
        bail!(
            "channel {:?}: expected up to 64 lower-case letters, digits and hyphens, and not `public`",
            name.channel
        );
    }
    store.put_channel(&Channel {
        partner: name.partner.clone(),
        id: name.channel.clone(),
        state: ChannelState::Active,
        route,
    })?;
    tell(&format!(
        "Channel {} of {} is stored.",
        name.channel, name.partner
    ));
    shown.map_or(Ok(()), |secret| show(&secret))
}

fn list(store: &dyn DispatchBook) -> Result<()> {
    let rows = store.channels()?.into_iter().map(|channel| {
        let (kind, target) = (channel.route.kind(), channel.route.target().to_owned());
        let secrets = match &channel.route {
            Route::Webhook { secrets, .. } => secrets.len(),
            _ => 0,
        };
        let (state, reason) = match channel.state {
            ChannelState::Active => ("active", String::new()),
            ChannelState::Paused(reason) => ("paused", reason),
        };
        [
            channel.partner,
            channel.id,
            kind.to_owned(),
            target,
            secrets.to_string(),
            state.to_owned(),
            reason,
        ]
    });
    let header = [
        "partner", "channel", "kind", "target", "secrets", "state", "reason",
    ];
    table(&header, rows)
}

fn set_state(
    store: &mut dyn DispatchBook,
    name: &ChannelName,
    state: ChannelState,
    word: &str,
) -> Result<()> {
    let channel = Channel {
        state,
        ..find(store, name)?
    };
    store.put_channel(&channel)?;
    tell(&format!(
        "Channel {} of {} is {word}.",
        name.channel, name.partner
    ));
    Ok(())
}

/// Signs with a new secret beside the ones there are, and shows it.
fn add_secret(store: &mut dyn DispatchBook, name: &ChannelName) -> Result<()> {
    let fresh = fresh_secret()?;
    change_secrets(store, name, |secrets| {
        secrets.insert(0, fresh.clone());
        secrets.truncate(MOST_SECRETS);
    })?;
    show(&fresh)
}

fn change_secrets(
    store: &mut dyn DispatchBook,
    name: &ChannelName,
    change: impl FnOnce(&mut Vec<Secret>),
) -> Result<()> {
    let mut channel = find(store, name)?;
    let Route::Webhook { secrets, .. } = &mut channel.route else {
        bail!(
            "channel {} of {}: a {} signs nothing; expected a webhook",
            name.channel,
            name.partner,
            channel.route.kind()
        );
    };
    change(secrets);
    let count = secrets.len();
    store.put_channel(&channel)?;
    tell(&format!(
        "Channel {} of {} signs with {count} secret{}.",
        name.channel,
        name.partner,
        if count == 1 { "" } else { "s" }
    ));
    Ok(())
}

/// Secrets that sign at once: more would only lengthen the header.
const MOST_SECRETS: usize = 3;

fn find(store: &dyn DispatchBook, name: &ChannelName) -> Result<Channel> {
    store
        .channels()?
        .into_iter()
        .find(|channel| channel.partner == name.partner && channel.id == name.channel)
        .ok_or_else(|| unknown(name))
}

fn unknown(name: &ChannelName) -> anyhow::Error {
    anyhow::anyhow!(
        "channel {} of {}: not in the store; `tidewatch partner channel list` tells them",
        name.channel,
        name.partner
    )
}

pub(super) fn dispatches(store: &dyn DispatchBook, states: &[StateArg]) -> Result<()> {
    let states: Vec<DispatchState> = states.iter().map(|state| (*state).into()).collect();
    let wanted = if states.is_empty() {
        DispatchState::ALL.to_vec()
    } else {
        states
    };
    let time = |time: Option<Timestamp>| time.map_or_else(String::new, |time| format!("{time:.3}"));
    let rows = store.dispatches(&wanted)?.into_iter().map(|dispatch| {
        [
            dispatch.partner,
            dispatch.channel,
            dispatch.message_id,
            dispatch.state.as_str().to_owned(),
            dispatch.attempts.to_string(),
            time(dispatch.last_attempt),
            time(dispatch.next_attempt),
            dispatch
                .latency_ms
                .map_or_else(String::new, |ms| ms.to_string()),
            dispatch.answer,
            dispatch.trace_id,
        ]
    });
    let header = [
        "partner",
        "channel",
        "message",
        "state",
        "attempts",
        "last_attempt",
        "next_attempt",
        "latency_ms",
        "answer",
        "trace",
    ];
    table(&header, rows)
}

pub(super) fn replay(
    store: &mut dyn DispatchBook,
    args: &ReplayArgs,
    now: Timestamp,
) -> Result<()> {
    let which = match &args.alert {
        Some(id) => Which::Alert(id),
        None if args.unexpired => Which::Unexpired(now),
        None => Which::Failed,
    };
    let count = store.replay(&Replay {
        partner: &args.partner,
        channel: args.channel.as_deref(),
        which,
    })?;
    tell(&format!(
        "{count} message{} of {} to be sent again.",
        if count == 1 { "" } else { "s" },
        args.partner
    ));
    Ok(())
}

fn fresh_secret() -> Result<Secret> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no random bytes: {error}"))?;
    Ok(secret_from(&bytes)?)
}

fn show(secret: &Secret) -> Result<()> {
    tell("The secret for the partner is printed this once.");
    data(format!("{}\n", secret.expose()).as_bytes())
}

pub(super) fn read_secret(file: &Path) -> Result<Secret> {
    let text =
        fs::read_to_string(file).with_context(|| format!("{}: cannot read", file.display()))?;
    Ok(Secret::new(text.trim()))
}

impl LoginArgs {
    pub(super) fn read(&self) -> Result<Option<Login>> {
        let (Some(user), Some(file)) = (&self.user, &self.password_file) else {
            return Ok(None);
        };
        Ok(Some(Login {
            user: user.clone(),
            password: read_secret(file)?,
        }))
    }
}

impl From<FormArg> for Form {
    fn from(form: FormArg) -> Self {
        match form {
            FormArg::Standard => Self::Standard,
            FormArg::CloudEvent => Self::CloudEvent,
            FormArg::CloudEventBinary => Self::CloudEventBinary,
            FormArg::Cap => Self::Cap,
        }
    }
}

impl From<StateArg> for DispatchState {
    fn from(state: StateArg) -> Self {
        match state {
            StateArg::Waiting => Self::Waiting,
            StateArg::Delivered => Self::Delivered,
            StateArg::Failed => Self::Failed,
            StateArg::Withheld => Self::Withheld,
        }
    }
}
