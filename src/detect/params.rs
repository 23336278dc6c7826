//! What a search can be told, and why it may fail.

/// Settings of a search. Every default has its reason; all of them stand in the pipeline file.
#[derive(Debug, Clone, PartialEq)]
pub struct DetectParams {
    /// Probability that a pixel of pure clutter fires, 1e-12 ..= 1e-2. Default 1e-7: some 40 pixels of a full IW scene
    /// and band; lower loses small ships, higher brings false ones. An object is reported if one of its pixels would also
    /// fire at this times 4·10⁶ over the pixels of all bands: by default less than one false object a scene.
    pub pfa: f64,
    /// Outer window, pixels across, odd, at most 121. Default: guard + 30.
    pub ring_px: Option<u32>,
    /// Guard window, pixels across, odd. Default: 500 m by the pixel spacing (13 ..= 91 px); 51 if that is not known; half the shorter side
    /// of an image that is smaller than the outer window.
    pub guard_px: Option<u32>,
    /// Fewest hits of a target, all bands together. Default 2: the blur of the radar spreads every ship over more than
    /// one.
    pub min_pixels: u32,
    /// Distance from the shore under which a detection is flagged, metres. Default 1,000: the buffer that others delete.
    pub near_shore_m: f64,
    /// Length above which a detection is flagged, metres. Default 600: no ship afloat exceeds 460 m.
    pub max_length_m: f64,
    /// Width of sea beside land that is masked with it, metres. Default 0: near shore is flagged, not deleted.
    pub buffer_m: f64,
    /// Worker threads; `None` takes rayon's pool.
    pub threads: Option<usize>,
}

impl Default for DetectParams {
    fn default() -> Self {
        Self {
            pfa: 1e-7,
            ring_px: None,
            guard_px: None,
            min_pixels: 2,
            near_shore_m: 1000.0,
            max_length_m: 600.0,
            buffer_m: 0.0,
            threads: None,
        }
    }
}

impl DetectParams {
    /// Refuses values outside their range.
    ///
    /// # Errors
    ///
    /// `DetectError::Parameter` with the name, the value and what was expected.
    pub(super) fn check(&self) -> Result<(), DetectError> {
        let refuse = |name, value: f64, expected| {
            Err(DetectError::Parameter {
                name,
                value: value.to_string(),
                expected,
            })
        };
        if !(1e-12..=1e-2).contains(&self.pfa) {
            return refuse("pfa", self.pfa, "a probability, 1e-12 to 1e-2");
        }
        if self.min_pixels == 0 {
            return refuse("min_pixels", 0.0, "at least 1");
        }
        if self.threads == Some(0) {
            return refuse("threads", 0.0, "at least 1");
        }
        let lengths = [
            ("near_shore_m", self.near_shore_m),
            ("max_length_m", self.max_length_m),
            ("buffer_m", self.buffer_m),
        ];
        for (name, value) in lengths {
            if !(value.is_finite() && value >= 0.0) {
                return refuse(name, value, "a length in metres, 0 or more");
            }
        }
        Ok(())
    }
}

/// Why a scene could not be searched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DetectError {
    /// A setting is outside its range.
    #[error("{name} is {value}: expected {expected}")]
    Parameter {
        /// The setting.
        name: &'static str,
        /// Its value.
        value: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A band's rows could not be read.
    #[error("{scene}: band {band} could not be read")]
    Read {
        /// Scene id.
        scene: String,
        /// Band, from 0.
        band: usize,
        /// What the reader said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The land mask could not be laid on the scene.
    #[error("{scene}: the land mask could not be laid on the image")]
    Land {
        /// Scene id.
        scene: String,
        /// What the mask said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The second look's weights are not what they should be.
    #[error("the weights of the second look hold no {name} of the expected shape")]
    Weights {
        /// The weight.
        name: &'static str,
    },
    /// Lessons of one kind alone teach nothing.
    #[error("{ships} regions of ships and {others} others to learn from: expected some of each")]
    Lessons {
        /// Regions that are a ship's.
        ships: usize,
        /// Regions that are not.
        others: usize,
    },
    /// The second look could not be run, trained, read or written.
    #[error("the second look failed")]
    Network(#[source] Box<candle_core::Error>),
    /// The worker threads could not be started.
    #[error("{threads} worker threads could not be started")]
    Threads {
        /// How many were asked for.
        threads: usize,
        /// What the system said.
        source: rayon::ThreadPoolBuildError,
    },
}

impl From<candle_core::Error> for DetectError {
    fn from(error: candle_core::Error) -> Self {
        Self::Network(Box::new(error))
    }
}
