//! Certificates for loopback, made by openssl in a folder of the test.

use crate::program::other;
use std::fs;
use std::path::{Path, PathBuf};

/// An authority of its own, and what it issues.
pub struct Authority {
    folder: PathBuf,
    name: String,
}

impl Authority {
    pub fn new(folder: &Path, name: &str) -> Self {
        let authority = Self {
            folder: folder.to_owned(),
            name: name.to_owned(),
        };
        let subject = format!("/CN={name}");
        openssl(&[
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            &subject,
            "-keyout",
            &authority.text(".key"),
            "-out",
            &authority.text(".pem"),
        ]);
        authority
    }

    /// Its certificate.
    pub fn certificate(&self) -> PathBuf {
        self.path(".pem")
    }

    /// A certificate for localhost and 127.0.0.1 under `name`, and its key.
    pub fn issue(&self, name: &str) -> (PathBuf, PathBuf) {
        let of = |extension: &str| self.path(&format!("-{name}{extension}"));
        let text = |extension: &str| of(extension).display().to_string();
        let subject = format!("/CN={name}");
        openssl(&[
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-subj",
            &subject,
            "-keyout",
            &text(".key"),
            "-out",
            &text(".csr"),
        ]);
        fs::write(of(".ext"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n").unwrap();
        openssl(&[
            "x509",
            "-req",
            "-in",
            &text(".csr"),
            "-CA",
            &self.text(".pem"),
            "-CAkey",
            &self.text(".key"),
            "-CAcreateserial",
            "-days",
            "2",
            "-extfile",
            &text(".ext"),
            "-out",
            &text(".pem"),
        ]);
        (of(".pem"), of(".key"))
    }

    fn path(&self, extension: &str) -> PathBuf {
        self.folder.join(format!("{}{extension}", self.name))
    }

    fn text(&self, extension: &str) -> String {
        self.path(extension).display().to_string()
    }
}

fn openssl(args: &[&str]) {
    let ran = other("openssl", args).expect("openssl runs");
    assert_eq!(ran.code, 0, "{args:?}: {}", ran.stderr);
}
