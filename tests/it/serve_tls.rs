//! `tidewatch serve` over TLS, asked by programs we did not write, and by peers that cannot speak it.

use crate::certificates::Authority;
use crate::program::{Ran, clients_python, other, tidewatch};
use crate::served::Server;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

struct Secured {
    folder: tempfile::TempDir,
    authority: Authority,
    certificate: PathBuf,
    key: PathBuf,
    server: Server,
}

fn secured() -> Secured {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path(), "authority");
    let (first, first_key) = authority.issue("first");
    let (certificate, key) = (folder.path().join("tls.pem"), folder.path().join("tls.key"));
    fs::copy(first, &certificate).unwrap();
    fs::copy(first_key, &key).unwrap();
    let server = Server::start_with(
        &folder.path().join("t.gpkg"),
        &[
            "--tls-cert",
            certificate.to_str().unwrap(),
            "--tls-key",
            key.to_str().unwrap(),
        ],
    );
    Secured {
        folder,
        authority,
        certificate,
        key,
        server,
    }
}

impl Secured {
    fn curl(&self, path: &str, more: &[&str]) -> Ran {
        let authority = self.authority.certificate().display().to_string();
        let url = format!("https://{}{path}", self.server.address);
        let args = ["-sS", "--max-time", "15", "--cacert", &authority, &url];
        other("curl", args.iter().chain(more)).expect("curl runs")
    }

    /// What `openssl s_client` tells of a handshake.
    fn handshake(&self, more: &[&str]) -> String {
        let authority = self.authority.certificate().display().to_string();
        let args = [
            "s_client",
            "-connect",
            &self.server.address,
            "-CAfile",
            &authority,
            "-verify_return_error",
        ];
        let output = Command::new("openssl")
            .args(args.iter().chain(more))
            .stdin(std::process::Stdio::null())
            .output()
            .expect("openssl runs");
        let text = [output.stdout, output.stderr].concat();
        String::from_utf8_lossy(&text).into_owned()
    }
}

#[test]
#[ignore = "needs curl, openssl and the Python clients"]
fn curl_openssl_and_httpx_are_answered_over_tls_and_links_say_so() {
    let tls = secured();
    for version in [
        ["--tlsv1.2", "--tls-max", "1.2"],
        ["--tlsv1.3", "--tls-max", "1.3"],
    ] {
        let landing = tls.curl("/?f=json", &version);
        assert_eq!(landing.code, 0, "{}", landing.stderr);
        let value: serde_json::Value = serde_json::from_str(&landing.stdout).unwrap();
        let at = format!("https://{}", tls.server.address);
        let links = value["links"].as_array().unwrap();
        assert!(links.len() > 5);
        for link in links {
            assert!(link["href"].as_str().unwrap().starts_with(&at), "{link}");
        }
    }
    let stranger = other(
        "curl",
        [
            "-sS",
            "--max-time",
            "15",
            &format!("https://{}/healthz", tls.server.address),
        ],
    );
    // 60: the certificate is not vouched for by anyone the system knows.
    assert_eq!(stranger.unwrap().code, 60);
    let told = tls.handshake(&["-alpn", "h2,http/1.1"]);
    assert!(told.contains("ALPN protocol: http/1.1"), "{told}");
    assert!(
        told.contains("Verify return code: 0 (ok)") && told.contains("TLSv1.3"),
        "{told}"
    );
    let old = tls.handshake(&["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]);
    assert!(!old.contains("Cipher is ECDHE"), "{old}");
    let asked = "import sys, httpx; r = httpx.get(sys.argv[1], verify=__import__('ssl').create_default_context(cafile=sys.argv[2])); \
                 print(r.status_code, r.text.strip())";
    let authority = tls.authority.certificate().display().to_string();
    let url = format!(
        "https://localhost:{}/healthz",
        tls.server.address.rsplit(':').next().unwrap()
    );
    let read = other(clients_python(), ["-c", asked, &url, &authority]).unwrap();
    assert_eq!(read.stdout.trim(), "200 alive", "{}", read.stderr);
    assert_eq!(tls.server.end().0.code(), Some(0));
}

#[test]
#[ignore = "needs curl and openssl"]
fn plain_http_and_stalled_handshakes_are_cut_off_and_hold_nobody_up() {
    let tls = secured();
    let plain = tls.server.raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(
        !plain.contains("HTTP/1.1") && !plain.contains("alive"),
        "{plain}"
    );
    // Half of a ClientHello's head, and nothing at all.
    let mut stalled: Vec<_> = (0..60).map(|_| tls.server.connect()).collect();
    for stream in stalled.iter_mut().step_by(2) {
        stream.write_all(&[0x16, 0x03, 0x01]).unwrap();
    }
    let started = Instant::now();
    let answer = tls.curl("/healthz", &[]);
    assert_eq!(answer.stdout, "alive\n", "{}", answer.stderr);
    assert!(started.elapsed() < Duration::from_secs(5), "others wait");
    let mut rest = Vec::new();
    // The handshake's time is ten seconds; the reading side waits twenty.
    assert!(
        stalled[0].read_to_end(&mut rest).is_ok(),
        "closed by the server"
    );
    assert!(started.elapsed() < Duration::from_secs(18));
    let metrics = tls.curl("/metrics", &[]).stdout;
    assert!(
        metrics.contains("mda_tls_handshakes_failed_total"),
        "{metrics}"
    );
    // One that stalls now does not keep the server from ending.
    let _stalled = tls.server.connect();
    let asked = Instant::now();
    let (status, log) = tls.server.end();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(
        asked.elapsed() < Duration::from_secs(8),
        "the end waits for a handshake"
    );
    assert!(!log.contains("panicked"), "{log}");
}

#[test]
#[ignore = "needs openssl"]
fn a_certificate_that_cannot_be_used_is_named_and_nothing_starts() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path(), "authority");
    let (certificate, key) = authority.issue("one");
    let (_, other_key) = authority.issue("two");
    let text = folder.path().join("text.pem");
    fs::write(&text, "No certificate.\n").unwrap();
    let broken = folder.path().join("broken.pem");
    fs::write(
        &broken,
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    let missing = folder.path().join("missing.pem");
    let store = folder.path().join("t.gpkg");
    let start = |certificate: &Path, key: &Path| {
        tidewatch([
            "serve".as_ref(),
            "--listen".as_ref(),
            "127.0.0.1:0".as_ref(),
            "--store".as_ref(),
            store.as_os_str(),
            "--tls-cert".as_ref(),
            certificate.as_os_str(),
            "--tls-key".as_ref(),
            key.as_os_str(),
        ])
    };
    for (certificate, key, named) in [
        (&missing, &key, &missing),
        (&text, &key, &text),
        (&broken, &key, &broken),
        (&certificate, &missing, &missing),
        (&certificate, &text, &text),
        (&certificate, &certificate, &certificate),
        (&certificate, &other_key, &other_key),
    ] {
        let ran = start(certificate, key);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        let told = format!("{}: ", named.display());
        assert!(
            ran.stderr.contains(&told) && ran.stderr.contains("expected a PEM file"),
            "{named:?}: {}",
            ran.stderr
        );
        assert!(!store.exists(), "no store is made");
    }
    let alone = tidewatch(["serve", "--tls-cert", certificate.to_str().unwrap()]);
    assert_eq!(alone.code, 2);
    assert!(alone.stderr.contains("--tls-key"), "{}", alone.stderr);
}

#[test]
#[ignore = "needs curl and openssl"]
fn sighup_takes_a_new_certificate_and_keeps_the_old_one_where_the_new_is_broken() {
    let tls = secured();
    let subject = |expected: &str| {
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            let told = tls.handshake(&[]);
            if told.contains(&format!("subject=CN = {expected}")) {
                return;
            }
            assert!(Instant::now() < until, "{expected}: {told}");
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    subject("first");
    let (second, second_key) = tls.authority.issue("second");
    fs::copy(second, &tls.certificate).unwrap();
    fs::copy(second_key, &tls.key).unwrap();
    tls.server.signal("-HUP");
    subject("second");
    fs::write(&tls.certificate, "").unwrap();
    tls.server.signal("-HUP");
    std::thread::sleep(Duration::from_millis(500));
    subject("second");
    assert!(tls.folder.path().exists());
    let (status, log) = tls.server.end();
    assert_eq!(status.code(), Some(0));
    assert!(log.contains("The certificate was read again."), "{log}");
    assert!(log.contains("cannot be read again"), "{log}");
}
