//! The kernel compiled for more than one instruction set, and the choice between them at run time.
//!
//! All variants are one source; its sums are integers and its few floating-point operations are single multiplications
//! and comparisons, so they agree bit for bit (tested).

use super::super::Hit;
use super::{Job, Scratch, Tally, search_tiles};
use crate::detect::DetectError;

/// Environment variable that forces a variant, for tests and benchmarks.
pub const SIMD_VARIABLE: &str = "TIDEWATCH_SIMD";

/// Instructions that the ring test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Simd {
    /// What every processor of the platform has.
    Portable,
    /// 256-bit integers (x86-64-v3).
    Avx2,
    /// 512-bit integers (x86-64-v4).
    Avx512,
}

impl Simd {
    /// All variants, narrow to wide.
    pub const ALL: [Self; 3] = [Self::Portable, Self::Avx2, Self::Avx512];

    /// The name in `TIDEWATCH_SIMD`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// True if this machine has the instructions.
    pub fn is_available(self) -> bool {
        match self {
            Self::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                is_x86_feature_detected!("avx2")
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
            }
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }

    /// The widest that this machine has.
    pub fn widest() -> Self {
        let wide = [Self::Avx512, Self::Avx2].into_iter();
        wide.into_iter()
            .find(|simd| simd.is_available())
            .unwrap_or(Self::Portable)
    }

    /// The variant that `TIDEWATCH_SIMD` asks for, or the widest.
    ///
    /// # Errors
    ///
    /// `DetectError::Parameter` if the variable names none, or one that this machine lacks.
    pub fn from_environment() -> Result<Self, DetectError> {
        let Some(asked) = std::env::var_os(SIMD_VARIABLE) else {
            return Ok(Self::widest());
        };
        Self::ALL
            .into_iter()
            .find(|simd| asked == simd.name() && simd.is_available())
            .ok_or_else(|| DetectError::Parameter {
                name: SIMD_VARIABLE,
                value: asked.to_string_lossy().into_owned(),
                expected: "portable, avx2 or avx512, as far as the machine has it",
            })
    }
}

/// Searches with the variant that the job names; one that the machine lacks is replaced by the portable one.
pub(super) fn search(job: &Job, scratch: &mut Scratch, hits: &mut Vec<Hit>) -> Tally {
    match job.simd {
        #[cfg(target_arch = "x86_64")]
        Simd::Avx2 if Simd::Avx2.is_available() => {
            // SAFETY: the machine has the instructions, as just asked.
            unsafe { search_avx2(job, scratch, hits) }
        }
        #[cfg(target_arch = "x86_64")]
        Simd::Avx512 if Simd::Avx512.is_available() => {
            // SAFETY: the machine has the instructions, as just asked.
            unsafe { search_avx512(job, scratch, hits) }
        }
        _ => search_tiles(job, scratch, hits),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn search_avx2(job: &Job, scratch: &mut Scratch, hits: &mut Vec<Hit>) -> Tally {
    search_tiles(job, scratch, hits)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512dq,avx512vl")]
fn search_avx512(job: &Job, scratch: &mut Scratch, hits: &mut Vec<Hit>) -> Tally {
    search_tiles(job, scratch, hits)
}
