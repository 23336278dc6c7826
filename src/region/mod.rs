//! Watch regions, land and fixed structures: what lies where at sea.
//!
//! In: the tables compiled into the program and any vector file. Out: [`RegionIndex`] (which watch regions a place is in),
//! [`Land`] (is it land, how far is the shore, which pixels of a scene are land) and the places of fixed structures.
//! Zones are watch distances, not claims: nothing here says whose a place is.

mod built_in;
mod clip;
mod date_line;
mod error;
mod index;
mod infrastructure;
mod islands;
mod land;
mod mask;
mod names;
mod shore;
mod user;

pub use built_in::{DEFAULT_ZONES_NM, built_in};
pub use error::RegionError;
pub use index::RegionIndex;
pub use infrastructure::load_points;
pub use islands::built_in_islands;
pub use land::Land;
pub use mask::LandMask;
pub use shore::REACH_M;
pub use user::from_vector;
