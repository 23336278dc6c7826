//! tidewatch turns satellite images and AIS into explained, revisable alerts about ships.
//!
//! | floor | room | what leaves it |
//! |---|---|---|
//! | 0 | [`model`] | the currency that the other rooms pass on |
//! | 1 | [`gis`] | vector features in longitude and latitude, burnt polygons |
//! | 2 | [`region`] | watch regions about a place, land and fixed structures |
//! | 2 | [`ais`] | tracks: what ships said of themselves |
//! | 3 | [`fuse`] | [`model::contact::Contact`]: detections and vessels with a verdict and its reasons |
//! | 4 | [`alert`] | [`model::alert::Alert`]: what rules make of contacts and tracks, and its life cycle |
//! | 7 | [`pipeline`] | a run: pipeline file → plan → results, alerts, report |
//! | 9 | [`cli`] | the commands, one file each |

pub mod ais;
pub mod alert;
pub mod cli;
pub mod fuse;
pub mod gis;
pub mod model;
pub mod pipeline;
pub mod region;
