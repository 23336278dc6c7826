//! A simulated sea: four-look speckle that falls off with range, ships, masked islands. Any row by itself, from a seed.

/// Looks of the speckle.
pub const LOOKS: f64 = 4.0;

/// Amplitude of the mean power at near range.
const MEAN_DN: f64 = 120.0;

/// Side of the cells that hold one ship each, pixels: some 500 ships in 16,384².
const SHIP_CELL: usize = 700;

/// Side of the cells that hold one island each, pixels.
const ISLAND_CELL: usize = 4096;

/// Radius of an island, pixels: eight per cent of the image is masked.
const ISLAND_RADIUS: i64 = 650;

/// Steps of the quantile tables.
const STEPS: usize = 1 << 16;

/// A sea of a given width.
pub struct Sea {
    width: usize,
    /// Amplitude by quantile in steps of 2⁻¹⁶; the last step is divided once more, so that tails reach 2⁻³².
    quantile: Vec<u16>,
    tail: Vec<u16>,
    /// Fall-off with range, 1/256.
    gain: Vec<u32>,
}

impl Sea {
    /// Makes the tables.
    pub fn new(width: usize) -> Self {
        let step = 1.0 / STEPS as f64;
        let last = 1.0 - step;
        Self {
            width,
            quantile: quantiles(0.0, step),
            tail: quantiles(last, step * step),
            gain: (0..width)
                .map(|col| 256 - (96 * col / width) as u32)
                .collect(),
        }
    }

    /// Rows from `first_row` on, as many as `out` holds.
    pub fn fill(&self, first_row: usize, out: &mut [u16]) {
        for (row, line) in (first_row..).zip(out.chunks_mut(self.width)) {
            self.fill_row(row, line);
        }
    }

    fn fill_row(&self, row: usize, line: &mut [u16]) {
        let mut bits = 0;
        for (col, (dn, gain)) in line.iter_mut().zip(&self.gain).enumerate() {
            bits = if col % 4 == 0 {
                mix(row, col)
            } else {
                bits >> 16
            };
            let step = bits as usize % STEPS;
            let speckle = match step + 1 {
                STEPS => self.tail[mix(row, col + (1 << 32)) as usize % STEPS],
                _ => self.quantile[step],
            };
            *dn = (u32::from(speckle) * gain / 256).max(1) as u16;
        }
        for cell in 0..self.width.div_ceil(SHIP_CELL) {
            draw_ship(row, cell, line);
        }
        for cell in 0..self.width.div_ceil(ISLAND_CELL) {
            mask_island(row, cell, line);
        }
    }
}

/// The ship of one cell, if the row crosses it: 4 to 9 rows, 8 to 40 columns, up to full scale.
fn draw_ship(row: usize, cell: usize, line: &mut [u16]) {
    let chance = mix(row / SHIP_CELL, cell + (1 << 40)) as usize;
    let (length, width) = (8 + chance % 32, 4 + (chance >> 8) % 6);
    let dn = [700, 1500, 4000, u16::MAX][(chance >> 16) % 4];
    let top = (chance >> 20) % (SHIP_CELL - width);
    let left = cell * SHIP_CELL + (chance >> 32) % (SHIP_CELL - length);
    let inside = (top..top + width).contains(&(row % SHIP_CELL));
    if let Some(ship) = line.get_mut(left..left + length).filter(|_| inside) {
        ship.fill(dn);
    }
}

fn mask_island(row: usize, cell: usize, line: &mut [u16]) {
    let centre = (ISLAND_CELL / 2) as i64;
    let down = (row % ISLAND_CELL) as i64 - centre;
    let Some(half) = (ISLAND_RADIUS.pow(2) - down.pow(2)).checked_isqrt() else {
        return;
    };
    let middle = (cell * ISLAND_CELL) as i64 + centre;
    let edge = |col: i64| (col as usize).min(line.len());
    let (first, end) = (edge(middle - half), edge(middle + half));
    line[first..end].fill(0);
}

/// Amplitudes at `STEPS` quantiles from `first`, `step` apart (in their middles).
fn quantiles(first: f64, step: f64) -> Vec<u16> {
    let mut dn = 0_u16;
    (0..STEPS)
        .map(|at| {
            let above = 1.0 - first - (at as f64 + 0.5) * step;
            while exceedance(f64::from(dn) + 0.5) > above {
                dn += 1;
            }
            dn
        })
        .collect()
}

/// Probability that four-look amplitude exceeds `dn`: e⁻ˣ Σ xᵏ/k!, x = 4 dn² / mean power, k < 4.
fn exceedance(dn: f64) -> f64 {
    let x = LOOKS * (dn / MEAN_DN).powi(2);
    (-x).exp() * (1.0 + x + x * x / 2.0 + x * x * x / 6.0)
}

/// Well-mixed bits of a place (Steele, Lea and Flood 2014, SplitMix).
fn mix(row: usize, col: usize) -> u64 {
    let mut bits = ((row as u64) << 44 ^ col as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
