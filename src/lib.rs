//! tidewatch turns satellite images and AIS into explained, revisable alerts about ships.
//!
//! | floor | room | what leaves it |
//! |---|---|---|
//! | 0 | [`model`] | the currency that the other rooms pass on |
//! | 3 | [`detect`] | [`model::detection::Detection`]: ships found on the sea, and what was searched |

pub mod detect;
pub mod model;
