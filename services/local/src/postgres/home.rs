//! Where the server's files live, and as whom it runs.
//!
//! PostgreSQL refuses to run as root, as which containers do run. Then it runs as `nobody`, who has to be able to walk
//! to its files: a checkout in `/root` is no place for them.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

const NOBODY: u32 = 65_534;
const WALK: u32 = 0o001;

/// The folders of one server.
pub(super) struct Home {
    directory: PathBuf,
    data: PathBuf,
    root: bool,
}

impl Home {
    /// Creates `directory` if need be and decides where the data goes.
    pub(super) fn prepare(directory: &Path) -> Result<Self> {
        fs::create_dir_all(directory).with_context(|| format!("cannot create {}", directory.display()))?;
        let directory = fs::canonicalize(directory).with_context(|| format!("cannot find {}", directory.display()))?;
        let root = own_uid()? == 0;
        let data = match root {
            true => data_for_nobody(&directory)?,
            false => directory.join("data"),
        };
        Ok(Self { directory, data, root })
    }

    pub(super) fn data(&self) -> &Path {
        &self.data
    }

    pub(super) fn log(&self) -> PathBuf {
        self.directory.join("postgres.log")
    }

    pub(super) fn port(&self) -> PathBuf {
        self.directory.join("port")
    }

    /// Returns the major version that made the data, if there is any.
    pub(super) fn version(&self) -> Option<u32> {
        fs::read_to_string(self.data.join("PG_VERSION")).ok()?.trim().parse().ok()
    }

    /// Returns a command that runs as whom the server has to run.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").env("LC_ALL", "C");
        if self.root {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }

    /// Returns an empty folder beside the data, in which it is made.
    pub(super) fn empty_folder(&self) -> Result<PathBuf> {
        let new = self.data.with_extension("new");
        if new.exists() {
            fs::remove_dir_all(&new).with_context(|| format!("cannot remove {}", new.display()))?;
        }
        let made = DirBuilder::new().mode(0o700).create(&new);
        made.with_context(|| format!("cannot create {}", new.display()))?;
        if self.root {
            std::os::unix::fs::chown(&new, Some(NOBODY), Some(NOBODY)).with_context(|| {
                format!("cannot give {} to user {NOBODY}: run as an ordinary user, not as root", new.display())
            })?;
        }
        Ok(new)
    }

    /// Says early what would otherwise be a bare "permission denied".
    pub(super) fn check_readable(&self, binaries: &Path) -> Result<()> {
        if self.root && !may_walk(binaries)? {
            bail!(
                "PostgreSQL cannot run as root, and user {NOBODY} cannot reach the binaries in {}: move them, or run as \
                 an ordinary user",
                binaries.display()
            );
        }
        Ok(())
    }
}

/// Returns a folder of this user that is not below a home: `/var/tmp/circula-<uid>`.
pub(super) fn private_folder() -> Result<PathBuf> {
    let uid = own_uid()?;
    let folder = PathBuf::from(format!("/var/tmp/circula-{uid}"));
    if !folder.is_symlink() && !folder.exists() {
        let made = DirBuilder::new().recursive(true).mode(0o711).create(&folder);
        made.with_context(|| format!("cannot create {}", folder.display()))?;
    }
    // Everybody may write to /var/tmp; somebody may have been there before us.
    let found = fs::symlink_metadata(&folder).with_context(|| format!("cannot look at {}", folder.display()))?;
    if !found.is_dir() || found.uid() != uid {
        bail!("{} belongs to somebody else: have it removed", folder.display());
    }
    Ok(folder)
}

/// Returns a place for the data that `nobody` can reach: in the directory itself, or else in [`private_folder`], with a
/// link in the directory that says so.
fn data_for_nobody(directory: &Path) -> Result<PathBuf> {
    let data = directory.join("data");
    let reachable = match directory.parent() {
        Some(above) => may_walk(above)?,
        None => true,
    };
    if reachable {
        let found = fs::metadata(directory).with_context(|| format!("cannot look at {}", directory.display()))?;
        let mode = found.permissions().mode();
        fs::set_permissions(directory, fs::Permissions::from_mode(mode | WALK))
            .with_context(|| format!("cannot let user {NOBODY} into {}", directory.display()))?;
        return Ok(data);
    }
    let name = hex::encode(&Sha256::digest(directory.as_os_str().as_encoded_bytes())[..8]);
    let moved = private_folder()?.join(name);
    if fs::read_link(&data).ok().as_ref() != Some(&moved) {
        // A new directory at an old place: the data of the one that was deleted is not its data.
        if moved.exists() {
            fs::remove_dir_all(&moved).with_context(|| format!("cannot remove {}", moved.display()))?;
        }
        std::os::unix::fs::symlink(&moved, &data)
            .with_context(|| format!("cannot put a link to {} at {}", moved.display(), data.display()))?;
    }
    Ok(moved)
}

/// Returns whether everybody may walk through `folder` and all above it.
fn may_walk(folder: &Path) -> Result<bool> {
    let folder = fs::canonicalize(folder).with_context(|| format!("cannot find {}", folder.display()))?;
    for folder in folder.ancestors() {
        let found = fs::metadata(folder).with_context(|| format!("cannot look at {}", folder.display()))?;
        if found.mode() & WALK == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

fn own_uid() -> Result<u32> {
    Ok(fs::metadata("/proc/self").context("cannot look at /proc/self: is /proc mounted?")?.uid())
}
