//! A program in the scalar column: cells, `a + b c = d` over four rows, constants, and copies between cells.
//!
//! One builder serves key generation (no values: rows, constants and copies) and proving (values).

use ff::Field;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_proof_system::error::PotError;
use std::collections::HashMap;

/// A cell of the column and its value (zero during key generation).
#[derive(Clone, Copy, Debug)]
pub struct Scalar {
    pub row: usize,
    pub v: Fr,
}

/// What a cheating prover adds, for tests: to operands by the number of their copy, to results and constants by their own.
#[derive(Clone, Debug, Default)]
pub struct Lies {
    pub operands: HashMap<usize, Fr>,
    pub results: HashMap<usize, Fr>,
    pub constants: HashMap<usize, Fr>,
}

/// What the column holds, and how its rows are wired.
#[derive(Clone, Debug, Default)]
pub struct Program {
    pub values: Vec<(usize, Fr)>,
    /// First rows of `a + b c = d`.
    pub mul_adds: Vec<usize>,
    pub constants: Vec<(usize, Fr)>,
    /// Cells that are equal: operands, then what equations say.
    pub copies: Vec<(usize, usize)>,
    /// Numbers of those copies that make operands.
    pub operands: Vec<usize>,
    /// What equations say is equal.
    pub equalities: Vec<(Scalar, Scalar)>,
    lies: Lies,
    taken: Vec<bool>,
    cursor: usize,
    limit: usize,
    /// Constants; powers of a cell, and sums of its first powers, by its row.
    known: HashMap<[u8; 32], Scalar>,
    powers: HashMap<(usize, usize), Scalar>,
    geometric: HashMap<(usize, usize), Scalar>,
}

impl Program {
    /// On the rows below `limit` that are not taken.
    pub fn new(taken: Vec<bool>, limit: usize, lies: Lies) -> Self {
        Self { taken, limit, lies, ..Self::default() }
    }

    /// Rows that hold something.
    pub fn taken(&self) -> usize {
        self.taken.iter().filter(|t| **t).count()
    }

    fn free(&self, row: usize, n: usize) -> bool {
        row + n <= self.limit && self.taken[row..row + n].iter().all(|t| !t)
    }

    fn allocate(&mut self, n: usize) -> Result<usize, PotError> {
        while !self.free(self.cursor, n) {
            self.cursor += 1;
            if self.cursor + n > self.limit {
                return Err(PotError::new("CIRCUIT_TOO_LARGE", "the scalar equations need more rows than this shape has".to_string()));
            }
        }
        let row = self.cursor;
        self.taken[row..row + n].fill(true);
        self.cursor += n;
        Ok(row)
    }

    /// A cell that a gate fixes: a header cell or an export.
    pub fn put(&mut self, row: usize, v: Fr) -> Scalar {
        self.values.push((row, v));
        Scalar { row, v }
    }

    /// A cell that nothing fixes but the equations that it enters.
    pub fn free_cell(&mut self, v: Fr) -> Result<Scalar, PotError> {
        let row = self.allocate(1)?;
        Ok(self.put(row, v))
    }

    /// An operand of an equation: its value.
    fn copy_to(&mut self, row: usize, s: Scalar) -> Fr {
        let v = s.v + lie(&self.lies.operands, self.copies.len());
        self.put(row, v);
        self.operands.push(self.copies.len());
        self.copies.push((s.row, row));
        v
    }

    /// A constant, once in the column.
    pub fn constant(&mut self, v: Fr) -> Result<Scalar, PotError> {
        if let Some(s) = self.known.get(&v.to_bytes()) {
            return Ok(*s);
        }
        let row = self.allocate(1)?;
        let lied = v + lie(&self.lies.constants, self.constants.len());
        self.constants.push((row, v));
        let s = self.put(row, lied);
        self.known.insert(v.to_bytes(), s);
        Ok(s)
    }

    /// `a + b c`, in four cells, or in three behind a where that was the last one.
    pub fn mul_add(&mut self, a: Scalar, b: Scalar, c: Scalar) -> Result<Scalar, PotError> {
        let (row, a) = if a.row + 1 == self.cursor && self.free(self.cursor, 3) {
            self.taken[self.cursor..self.cursor + 3].fill(true);
            self.cursor += 3;
            (a.row, a.v)
        } else {
            let row = self.allocate(4)?;
            (row, self.copy_to(row, a))
        };
        let (b, c) = (self.copy_to(row + 1, b), self.copy_to(row + 2, c));
        let lied = lie(&self.lies.results, self.mul_adds.len());
        self.mul_adds.push(row);
        Ok(self.put(row + 3, a + b * c + lied))
    }

    pub fn mul(&mut self, b: Scalar, c: Scalar) -> Result<Scalar, PotError> {
        let zero = self.constant(Fr::ZERO)?;
        self.mul_add(zero, b, c)
    }

    pub fn add(&mut self, a: Scalar, b: Scalar) -> Result<Scalar, PotError> {
        let one = self.constant(Fr::ONE)?;
        self.mul_add(a, b, one)
    }

    pub fn equal(&mut self, a: Scalar, b: Scalar) {
        self.copies.push((a.row, b.row));
        self.equalities.push((a, b));
    }

    /// `sum_i x^i terms[i]`, of one term at least. By the powers of x, which others have too, a term takes a cell less than by Horner's
    /// rule.
    pub fn at(&mut self, x: Scalar, terms: &[Scalar]) -> Result<Scalar, PotError> {
        let (first, rest) = terms.split_first().expect("a value has a row");
        let powers = self.powers(x, rest.len())?;
        rest.iter().zip(powers).try_fold(*first, |sum, (t, p)| self.mul_add(sum, *t, p))
    }

    /// The sum of terms, of one at least.
    pub fn total(&mut self, terms: &[Scalar]) -> Result<Scalar, PotError> {
        let (first, rest) = terms.split_first().expect("a value has a row");
        let one = self.constant(Fr::ONE)?;
        rest.iter().try_fold(*first, |sum, t| self.mul_add(sum, *t, one))
    }

    /// `x .. x^n`, each once in the column.
    fn powers(&mut self, x: Scalar, n: usize) -> Result<Vec<Scalar>, PotError> {
        let mut out: Vec<Scalar> = vec![];
        for i in 1..=n {
            let next = match (self.powers.get(&(x.row, i)), out.last()) {
                (Some(known), _) => *known,
                (None, None) => x,
                (None, Some(last)) => self.mul(*last, x)?,
            };
            self.powers.insert((x.row, i), next);
            out.push(next);
        }
        Ok(out)
    }

    /// `x^n`, once in the column.
    pub fn power(&mut self, x: Scalar, n: usize) -> Result<Scalar, PotError> {
        let known = match n {
            0 => Some(self.constant(Fr::ONE)?),
            1 => Some(x),
            _ => self.powers.get(&(x.row, n)).copied(),
        };
        if let Some(known) = known {
            return Ok(known);
        }
        let half = self.power(x, n / 2)?;
        let even = self.mul(half, half)?;
        let power = if n % 2 == 1 { self.mul(even, x)? } else { even };
        self.powers.insert((x.row, n), power);
        Ok(power)
    }

    /// `1 + x + .. + x^(n-1)`, n at least 1, once in the column.
    pub fn geometric(&mut self, x: Scalar, n: usize) -> Result<Scalar, PotError> {
        if let Some(known) = self.geometric.get(&(x.row, n)) {
            return Ok(*known);
        }
        let one = self.constant(Fr::ONE)?;
        // g(2m) = g(m) + g(m) x^m, g(m+1) = 1 + g(m) x.
        let sum = if n == 1 {
            one
        } else {
            let (half, power) = (self.geometric(x, n / 2)?, self.power(x, n / 2)?);
            let even = self.mul_add(half, half, power)?;
            if n % 2 == 1 {
                self.mul_add(one, even, x)?
            } else {
                even
            }
        };
        self.geometric.insert((x.row, n), sum);
        Ok(sum)
    }
}

fn lie(lies: &HashMap<usize, Fr>, number: usize) -> Fr {
    lies.get(&number).copied().unwrap_or_default()
}
