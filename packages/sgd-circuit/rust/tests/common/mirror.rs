//! What the attacks that write any cell share: the mock prover's challenges, all cells, and the look-up sums that follow from them.

use ff::{Field, FromUniformBytes};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Column};
use pot_sgd::config::WindowConfig;
use pot_sgd::witness::Witness;

/// The mock prover's challenges, which depend on nothing.
#[derive(Clone, Copy)]
pub struct Points {
    pub sigma: Fr,
    pub theta: Fr,
    pub rho: Fr,
    pub beta: Fr,
    pub gamma: Fr,
    pub tau: Fr,
    pub omega: Fr,
}

impl Points {
    pub fn new(cf: &WindowConfig) -> Self {
        let mut hash = *blake2b_simd::blake2b(b"Halo2-MockProver").as_array();
        let mut next = || {
            hash = *blake2b_simd::blake2b(&hash).as_array();
            Fr::from_uniform_bytes(&hash)
        };
        let all: Vec<Fr> = (0..7).map(|_| next()).collect();
        let at = |c: halo2_axiom::plonk::Challenge| all[c.index()];
        let c = &cf.ch;
        Self { sigma: at(c.sigma), theta: at(c.theta), rho: at(c.rho), beta: at(c.beta), gamma: at(c.gamma), tau: at(c.tau), omega: at(c.omega) }
    }
}

/// All cells of a witness, by column and row.
pub fn cells(w: &Witness, cf: &WindowConfig) -> Vec<Vec<Fr>> {
    let ch = Points::new(cf);
    let mut cells = vec![vec![Fr::ZERO; 1 << w.params.1.shape.k]; cf.advice().count()];
    let mut put = |c: Column<Advice>, row: usize, v: Fr| cells[c.index()][row] = v;
    w.first(cf, &mut put);
    w.second([ch.sigma, ch.theta, ch.rho, ch.beta, ch.gamma]).assign(w, cf, &mut put);
    w.third([ch.tau, ch.omega]).unwrap().assign(cf, &mut put);
    cells
}

/// Fills in multiplicities of the table of `bits` bits and the running sums, from all looked-up cells up to row `end`.
pub fn look_ups(cells: &mut [Vec<Fr>], cf: &WindowConfig, end: usize, bits: u32, beta: Fr) {
    let set = |cells: &mut [Vec<Fr>], c: Column<Advice>, row: usize, v: Fr| cells[c.index()][row] = v;
    let table = 1usize << bits;
    let index = |v: &Fr| {
        let bytes = v.to_bytes();
        let (low, high) = bytes.split_at(8);
        let low = u64::from_le_bytes(low.try_into().unwrap()) as usize;
        (low < table && high.iter().all(|b| *b == 0)).then_some(low)
    };
    let inverse: Vec<Fr> = (0..table).map(|v| (beta + Fr::from(v as u64)).invert().unwrap()).collect();
    let looked: Vec<Vec<Fr>> = cf.looked_up().iter().map(|c| cells[c.index()].clone()).collect();
    let mut mult = vec![0u64; table];
    for v in looked.iter().flat_map(|col| &col[1..=end]) {
        if let Some(i) = index(v) {
            mult[i] += 1;
        }
    }
    (0..table).for_each(|v| set(cells, cf.mult, 1 + v, Fr::from(mult[v])));
    let mut sum = Fr::ZERO;
    for row in 1..=end {
        if row <= table {
            sum -= inverse[row - 1] * Fr::from(mult[row - 1]);
        }
        if let Some([used, listed]) = cf.pair_inv {
            sum += cells[used.index()][row] - cells[listed.index()][row];
        }
        set(cells, cf.sums[0], row, sum);
        for (i, col) in looked.iter().enumerate() {
            sum += index(&col[row]).map_or_else(|| (beta + col[row]).invert().unwrap(), |v| inverse[v]);
            set(cells, cf.sums[i + 1], row, sum);
        }
    }
}
