//! Score.
