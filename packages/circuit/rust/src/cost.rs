//! What an execution takes: integers that it holds, and multiplications.

/// Of one node, or of a whole graph. Sums saturate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Entries of values, and integers of units: all that an execution gives.
    pub held: u64,
    /// Multiplications, and what takes about as long.
    pub work: u64,
}

impl Cost {
    /// So many entries, each of which is computed at once.
    pub fn of(entries: usize) -> Self {
        Self { held: entries as u64, work: entries as u64 }
    }
    pub fn plus(self, other: Self) -> Self {
        Self { held: self.held.saturating_add(other.held), work: self.work.saturating_add(other.work) }
    }
}
