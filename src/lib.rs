//! tidewatch turns satellite images and AIS into explained, revisable alerts about ships.
//!
//! A room imports `model` and rooms of a lower floor, never a sibling.
//!
//! | floor | room | what leaves it |
//! |---|---|---|
//! | 0 | [`model`] | the currency that the other rooms pass on |
//! | 1 | [`gis`] | rows of samples, vector features in longitude and latitude, burnt polygons |
//! | 2 | [`scene`] | a product as a scene, its rows of amplitude, its place on the ground |
//! | 2 | [`region`] | watch regions about a place, land and fixed structures |
//! | 2 | [`ais`] | tracks: what ships said of themselves |
//! | 3 | [`detect`] | detections: what stands out from the sea, measured |
//! | 3 | [`fuse`] | contacts: detections and vessels with a verdict |
//! | 4 | [`alert`] | alerts: contacts and tracks that a rule speaks of |
//! | 5 | [`encode`] | messages: bytes of CAP, GeoJSON, CSV |
//! | 5 | [`store`] | rows of one GeoPackage file, and the outbox |
//! | 6 | [`deliver`] | messages at the receivers, and receipts |
//! | 6 | [`lab`] | scenes and fleets with truth, and scores against it |
//! | 7 | [`pipeline`] | the folder of one run, from a pipeline file |
//! | 8 | [`serve`] | answers over HTTP, each past the release rule |
//! | 9 | [`cli`] | the exit code |

pub mod ais;
pub mod alert;
pub mod cli;
pub mod deliver;
pub mod detect;
pub mod encode;
pub mod fuse;
pub mod gis;
pub mod lab;
pub mod model;
pub mod pipeline;
pub mod region;
pub mod scene;
pub mod serve;
pub mod store;
