//! A market as a file that every solver of `services/matching/bench` reads. All numbers are little-endian.
//!
//! `MARKET01`; candidates, lines, quotas: `u64` each; pairs: `u64`; the boost of each of 256 tiers: `i64`; seats of each
//! line: `u64`; limit of each quota: `u64`; per candidate and one more, where its pairs start: `u64`; then the pairs, 12
//! bytes each: line `u32`, score `i32`, quota + 1 or 0 `u16`, tier `u8`, nothing `u8`. A pair weighs score and boost.

use std::fs::File;
use std::io::{BufWriter, Read, Result, Write};
use std::os::unix::fs::FileExt;
use std::sync::Mutex;

use solver::{CandidateIx, Eligibility, LineIx, Market, MarketBuilder, Pair, QuotaIx, QuotaSetIx, Tier};

const PAIR: usize = 12;

/// Writes a market of which each pair counts against one quota at most.
pub(crate) fn write<E: Eligibility>(market: &Market<E>, path: &str) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(b"MARKET01")?;
    let counts = [market.candidates().len(), market.lines().len(), market.quotas().len(), market.pair_count()];
    let mut numbers: Vec<u64> = counts.iter().map(|&count| count as u64).collect();
    let tier = |tier: u8| market.weight(&Pair { tier: Tier(tier), ..Pair::scored(LineIx(0), 0) });
    numbers.extend((0..=255).map(|at| u64::try_from(tier(at)).expect("two tiers fit 63 bits")));
    numbers.extend(market.lines().iter().map(|line| u64::from(line.seats)));
    numbers.extend(market.quotas().iter().map(|quota| u64::from(quota.limit)));
    let (mut pairs, mut start) = (Vec::new(), 0);
    for candidate in (0..counts[0] as u32).map(CandidateIx) {
        numbers.push(start);
        market.pairs_of(candidate, &mut pairs);
        start += pairs.len() as u64;
    }
    numbers.push(start);
    numbers.iter().try_for_each(|number| file.write_all(&number.to_le_bytes()))?;
    for candidate in (0..counts[0] as u32).map(CandidateIx) {
        market.pairs_of(candidate, &mut pairs);
        for pair in &pairs {
            let quota = market.quota_set(pair.quotas).first().map_or(0, |quota| quota.0 + 1);
            file.write_all(&pair.line.0.to_le_bytes())?;
            file.write_all(&i32::try_from(pair.score).expect("scores are small").to_le_bytes())?;
            file.write_all(&u16::try_from(quota).expect("quotas are few").to_le_bytes())?;
            file.write_all(&[pair.tier.0, 0])?;
        }
    }
    file.flush()
}

/// So many bytes are read at a time; who asks for one candidate after another is told from what was read.
const WINDOW: usize = 1 << 16;

/// The pairs of a file, read when asked for.
pub(crate) struct Pairs {
    file: File,
    /// What was read last, and where it begins.
    window: Mutex<(u64, Vec<u8>)>,
    /// Where the pairs begin.
    begin: u64,
    first: Vec<u64>,
}

impl Eligibility for Pairs {
    fn pairs_of(&self, candidate: CandidateIx, out: &mut Vec<Pair>) {
        let place = |at: u32| self.begin + self.first[at as usize] * PAIR as u64;
        let (start, end) = (place(candidate.0), place(candidate.0 + 1));
        let mut window = self.window.lock().expect("no reader breaks down");
        let (from, bytes) = &mut *window;
        if start < *from || end > *from + bytes.len() as u64 {
            let many = (end - start).max(WINDOW as u64).min(place(self.first.len() as u32 - 1) - start);
            bytes.resize(many as usize, 0);
            self.file.read_exact_at(bytes, start).expect("the file is whole");
            *from = start;
        }
        out.extend(bytes[(start - *from) as usize..(end - *from) as usize].as_chunks().0.iter().map(pair));
    }
}

fn pair(bytes: &[u8; PAIR]) -> Pair {
    let number = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    Pair {
        line: LineIx(number(0)),
        score: i64::from(number(4).cast_signed()),
        quotas: QuotaSetIx(u32::from(u16::from_le_bytes([bytes[8], bytes[9]]))),
        tier: Tier(bytes[10]),
    }
}

/// Returns the market of a file.
pub(crate) fn read(path: &str) -> Result<Market<Pairs>> {
    let mut file = File::open(path)?;
    let mut name = [0; 8];
    file.read_exact(&mut name)?;
    assert_eq!(&name, b"MARKET01", "{path} is no market");
    let mut read = |count: usize| -> Result<Vec<u64>> {
        let mut bytes = vec![0; count * 8];
        file.read_exact(&mut bytes)?;
        let number = |chunk: &[u8]| u64::from_le_bytes(chunk.try_into().expect("eight bytes"));
        Ok(bytes.chunks_exact(8).map(number).collect())
    };
    let counts = read(4)?;
    let (candidates, lines, quotas) = (counts[0] as usize, counts[1] as usize, counts[2] as usize);
    read(256)?;
    let (seats, limits, first) = (read(lines)?, read(quotas)?, read(candidates + 1)?);
    let begin = 8 * (1 + 4 + 256 + lines + quotas + candidates + 1) as u64;
    let mut builder = MarketBuilder::default();
    for at in 0..candidates {
        builder.candidate(format!("candidate {at}"), 1);
    }
    for (at, seats) in seats.into_iter().enumerate() {
        builder.line(format!("line {at}"), u32::try_from(seats).expect("seats are few"));
    }
    let quotas: Vec<QuotaIx> =
        limits.into_iter().map(|limit| builder.quota(u32::try_from(limit).expect("limits are small"))).collect();
    for quota in quotas {
        builder.quota_set(&[quota]);
    }
    Ok(builder
        .build_with(Pairs { file, window: Mutex::default(), begin, first })
        .expect("the market in the file is sound"))
}
