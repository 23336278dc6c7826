//! tidewatch turns satellite images and AIS into explained, revisable alerts about ships.
//!
//! | floor | room | what leaves it |
//! |---|---|---|
//! | 0 | [`model`] | the currency that the other rooms pass on |

pub mod model;
pub mod pipeline;
