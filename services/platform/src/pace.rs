//! How fast one peer may begin calls. Whoever is faster is refused nothing: the connections are read from later, and what is
//! sent meanwhile waits on the sender's side. So what a flood of calls costs is bounded also where each call costs next to
//! nothing, because it is reset at once or nobody signed it.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::admission::counted;

/// How far a peer may be ahead: its calls of so long may come at once.
const LEAD: Duration = Duration::from_secs(1);
/// How far ahead it can come by calls that were read before it was known to be too far: so long, and no longer, whoever shares
/// its address waits with it.
const MOST: Duration = Duration::from_secs(30);
/// Peers that are remembered before those whose calls are all due are forgotten.
const REMEMBERED: usize = 1024;

/// The pace of each peer, by the generic cell rate algorithm (ITU-T I.371, annex A).
#[derive(Clone)]
pub(crate) struct Paces {
    /// From one call to the next.
    every: Duration,
    /// When the next call of a peer would be due, had they come one by one.
    due: Arc<Mutex<HashMap<IpAddr, Instant>>>,
}

impl Paces {
    /// `per_second` calls of one peer, at least 1.
    pub(crate) fn new(per_second: u32) -> Self {
        Self { every: Duration::from_secs(1) / per_second.max(1), due: Arc::default() }
    }

    /// A call of a peer began. Once he is too far ahead no more is read; what was read before then still counts.
    pub(crate) fn began(&self, peer: IpAddr, now: Instant) {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        if due.len() >= REMEMBERED {
            due.retain(|_, due| *due > now);
        }
        let due = due.entry(counted(peer)).or_insert(now);
        *due = ((*due).max(now) + self.every).min(now + MOST);
    }

    /// A connection of a peer began. It counts as a call, but not while he is too far ahead: connections are taken up all the same,
    /// and those that are reset at once, without end, would shut his address out for as long again.
    pub(crate) fn connected(&self, peer: IpAddr, now: Instant) {
        if self.ahead(peer, now).is_none() {
            self.began(peer, now);
        }
    }

    /// When a peer that is too far ahead is read from again.
    pub(crate) fn ahead(&self, peer: IpAddr, now: Instant) -> Option<Instant> {
        let due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        due.get(&counted(peer)).and_then(|due| due.checked_sub(LEAD)).filter(|again| *again > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calls_of_a_second_may_come_at_once_and_those_after_them_one_by_one() {
        let (paces, start) = (Paces::new(10), Instant::now());
        let [hasty, calm] = [1, 2].map(|last| IpAddr::from([192, 0, 2, last]));
        let tenths = |count| start + Duration::from_millis(100) * count;
        for _ in 0..10 {
            paces.began(hasty, start);
        }
        assert_eq!(paces.ahead(hasty, start), None);
        for _ in 0..5 {
            paces.began(hasty, start);
        }
        assert_eq!(paces.ahead(hasty, start), Some(tenths(5)));
        assert_eq!(paces.ahead(calm, start), None, "another peer has its own");
        assert_eq!(paces.ahead(hasty, tenths(5)), None);
        paces.began(hasty, tenths(5));
        assert_eq!(
            paces.ahead(hasty, tenths(5)),
            Some(tenths(6)),
            "there is no second lead before the first is used up"
        );
    }

    #[test]
    fn connections_without_end_shut_out_their_peer_for_no_longer_than_one_call() {
        let (paces, start, peer) = (Paces::new(10), Instant::now(), IpAddr::from([192, 0, 2, 1]));
        for _ in 0..1_000 {
            paces.connected(peer, start);
        }
        assert_eq!(paces.ahead(peer, start), Some(start + Duration::from_millis(100)), "they count, and not for ever");
    }

    #[test]
    fn whoever_shares_the_address_waits_for_half_a_minute_at_most() {
        let (paces, start, peer) = (Paces::new(10), Instant::now(), IpAddr::from([192, 0, 2, 1]));
        for _ in 0..1_000 {
            paces.began(peer, start);
        }
        assert!(paces.ahead(peer, start).is_some());
        assert_eq!(paces.ahead(peer, start + MOST), None);
    }

    #[test]
    fn peers_whose_calls_are_due_are_forgotten() {
        let (paces, start) = (Paces::new(10), Instant::now());
        let peer = |number: usize| IpAddr::from(u32::try_from(number).unwrap().to_be_bytes());
        for number in 0..REMEMBERED {
            paces.began(peer(number), start);
        }
        let later = start + Duration::from_secs(1);
        paces.began(peer(REMEMBERED), later);
        assert_eq!(paces.due.lock().unwrap().len(), 1);
    }
}
