//! tidewatch turns satellite images and AIS into explained, revisable alerts about ships.
//!
//! | floor | room | what leaves it |
//! |---|---|---|
//! | 0 | [`model`] | the currency that the other rooms pass on |
//! | 1 | [`gis`] | rasters, vectors and files, by GDAL |
//! | 2 | [`scene`] | `Scene`, and its pixels with place, time and σ⁰ |
//! | 2 | [`ais`] | tracks: what ships said of themselves |
//! | 6 | [`lab`] | truth: simulated products and fleets, and scores against them |

pub mod ais;
pub mod gis;
pub mod lab;
pub mod model;
pub mod scene;
