//! tidewatch turns satellite images and AIS into explained, revisable alerts about ships.
//!
//! | floor | room | what leaves it |
//! |---|---|---|
//! | 0 | [`model`] | the currency that the other rooms pass on |
//! | 1 | [`gis`] | vector features in longitude and latitude, burnt polygons |
//! | 2 | [`region`] | watch regions about a place, land and fixed structures |
//! | 3 | [`detect`] | [`model::detection::Detection`]: ships found on the sea, and what was searched |

pub mod detect;
pub mod gis;
pub mod model;
pub mod region;
