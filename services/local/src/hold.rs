//! Who works in a directory: known from the first moment, before any server has left a trace there.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::process::PAUSE;

const NAME: &str = "lock";

/// A directory that is ours until this is dropped, or the process ends in whatever way. Children do not inherit it.
#[derive(Debug)]
pub struct Hold(#[expect(dead_code, reason = "the lock lasts as long as the file is open")] File);

impl Hold {
    /// Takes the directory, made if it is not there; `None` if somebody else still has it after `patience`.
    ///
    /// # Errors
    /// If the directory or its lock file cannot be made.
    pub async fn take(directory: &Path, patience: Duration) -> Result<Option<Self>> {
        fs::create_dir_all(directory).with_context(|| format!("cannot create {}", directory.display()))?;
        let path = directory.join(NAME);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        let mut file = options.open(&path).with_context(|| format!("cannot open {}", path.display()))?;
        let deadline = Instant::now() + patience;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => tokio::time::sleep(PAUSE).await,
                Err(TryLockError::WouldBlock) => return Ok(None),
                // Some shared folders know no locks; the servers' own traces are then all there is.
                Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => break,
                Err(TryLockError::Error(error)) => {
                    return Err(error).with_context(|| format!("cannot lock {}", path.display()));
                }
            }
        }
        file.set_len(0)
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .context("cannot write the lock file")?;
        Ok(Some(Self(file)))
    }
}

/// The process that took the directory last. Whether it still has it is for [`Hold::take`] to say.
#[must_use]
pub fn taker(directory: &Path) -> Option<u32> {
    fs::read_to_string(directory.join(NAME)).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_at_a_time_has_a_directory() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("house");
        let first = Hold::take(&directory, Duration::ZERO).await.unwrap().unwrap();
        assert_eq!(taker(&directory), Some(std::process::id()));
        assert!(Hold::take(&directory, Duration::ZERO).await.unwrap().is_none());
        assert!(Hold::take(&folder.path().join("other"), Duration::ZERO).await.unwrap().is_some());
        // Who waits gets it once it is free.
        let (waiting, ()) = tokio::join!(Hold::take(&directory, Duration::from_secs(20)), async {
            tokio::task::yield_now().await;
            drop(first);
        });
        assert!(waiting.unwrap().is_some());
    }
}
