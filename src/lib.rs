//! tidewatch turns satellite images and AIS into explained, revisable alerts about ships.
//!
//! | floor | room | what leaves it |
//! |---|---|---|
//! | 0 | [`model`] | the currency that the other rooms pass on |
//! | 7 | [`pipeline`] | a run: pipeline file → plan → results, alerts, report |
//! | 9 | [`cli`] | the commands, one file each |

pub mod cli;
pub mod model;
pub mod pipeline;
