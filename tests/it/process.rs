//! A service as a process of its own, which can be killed, frozen, thawed and asked to stop.

use std::{
    io::Read,
    net::SocketAddr,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use platform::{
    Config,
    testing::{Bench, eventually},
};
use secrecy::ExposeSecret;
use socket2::{Domain, Socket, Type};
use tonic::transport::Channel;

/// How long a service may take from SIGTERM to its end.
pub(crate) const DRAIN: Duration = Duration::from_secs(10);

pub(crate) struct Process {
    command: Command,
    child: Child,
    pub(crate) url: String,
    pub(crate) admin: String,
    log: tempfile::NamedTempFile,
}

impl Process {
    pub(crate) async fn start(bench: &Bench, service: &str) -> Self {
        Self::start_with(bench, service, &[]).await
    }

    /// Started with more in its environment: a fault, a bug, another setting.
    pub(crate) async fn start_with(bench: &Bench, service: &str, environment: &[(&str, &str)]) -> Self {
        Prepared::new(&bench.config(service).await, service).start(environment)
    }

    /// A port that was free a moment ago may be somebody else's by now: who answers there is believed only once the process
    /// says that it listens.
    pub(crate) async fn channel(&self) -> Channel {
        let says = async || self.log().contains("listening").then_some(());
        eventually("the process says that it listens", says).await;
        eventually("the process listens", async || self.try_channel().await).await
    }

    pub(crate) async fn try_channel(&self) -> Option<Channel> {
        Channel::from_shared(self.url.clone()).unwrap().connect().await.ok()
    }

    /// Where it listens for calls.
    pub(crate) fn address(&self) -> SocketAddr {
        self.url.trim_start_matches("http://").parse().unwrap()
    }

    /// `/readyz`: its status and what it says.
    pub(crate) async fn ready(&self) -> Option<(u16, String)> {
        let answer = reqwest::get(format!("{}/readyz", self.admin)).await.ok()?;
        Some((answer.status().as_u16(), answer.text().await.ok()?))
    }

    /// A figure of `/metrics`: the sum over its labels.
    pub(crate) async fn metric(&self, name: &str) -> Option<f64> {
        let text = reqwest::get(format!("{}/metrics", self.admin)).await.ok()?.text().await.ok()?;
        let of_name = |line: &&str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']));
        let figures = text.lines().filter(of_name).filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
        figures.reduce(|sum, figure| sum + figure)
    }

    /// What it logged.
    pub(crate) fn log(&self) -> String {
        let mut text = String::new();
        self.log.reopen().unwrap().read_to_string(&mut text).unwrap();
        text
    }

    /// Resident memory, KiB.
    pub(crate) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|figure| figure.parse().ok()).unwrap_or_default()
    }

    /// SIGKILL: no drain, no goodbye.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again after its end, at the addresses it had.
    pub(crate) fn again(&mut self) {
        self.child = self.command.spawn().unwrap();
    }

    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success(), "kill {name}");
    }

    /// The status with which it ended, once it has.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        eventually("the process ends", async || self.child.try_wait().unwrap()).await
    }

    /// True if it stands still, by a signal or by a fault that freezes.
    pub(crate) fn is_frozen(&self) -> bool {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        status.lines().any(|line| line.starts_with("State:\tT"))
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

/// A process that is not started yet: its addresses are known already, and kept for it.
pub(crate) struct Prepared {
    command: Command,
    pub(crate) url: String,
    admin: String,
    /// Bound, and listening to nobody.
    kept: [Socket; 2],
}

impl Prepared {
    /// With these settings; the service's database is not asked for.
    pub(crate) fn new(config: &Config, service: &str) -> Self {
        let ((grpc, kept), (admin, too)) = (keep(), keep());
        let here = std::env::current_exe().unwrap();
        let binary = here.ancestors().map(|folder| folder.join(service)).find(|path| path.is_file());
        let binary = binary.unwrap_or_else(|| panic!("{service} is not built beside {}", here.display()));
        let mut command = Command::new(&binary);
        command
            .env("CIRCULA__DATABASE__URL", config.database.url.expose_secret())
            .env("CIRCULA__KAFKA__BROKERS", &config.kafka.brokers)
            .env("CIRCULA__KAFKA__PREFIX", &config.kafka.prefix)
            .env("CIRCULA__KAFKA__PARTITIONS", config.kafka.partitions.to_string())
            .env("CIRCULA__IDENTITY__ISSUER", &config.identity.issuer)
            .env("CIRCULA__IDENTITY__JWKS_URL", &config.identity.jwks_url)
            .env("CIRCULA__GRPC_LISTEN", grpc.to_string())
            .env("CIRCULA__ADMIN_LISTEN", admin.to_string())
            .env("CIRCULA_CANDIDATE__LOTTERY_KEY", "the key of a test")
            .env("CIRCULA_GATEWAY__LISTEN", grpc.to_string());
        Self { command, url: format!("http://{grpc}"), admin: format!("http://{admin}"), kept: [kept, too] }
    }

    pub(crate) fn start(self, environment: &[(&str, &str)]) -> Process {
        let Self { mut command, url, admin, kept } = self;
        drop(kept);
        let log = tempfile::NamedTempFile::new().unwrap();
        command.envs(environment.iter().copied()).stdout(Stdio::null()).stderr(log.reopen().unwrap());
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Process { command, child, url, admin, log }
    }
}

/// A free address of this machine that nobody else is given; who connects is refused.
fn keep() -> (SocketAddr, Socket) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    (socket.local_addr().unwrap().as_socket().unwrap(), socket)
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            eprintln!("{} said last:\n{}", self.url, lines[lines.len().saturating_sub(20)..].join("\n"));
        }
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
