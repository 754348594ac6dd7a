//! Time and ids are passed in: a service asks its [`Clock`], never the machine.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use chrono::{DateTime, TimeZone, Utc};
use uuid::{ContextV7, Timestamp, Uuid};

/// Tells the wall time and makes ids that sort by it. Wall time is for ids, leases and partitions only: business dates
/// travel in the facts.
#[derive(Clone)]
pub struct Clock(Arc<Inner>);

enum Inner {
    Wall(std::sync::Mutex<ContextV7>),
    Fixed { millis: AtomicI64, made: AtomicU64 },
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn wall() -> Self {
        Self(Arc::new(Inner::Wall(std::sync::Mutex::new(ContextV7::new()))))
    }

    /// A clock that stands until it is set, and makes the same ids in the same order. For tests.
    #[must_use]
    pub fn fixed(now: DateTime<Utc>) -> Self {
        Self(Arc::new(Inner::Fixed { millis: AtomicI64::new(now.timestamp_millis()), made: AtomicU64::new(0) }))
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match &*self.0 {
            #[expect(clippy::disallowed_methods, reason = "the one place where the wall is read")]
            Inner::Wall(_) => Utc::now(),
            Inner::Fixed { millis, .. } => {
                Utc.timestamp_millis_opt(millis.load(Ordering::SeqCst)).single().unwrap_or_default()
            }
        }
    }

    /// Sets a fixed clock; the wall cannot be set.
    pub fn set(&self, now: DateTime<Utc>) {
        if let Inner::Fixed { millis, .. } = &*self.0 {
            millis.store(now.timestamp_millis(), Ordering::SeqCst);
        }
    }

    /// A new UUID of version 7.
    #[must_use]
    pub fn id(&self) -> Uuid {
        match &*self.0 {
            Inner::Wall(context) => {
                let context = context.lock().expect("nothing panics while it holds the id context");
                Uuid::new_v7(Timestamp::now(&*context))
            }
            Inner::Fixed { millis, made } => {
                let serial = made.fetch_add(1, Ordering::SeqCst);
                let millis = u64::try_from(millis.load(Ordering::SeqCst)).unwrap_or_default();
                let mut tail = [0u8; 10];
                tail[2..].copy_from_slice(&serial.to_be_bytes());
                uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
            }
        }
    }
}
