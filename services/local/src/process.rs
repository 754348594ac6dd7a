//! Child processes that cannot be left behind.

use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, mpsc};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

pub(crate) mod table;

/// How often a condition is looked at again.
pub(crate) const PAUSE: Duration = Duration::from_millis(20);

/// How long a process that was asked to stop may take before it is killed.
const PATIENCE: Duration = Duration::from_secs(20);

/// The signals a program understands.
#[derive(Clone, Copy)]
pub(crate) struct Signals {
    /// Asks it to stop in good order.
    pub(crate) stop: libc::c_int,
    /// What it gets when this process dies without having stopped it.
    pub(crate) orphaned: libc::c_int,
}

/// A running child, stopped when dropped.
pub(crate) struct Process {
    name: &'static str,
    stop: libc::c_int,
    child: Mutex<Child>,
}

impl Process {
    /// Starts `command` with its output appended to `log`.
    pub(crate) fn start(name: &'static str, mut command: Command, signals: Signals, log: &Path) -> Result<Self> {
        let program = command.get_program().to_owned();
        let output = File::options()
            .create(true)
            .append(true)
            .open(log)
            .with_context(|| format!("cannot write the log of {name}, {}", log.display()))?;
        let errors = output.try_clone().context("cannot share the log between two outputs")?;
        command.stdin(Stdio::null()).stdout(output).stderr(errors);
        // A Ctrl-C in the terminal is for us alone: we stop the child once we no longer need it.
        command.process_group(0);
        die_with_parent(&mut command, signals.orphaned);
        let child = spawn(command).with_context(|| format!("cannot start {name} from {}", program.display()))?;
        Ok(Self { name, stop: signals.stop, child: Mutex::new(child) })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child().id()
    }

    /// Returns how the process ended, if it did.
    pub(crate) fn ended(&self) -> Option<ExitStatus> {
        // `try_wait` fails only for a child that is not ours.
        self.child().try_wait().ok().flatten()
    }

    /// Waits until the process has ended, and returns how, with the last lines of `log`.
    pub(crate) async fn obituary(&self, log: &Path) -> String {
        loop {
            if let Some(status) = self.ended() {
                return format!("{} ended ({status}); {}", self.name, tail(log));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Stops the process in good order, and kills it if it takes too long.
    pub(crate) async fn stop(&self) -> Result<()> {
        self.signal(self.stop);
        let deadline = Instant::now() + PATIENCE;
        while self.ended().is_none() {
            if Instant::now() > deadline {
                self.kill().await?;
                bail!("{} did not stop within {} s and was killed", self.name, PATIENCE.as_secs());
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Ends the process and its children at once, as a power cut would, and returns when they are gone.
    pub(crate) async fn kill(&self) -> Result<()> {
        let children = table::children_of(self.pid());
        self.signal(libc::SIGKILL);
        for child in &children {
            send(*child, libc::SIGKILL);
        }
        let deadline = Instant::now() + PATIENCE;
        while self.ended().is_none() || children.iter().any(|child| table::is_running(*child)) {
            if Instant::now() > deadline {
                bail!("{} (process {}) is still there after SIGKILL", self.name, self.pid());
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Sends a signal unless the process has ended: its number could be another's by then.
    fn signal(&self, signal: libc::c_int) {
        let mut child = self.child();
        if matches!(child.try_wait(), Ok(None)) {
            send(child.id(), signal);
        }
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Process {
    /// Waits, so that whoever starts the next one finds the port and the folder free.
    fn drop(&mut self) {
        self.signal(self.stop);
        let deadline = Instant::now() + PATIENCE;
        while self.ended().is_none() {
            if Instant::now() > deadline {
                tracing::warn!(process = self.name, "did not stop in time and is killed");
                self.signal(libc::SIGKILL);
                self.child().wait().ok();
                return;
            }
            std::thread::sleep(PAUSE);
        }
    }
}

/// Asks the kernel to send `signal` to the child when the thread that started it ends.
fn die_with_parent(command: &mut Command, signal: libc::c_int) {
    let parent = std::process::id();
    let ask = move || {
        // SAFETY: `prctl` with these arguments reads no memory of ours, and it is a plain system call.
        if unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, signal) } != 0 {
            return Err(io::Error::last_os_error());
        }
        // The parent may have died in between; then nobody would ever send that signal.
        if std::os::unix::process::parent_id() != parent {
            return Err(io::Error::from_raw_os_error(libc::ESRCH));
        }
        Ok(())
    };
    // SAFETY: between fork and exec only async-signal-safe calls are allowed: `ask` makes two system calls, allocates
    // nothing and takes no lock. It runs after the change of user, which would cancel the request.
    unsafe { command.pre_exec(ask) };
}

/// Starts a command on a thread that lives as long as this process. "Parent" means the thread to the kernel: a child
/// started from a worker of a runtime, or from one test of several, would be ended together with that thread.
fn spawn(command: Command) -> Result<Child> {
    struct Order {
        command: Command,
        reply: mpsc::Sender<io::Result<Child>>,
    }
    static STARTER: OnceLock<mpsc::Sender<Order>> = OnceLock::new();

    let starter = STARTER.get_or_init(|| {
        let (sender, orders) = mpsc::channel::<Order>();
        // Should there be no thread, the receiver is dropped here, and the send below says so.
        std::thread::Builder::new()
            .name("local-starter".to_owned())
            .spawn(move || {
                for mut order in orders {
                    order.reply.send(order.command.spawn()).ok();
                }
            })
            .ok();
        sender
    });
    let (reply, answer) = mpsc::channel();
    starter.send(Order { command, reply }).ok().context("the thread that starts children is not there")?;
    Ok(answer.recv().context("the thread that starts children has ended")??)
}

/// Sends a signal; that the process is gone already is fine.
pub(crate) fn send(pid: u32, signal: libc::c_int) {
    if let Ok(pid) = libc::pid_t::try_from(pid) {
        // SAFETY: `kill` takes two numbers and touches no memory of ours.
        unsafe { libc::kill(pid, signal) };
    }
}

/// Returns the last lines of a log, for an error message.
pub(crate) fn tail(log: &Path) -> String {
    const LINES: usize = 15;
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    format!("the end of {}:\n{}", log.display(), lines[lines.len().saturating_sub(LINES)..].join("\n"))
}

/// Runs a helper program to its end and returns its standard output.
pub(crate) async fn run(command: Command, patience: Duration) -> Result<String> {
    let program = command.get_program().to_owned();
    let mut command = tokio::process::Command::from(command);
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let output = tokio::time::timeout(patience, output)
        .await
        .with_context(|| format!("{} took longer than {} s", program.display(), patience.as_secs()))?
        .with_context(|| format!("cannot run {}", program.display()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{} failed ({}):\n{}", program.display(), output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
