//! Drives the built program from outside. One binary for all of it: linking is slow.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test stops where it fails, and tells its figures"
)]

mod ais_command;
mod ais_differences;
mod ais_fields;
mod ais_payload_fields;
mod ais_payloads;
mod ais_peers;
mod architecture;
mod bad_input;
mod batch;
mod broker_logins;
mod brokers;
mod certificates;
mod clients;
mod clients_push;
mod demo;
mod deploy;
mod detect_command;
mod documentation;
mod events_command;
mod faults;
mod faults_of_servers;
mod fleet;
mod geoparquet;
mod killed_run;
mod labels_command;
mod laid;
mod live_command;
mod live_trial;
mod nodes;
mod object_server;
mod partner_command;
mod postgis;
mod postgres;
mod program;
mod push;
mod push_desk;
mod push_trial;
mod real_products;
mod receiver;
mod same_bytes;
mod serve_clients;
mod serve_command;
mod serve_stac;
mod serve_tls;
mod served;
mod sources;
mod sources_on_nodes;
mod sse_reader;
mod standing;
mod status_command;
mod store_command;
mod stores;
mod xview3_score;
