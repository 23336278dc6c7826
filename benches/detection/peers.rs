//! Programs in Python beside ours: one process holds the image and answers one test at a time.

use anyhow::{Context, Result, ensure};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use tidewatch::detect::{RingLaw, RingTest};

/// Share of the threshold within which single-precision sums may decide otherwise: their eighth digit times the ratio of
/// the window's sum to the ring's, which a ship at full scale in the guard raises to a few hundred.
const BORDERLINE: f64 = 1e-4;

/// The running process.
pub struct Peers {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    places: PathBuf,
}

impl Peers {
    /// Starts the peers on the image file.
    pub fn start(image: &Path, width: usize, threads: usize) -> Result<Self> {
        let python = Path::new("target/peers/bin/python");
        ensure!(
            python.exists(),
            "{}: missing; scripts/setup.sh bench installs it",
            python.display()
        );
        let mut child = Command::new(python)
            .arg("benches/peers/ring_test.py")
            .arg(image)
            .args([width.to_string(), threads.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("the peers do not start")?;
        let orders = child.stdin.take().context("no pipe to the peers")?;
        let answers = child.stdout.take().context("no pipe from the peers")?;
        Ok(Self {
            child,
            orders,
            answers: BufReader::new(answers),
            places: image.with_extension("places"),
        })
    }

    /// Seconds that `peer` takes for the test.
    pub fn time(&mut self, peer: &str, law: &RingLaw, test: &RingTest) -> Result<f64> {
        writeln!(
            self.orders,
            "{peer} {} {} {:?} {} {}",
            law.ring_px / 2,
            law.guard_px / 2,
            test.threshold(),
            test.fewest(),
            self.places.display()
        )?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        answer
            .trim()
            .parse()
            .with_context(|| format!("{peer} answered {answer:?}"))
    }

    /// Places that the last test gave, rising.
    fn places(&self) -> Result<Vec<usize>> {
        let bytes = std::fs::read(&self.places)?;
        Ok(bytes
            .as_chunks::<8>()
            .0
            .iter()
            .map(|bytes| u64::from_le_bytes(*bytes) as usize)
            .collect())
    }

    /// Holds the last test of `peer` against ours: the number of borderline pixels decided otherwise.
    ///
    /// # Errors
    ///
    /// If a pixel that is not borderline differs, or any pixel of a peer with `exact` sums.
    pub fn compare(
        &self,
        (peer, exact): (&str, bool),
        ours: &[usize],
        subject: &Subject,
    ) -> Result<usize> {
        let theirs = self.places()?;
        let only = |a: &[usize], b: &[usize]| -> Vec<usize> {
            let missing = |place: &&usize| b.binary_search(place).is_err();
            a.iter().filter(missing).copied().collect()
        };
        let differing = [only(ours, &theirs), only(&theirs, ours)].concat();
        for &place in &differing {
            let ratio = subject.over_threshold(place);
            ensure!(
                !exact && (ratio - 1.0).abs() < BORDERLINE,
                "{peer} decides otherwise about pixel {place}, at {ratio} of the threshold"
            );
        }
        Ok(differing.len())
    }
}

impl Drop for Peers {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _code = self.child.wait();
        let _gone = std::fs::remove_file(&self.places);
    }
}

/// What all are asked about.
pub struct Subject<'a> {
    pub image: &'a [u16],
    pub width: usize,
    pub law: &'a RingLaw,
    pub test: &'a RingTest,
}

impl Subject<'_> {
    /// DN²·n / (α·S) of a pixel, counted out.
    fn over_threshold(&self, place: usize) -> f64 {
        let (row, col) = ((place / self.width) as i64, (place % self.width) as i64);
        let (outer, guard) = (
            i64::from(self.law.ring_px / 2),
            i64::from(self.law.guard_px / 2),
        );
        let height = (self.image.len() / self.width) as i64;
        let (mut sum, mut count) = (0_u64, 0_u64);
        for y in (row - outer).max(0)..=(row + outer).min(height - 1) {
            for x in (col - outer).max(0)..=(col + outer).min(self.width as i64 - 1) {
                let dn = u64::from(self.image[y as usize * self.width + x as usize].min(4095));
                if (y - row).abs().max((x - col).abs()) > guard && dn != 0 {
                    sum += dn * dn;
                    count += 1;
                }
            }
        }
        let power = f64::from(self.image[place]).powi(2);
        power * count as f64 / (self.test.threshold() * sum as f64)
    }
}
