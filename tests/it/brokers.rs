//! Private instances of brokers on free ports of loopback, ended by id.

use crate::push_desk::Running;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// Mosquitto in `folder`; gives the process and its port.
pub fn mosquitto(folder: &Path) -> (Running, u16) {
    mosquitto_with(folder, "")
}

/// Mosquitto with more lines of settings.
pub fn mosquitto_with(folder: &Path, more: &str) -> (Running, u16) {
    let port = free_port();
    let settings = folder.join("mosquitto.conf");
    let text =
        format!("listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n{more}");
    fs::write(&settings, text).unwrap();
    let mut command = Command::new("mosquitto");
    command.arg("-c").arg(&settings);
    (start(command, port), port)
}

/// Mosquitto that speaks TLS alone and knows one name and password.
pub fn secured_mosquitto(
    folder: &Path,
    (certificate, key): (&Path, &Path),
    (user, password): (&str, &str),
) -> (Running, u16) {
    let port = free_port();
    let passwords = folder.join("passwords");
    let made = Command::new("mosquitto_passwd")
        .args(["-b", "-c"])
        .arg(&passwords)
        .args([user, password])
        .status()
        .expect("mosquitto_passwd runs");
    assert!(made.success());
    let settings = folder.join("secured.conf");
    // As root it would become another user, who cannot read the test's folder.
    let text = format!(
        "user root\nlistener {port} 127.0.0.1\ncertfile {}\nkeyfile {}\nallow_anonymous false\npassword_file {}\n",
        certificate.display(),
        key.display(),
        passwords.display()
    );
    fs::write(&settings, text).unwrap();
    let mut command = Command::new("mosquitto");
    command.arg("-c").arg(&settings);
    (start(command, port), port)
}

/// A NATS server with JetStream that speaks TLS alone; `login` are its arguments for names or tokens.
pub fn secured_nats(
    folder: &Path,
    (certificate, key): (&Path, &Path),
    login: &[&str],
) -> (Running, u16) {
    let port = free_port();
    let mut command = Command::new("nats-server");
    command
        .args(["-js", "-a", "127.0.0.1", "-p", &port.to_string(), "-sd"])
        .arg(folder.join(format!("jetstream-{port}")))
        .arg("--tls")
        .args(["--tlscert".as_ref(), certificate.as_os_str()])
        .args(["--tlskey".as_ref(), key.as_os_str()])
        .args(login);
    (start(command, port), port)
}

/// A NATS server with JetStream in `folder`; gives the process and its port.
pub fn nats(folder: &Path) -> (Running, u16) {
    let port = free_port();
    (nats_at(folder, port), port)
}

/// The same on a port, with what its folder holds: started again after its end, it goes on.
pub fn nats_at(folder: &Path, port: u16) -> Running {
    let mut command = Command::new("nats-server");
    command
        .args(["-js", "-a", "127.0.0.1", "-p", &port.to_string(), "-sd"])
        .arg(folder.join("jetstream"));
    start(command, port)
}

/// A NATS server set up by a file, with variables of its environment, on free ports; it keeps its streams in `folder`.
pub fn nats_set_up(folder: &Path, settings: &Path, variables: &[(&str, &str)]) -> (Running, u16) {
    let (port, monitor) = (free_port(), free_port());
    let mut command = Command::new("nats-server");
    command
        .arg("-c")
        .arg(settings)
        .args([
            "-a",
            "127.0.0.1",
            "-p",
            &port.to_string(),
            "-m",
            &monitor.to_string(),
        ])
        .env("NATS_STORE_DIR", folder.join("jetstream"))
        .envs(variables.iter().copied());
    (start(command, port), port)
}

fn start(mut command: Command, port: u16) -> Running {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the broker starts");
    let running = Running(child);
    let begin = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(
            begin.elapsed() < Duration::from_secs(10),
            "no broker on port {port}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    running
}

/// A reader with a session of its own: writes `count` messages to `log`, a line each, as topic, QoS, content type, expiry
/// and user properties.
pub fn subscribe(port: u16, count: usize, log: &Path) -> Running {
    let reader = || {
        let mut command = Command::new("mosquitto_sub");
        command
            .args(["-V", "5", "-h", "127.0.0.1", "-p", &port.to_string()])
            .args([
                "-i", "reader", "-c", "-x", "600", "-t", "mda/v1/#", "-q", "1",
            ]);
        command
    };
    // The session stands before the first message leaves: -E ends once it is subscribed.
    let ready = reader().arg("-E").status().expect("mosquitto_sub runs");
    assert!(ready.success());
    let file = fs::File::create(log).unwrap();
    let child = reader()
        .args(["-C", &count.to_string(), "-F", "%t\t%q\t%C\t%E\t%P"])
        .stdout(file)
        .spawn()
        .unwrap();
    Running(child)
}
