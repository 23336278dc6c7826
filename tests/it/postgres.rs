//! A private PostgreSQL with PostGIS on a free port, for the tests of the library and of the program alike.
//!
//! A shell stands between: when the test process ends, however it ends, its input closes, and it ends the server by its id
//! and removes the folder. PostgreSQL refuses to run as root, so that root starts it as the user `postgres`.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "two test binaries use it, each a part, and a test may fail by panic"
)]

use postgres::{Client, NoTls};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

/// Arguments: the programs' folder, a new folder, the port, options of the server. Answers each order with one line.
const KEEPER: &str = r#"
bin=$1 folder=$2 port=$3
shift 3
as=
if [ "$(id -u)" = 0 ]; then
  chown -R postgres "$folder"
  as="setpriv --reuid=postgres --regid=postgres --clear-groups --reset-env"
fi
server=
start() {
  $as "$bin/postgres" -D "$folder/data" -h 127.0.0.1 -p "$port" -k "$folder" -c fsync=off -c max_connections=200 \
    -c autovacuum=off "$@" >>"$folder/log" 2>&1 </dev/null &
  server=$!
  for _ in $(seq 600); do
    $as "$bin/pg_isready" -q -h 127.0.0.1 -p "$port" -U tidewatch && { echo ready; return; }
    kill -0 "$server" 2>/dev/null || break
    sleep 0.05
  done
  echo "failed: $(tail -n 3 "$folder/log" | tr '\n' ' ')"
}
stop() {
  [ -z "$server" ] && return
  kill "-$1" "$server" 2>/dev/null
  wait "$server" 2>/dev/null
  server=
}
: >"$folder/log"
# A default order of texts that is not the order of their bytes.
if $as "$bin/initdb" -D "$folder/data" -U tidewatch -A trust --no-sync -E UTF8 --locale=C.UTF-8 \
  --locale-provider=icu --icu-locale=en >>"$folder/log" 2>&1; then
  start "$@"
else
  echo "failed: $(tail -n 3 "$folder/log" | tr '\n' ' ')"
fi
while read -r order; do
  case $order in
    # As after a crash: nothing is said goodbye to, and the log is replayed at the start.
    crash) stop QUIT; echo stopped ;;
    start) start "$@" ;;
  esac
done
stop INT
rm -rf "$folder"
"#;

/// A server.
pub struct Postgres {
    port: u16,
    pub folder: PathBuf,
    keeper: Mutex<(Child, ChildStdin, BufReader<ChildStdout>)>,
    databases: AtomicU32,
}

impl Postgres {
    /// The one that all tests of this process share.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(&[]))
    }

    /// One of its own, with options such as `-c ssl=on`.
    pub fn start(options: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap().keep(), options)
    }

    /// The same in a folder that is there, with what it holds; the folder is removed at the end.
    pub fn start_in(folder: PathBuf, options: &[&str]) -> Self {
        let port = free_port();
        let mut keeper = Command::new("/bin/sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(programs())
            .arg(&folder)
            .arg(port.to_string())
            .args(options)
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let orders = keeper.stdin.take().unwrap();
        let answers = BufReader::new(keeper.stdout.take().unwrap());
        let server = Self {
            port,
            folder,
            keeper: Mutex::new((keeper, orders, answers)),
            databases: AtomicU32::new(0),
        };
        server.expect("ready");
        // Adding PostGIS takes half a second, copying a database that has it much less.
        server.execute("postgres", "CREATE DATABASE with_postgis");
        server.execute("with_postgis", "CREATE EXTENSION postgis");
        server
    }

    fn expect(&self, answer: &str) {
        let mut line = String::new();
        self.keeper.lock().unwrap().2.read_line(&mut line).unwrap();
        assert_eq!(
            line.trim_end(),
            answer,
            "PostgreSQL in {}",
            self.folder.display()
        );
    }

    fn order(&self, order: &str) {
        writeln!(self.keeper.lock().unwrap().1, "{order}").unwrap();
    }

    /// Ends the server as a crash would.
    pub fn crash(&self) {
        self.order("crash");
        self.expect("stopped");
    }

    /// Starts it again.
    pub fn start_again(&self) {
        self.order("start");
        self.expect("ready");
    }

    /// Runs SQL in a database.
    pub fn execute(&self, database: &str, sql: &str) {
        self.client(database).batch_execute(sql).unwrap();
    }

    /// A connection of the tests' own.
    pub fn client(&self, database: &str) -> Client {
        Client::connect(&self.url(database), NoTls).unwrap()
    }

    /// A new database with PostGIS and nothing else; its name.
    pub fn new_database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("t{number}");
        // One at a time: a template must not be in use.
        static COPYING: Mutex<()> = Mutex::new(());
        let _one = COPYING.lock().unwrap_or_else(|error| error.into_inner());
        self.execute(
            "postgres",
            &format!("CREATE DATABASE {name} TEMPLATE with_postgis STRATEGY file_copy"),
        );
        name
    }

    /// The address of a database.
    pub fn url(&self, database: &str) -> String {
        format!("postgresql://tidewatch@127.0.0.1:{}/{database}", self.port)
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Where Debian and Ubuntu keep the newest server's programs.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql");
    let versions = versions.unwrap_or_else(|error| panic!("PostgreSQL is not here: {error}"));
    let newest = versions
        .map(|entry| entry.unwrap().path())
        .max_by_key(|path| version(path));
    newest.unwrap().join("bin")
}

fn version(path: &Path) -> u32 {
    let name = path.file_name().unwrap().to_string_lossy();
    name.parse().unwrap_or(0)
}
