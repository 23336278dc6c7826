//! Drives the built program from outside. One binary for all of it: linking is slow.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test stops where it fails, and tells its figures"
)]

mod ais_command;
mod ais_peers;
mod architecture;
mod bad_input;
mod clients;
mod demo;
mod detect_command;
mod documentation;
mod program;
mod real_products;
mod same_bytes;
