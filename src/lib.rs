//! tidewatch turns satellite images and AIS into explained, revisable alerts about ships.
//!
//! A room imports `model` and rooms of a lower floor, never a sibling.
//!
//! | floor | room | what leaves it |
//! |---|---|---|
//! | 0 | [`model`] | the currency that the other rooms pass on |
//! | 1 | [`gis`] | rows of samples, vector features in longitude and latitude, burnt polygons |
//! | 2 | [`region`] | watch regions about a place, land and fixed structures |
//! | 2 | [`ais`] | tracks: what ships said of themselves |

pub mod ais;
//! | 3 | [`fuse`] | [`model::contact::Contact`]: detections and vessels with a verdict and its reasons |
//! | 4 | [`alert`] | [`model::alert::Alert`]: what rules make of contacts and tracks, and its life cycle |

pub mod alert;
pub mod fuse;
pub mod gis;
pub mod model;
pub mod region;
