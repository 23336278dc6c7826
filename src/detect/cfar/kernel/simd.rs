//! The kernel compiled for more than one instruction set, and the choice between them at run time.
//!
//! All variants are one source; its sums are integers and its few floating-point operations are single multiplications
//! and comparisons, so they agree bit for bit (tested).

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

/// Work to be compiled for every instruction set: `run` is `#[inline(always)]`, and so is all that it calls.
pub(in crate::detect::cfar) trait Work {
    /// What it gives.
    type Out;

    /// Does it, with the instructions of the function it is compiled into.
    fn run(self) -> Self::Out;
}

impl Simd {
    /// Does the work with these instructions; with the portable ones if the machine lacks them.
    pub(in crate::detect::cfar) fn run<W: Work>(self, work: W) -> W::Out {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 if self.is_available() => {
                // SAFETY: the machine has the instructions, as just asked.
                unsafe { run_avx2(work) }
            }
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 if self.is_available() => {
                // SAFETY: the machine has the instructions, as just asked.
                unsafe { run_avx512(work) }
            }
            _ => work.run(),
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn run_avx2<W: Work>(work: W) -> W::Out {
    work.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512dq,avx512vl")]
fn run_avx512<W: Work>(work: W) -> W::Out {
    work.run()
}
