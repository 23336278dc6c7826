//! tidewatch turns satellite images and AIS into explained, revisable alerts about ships.
//!
//! | floor | room | what leaves it |
//! |---|---|---|
//! | 0 | [`model`] | the currency that the other rooms pass on |
//! | 5 | [`encode`] | `Message`: an alert, contact, detection or scene as bytes in a public format |
//! | 5 | [`store`] | a GeoPackage that holds every result, and the outbox |
//! | 6 | [`deliver`] | files in a partner's folder, and receipts |

pub mod deliver;
pub mod encode;
pub mod model;
pub mod store;
