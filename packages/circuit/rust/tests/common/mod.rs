//! Seeded numbers, and random graphs of all operators.

pub mod curves;
pub mod draft;

/// Numbers that look random (xorshift64*).
pub struct Numbers(pub u64);

impl Numbers {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
    /// Uniform below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        ((self.next() >> 11) % n as u64) as usize
    }
    pub fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
    /// Uniform in `-limit..=limit`.
    pub fn signed(&mut self, limit: i64) -> i64 {
        (self.next() >> 1) as i64 % (limit + 1) * if self.chance(2) { 1 } else { -1 }
    }
}
