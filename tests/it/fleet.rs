//! A receiver station on loopback for the built program to connect to, a fleet that it hears, and what listening keeps of it.

use crate::program::tidewatch;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tidewatch::ais::encode::encode;
use tidewatch::ais::message::{Link, Message, Motion, PositionReport};
use tidewatch::model::region::RegionShape;
use tidewatch::model::units::{KNOT_MPS, LonLat, Mmsi};
use tidewatch::region::built_in;

/// The watched feature of [`Post`]'s rule: its centre, and the radius of its 12 nm zone, metres.
pub fn feature() -> (LonLat, f64) {
    let regions = built_in(&[12.0]).unwrap();
    let found = regions.iter().find(|region| region.id == "senkaku-uotsuri");
    match &found.unwrap().shape {
        RegionShape::Feature {
            centre, radius_m, ..
        } => (*centre, radius_m + 12.0 * 1852.0),
        RegionShape::Area(_) => panic!("a built-in region is a feature"),
    }
}

/// A folder with a pipeline that listens, its store, and a partner who is given all.
pub struct Post {
    folder: tempfile::TempDir,
    /// The partner's key.
    pub key: String,
}

impl Post {
    /// `live` is the section's text, indented by two.
    pub fn new(live: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "name: post\nstatus: Exercise\nlive:\n{live}\nrules:\n- {{id: entered, kind: zone-entry, zone_nm: 12, \
             hysteresis_nm: 0.02, regions: [senkaku-uotsuri]}}\n- {{id: distress, kind: distress-beacon}}\noutput: out\n"
        );
        std::fs::write(folder.path().join("live.yaml"), text).unwrap();
        let mut post = Self {
            folder,
            key: String::new(),
        };
        let store = post.store();
        let store = store.to_str().unwrap();
        let partner = |args: &[&str]| {
            let ran = tidewatch(["partner", "--store", store].iter().chain(args));
            assert_eq!(ran.code, 0, "{}", ran.stderr);
            ran.stdout.trim().to_owned()
        };
        partner(&["add", "all", "--name", "All", "--tlp", "TLP:RED"]);
        post.key = partner(&["key", "add", "all"]);
        post
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn pipeline(&self) -> PathBuf {
        self.folder.path().join("live.yaml")
    }

    pub fn store(&self) -> PathBuf {
        self.folder.path().join("t.gpkg")
    }
}

/// A station that waits for the program.
pub struct Station {
    port: u16,
}

impl Station {
    /// On a free port.
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        Self { port }
    }

    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Waits for one connection; nobody is let in before or after.
    pub fn accept(&self) -> TcpStream {
        let listener = TcpListener::bind(self.address()).unwrap();
        listener.set_nonblocking(true).unwrap();
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            match listener.accept() {
                Ok((stream, _)) => {
                    stream.set_nonblocking(false).unwrap();
                    stream
                        .set_write_timeout(Some(Duration::from_secs(60)))
                        .unwrap();
                    return stream;
                }
                Err(_) => assert!(Instant::now() < until, "nobody connects"),
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Ends a connection so that all that was written is read: says that nothing follows, and waits for the other's end.
pub fn close(mut stream: TcpStream) {
    stream.shutdown(Shutdown::Write).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    assert!(rest.is_empty());
}

/// A ship on a straight course.
#[derive(Clone, Copy)]
pub struct Ship {
    pub mmsi: u32,
    pub start: LonLat,
    pub course_deg: f64,
    pub speed_kn: f64,
}

impl Ship {
    /// East of [`feature`]'s zone by so much, making for it.
    pub fn towards(mmsi: u32, outside_nm: f64, speed_kn: f64) -> Self {
        let (centre, zone_m) = feature();
        Self {
            mmsi,
            start: centre.destination(90.0, zone_m + outside_nm * 1852.0),
            course_deg: 270.0,
            speed_kn,
        }
    }

    /// How far inside [`feature`]'s zone it is at this second, nautical miles.
    pub fn inside_nm(&self, second: f64) -> f64 {
        let (centre, zone_m) = feature();
        (zone_m - self.place(second).distance_m(centre)) / 1852.0
    }

    pub fn place(&self, second: f64) -> LonLat {
        let distance_m = self.speed_kn * KNOT_MPS * second;
        self.start.destination(self.course_deg, distance_m)
    }

    /// Its type 1 sentence at this second, with a line end.
    pub fn line(&self, second: f64) -> String {
        sentence(
            self.mmsi,
            Some(0),
            Motion {
                position: Some(self.place(second)),
                sog_kn: Some(self.speed_kn),
                cog_deg: Some(self.course_deg),
                ..Motion::default()
            },
        )
    }
}

/// A type 1 sentence with a line end.
pub fn sentence(mmsi: u32, nav_status: Option<u8>, motion: Motion) -> String {
    let report = PositionReport {
        type_number: 1,
        mmsi: Mmsi(mmsi),
        link: Link::default(),
        nav_status,
        turn: None,
        motion,
        special_manoeuvre: None,
    };
    encode(&Message::Position(report), None, 0).remove(0) + "\r\n"
}

/// Writes a line.
pub fn send(stream: &mut TcpStream, line: &str) {
    stream.write_all(line.as_bytes()).unwrap();
}

/// Sum of the samples of a metric whose name and labels begin so.
pub fn metric(text: &str, start: &str) -> u64 {
    let lines = text.lines().filter(|line| line.starts_with(start));
    let values = lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
    values.sum::<f64>() as u64
}

/// Asks until the answer is there, or half a minute has passed.
pub fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < until, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
