//! A random circuit, independent of either crate.
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
pub type R = ChaCha20Rng;
pub fn below(r: &mut R, n: usize) -> usize { (r.next_u64() % n as u64) as usize }
#[derive(Clone, Debug)]
pub enum E { Const(u64), Fixed(usize, i32), Sel(usize), Adv(usize, i32), Inst(usize, i32), Chal(usize), Neg(Box<E>), Add(Box<E>, Box<E>), Mul(Box<E>, Box<E>), Scaled(Box<E>, u64) }
#[derive(Clone, Debug)]
pub struct Gate { pub q: usize, pub sel: Option<usize>, pub e: E, pub out: usize, pub late: Option<(usize, usize)> }
#[derive(Clone, Debug, Default)]
pub struct Spec {
    pub seed: u64, pub k: u32, pub phases: usize, pub col_phase: Vec<usize>, pub chal_phase: Vec<usize>,
    pub nfixed: usize, pub nsel: usize, pub ninst: usize, pub gates: Vec<Gate>, pub perm: Vec<usize>,
    pub copies: Vec<((usize, usize), (usize, usize))>, pub inst_copies: Vec<(usize, usize, usize)>,
    pub small: Option<(usize, i32, usize)>, // column, rotation, q
    pub any: Option<([usize; 4], bool)>, pub dropped: Vec<usize>, pub perm_rows: Vec<usize>,
}
impl Spec {
    pub fn usable(&self) -> usize { (1 << self.k) - 12 }
}
fn scalar(r: &mut R, chals: &[usize]) -> E {
    match below(r, 4) {
        0 => E::Const(r.next_u64()),
        1 | 2 if !chals.is_empty() => E::Chal(chals[below(r, chals.len())]),
        _ => { let c = E::Const(below(r, 5) as u64); if chals.is_empty() { c } else { let x = E::Chal(chals[below(r, chals.len())]); E::Add(Box::new(E::Mul(Box::new(x.clone()), Box::new(x))), Box::new(c)) } }
    }
}
fn linear(r: &mut R, cols: &[usize], chals: &[usize]) -> E {
    let mut e = if below(r, 2) == 0 { scalar(r, chals) } else { E::Adv(cols[below(r, cols.len())], 0) };
    for _ in 0..1 + below(r, 5) {
        let c = E::Adv(cols[below(r, cols.len())], 0);
        let t = match below(r, 5) {
            0 => c,
            1 => E::Mul(Box::new(c), Box::new(scalar(r, chals))),
            2 => E::Mul(Box::new(scalar(r, chals)), Box::new(c)),
            3 => E::Neg(Box::new(c)),
            _ => E::Scaled(Box::new(c), r.next_u64()),
        };
        e = E::Add(Box::new(e), Box::new(t));
        if below(r, 4) == 0 { e = E::Mul(Box::new(e), Box::new(scalar(r, chals))); } // Horner
    }
    e
}
fn any(r: &mut R, cols: &[usize], rotcols: &[usize], chals: &[usize], s: &Spec, deg: usize) -> E {
    match below(r, 9) {
        0 => E::Fixed(below(r, s.nfixed), below(r, 3) as i32 - 1),
        1 if s.ninst > 0 => E::Inst(below(r, s.ninst), below(r, 3) as i32 - 1),
        2 if !rotcols.is_empty() => E::Adv(rotcols[below(r, rotcols.len())], below(r, 7) as i32 - 3),
        3 | 4 if deg > 1 => { let d = 1 + below(r, deg - 1); E::Mul(Box::new(any(r, cols, rotcols, chals, s, d)), Box::new(any(r, cols, rotcols, chals, s, deg - d))) }
        5 => E::Neg(Box::new(any(r, cols, rotcols, chals, s, deg))),
        6 => E::Add(Box::new(any(r, cols, rotcols, chals, s, deg)), Box::new(linear(r, cols, chals))),
        _ => linear(r, cols, chals),
    }
}
pub fn make(seed: u64) -> Spec {
    let r = &mut R::seed_from_u64(seed);
    let mut s = Spec { seed, k: 5 + below(r, 4) as u32, phases: 1 + below(r, 3), nfixed: 2 + below(r, 3), nsel: below(r, 3), ninst: below(r, 3), ..Default::default() };
    s.col_phase = (0..s.phases).collect();
    for _ in 0..3 + below(r, 8) { let p = below(r, s.phases); s.col_phase.push(p); }
    for _ in 0..below(r, 5) { let p = below(r, s.phases); s.chal_phase.push(p); }
    let nfree = s.col_phase.len();
    // Some free columns may be rotated, some may be in the permutation.
    let rotcols: Vec<usize> = (0..nfree).filter(|_| below(r, 4) == 0).collect();
    s.perm = if below(r, 3) > 0 { (0..nfree).filter(|_| below(r, 3) == 0).collect() } else { vec![] };
    let usable = s.usable();
    let mut used = vec![];
    if s.perm.len() > 1 {
        for _ in 0..6 {
            let (a, b) = (s.perm[below(r, s.perm.len())], s.perm[below(r, s.perm.len())]);
            if s.col_phase[a] > s.col_phase[b] { continue; }
            let (ra, rb) = (below(r, usable / 2), usable / 2 + below(r, usable - usable / 2));
            if used.contains(&(b, rb)) { continue; }
            used.push((b, rb));
            s.copies.push(((a, ra), (b, rb)));
        }
        if s.ninst > 0 { for _ in 0..2 { let a = s.perm[below(r, s.perm.len())]; let ra = usable / 2 + below(r, usable - usable / 2); if used.contains(&(a, ra)) { continue; } used.push((a, ra)); s.inst_copies.push((a, ra, below(r, 4))); } }
    }
    if below(r, 2) == 0 { // look-up in a fixed table
        let p = below(r, s.phases); s.col_phase.push(p);
        s.small = Some((s.col_phase.len() - 1, below(r, 3) as i32 - 1, below(r, s.nfixed)));
    }
    if below(r, 2) == 0 {
        let c = s.col_phase.len();
        let p = below(r, s.phases);
        s.col_phase.extend([p; 4]);
        s.any = Some(([c, c + 1, c + 2, c + 3], below(r, 2) == 0));
        let mut rows: Vec<usize> = (0..usable).collect();
        for i in (1..usable).rev() { let j = below(r, i + 1); rows.swap(i, j); }
        s.perm_rows = rows;
    }
    let readable = s.col_phase.len();
    for _ in 0..below(r, 3) { let p = below(r, s.phases); s.col_phase.push(p); if below(r, 2) == 0 { s.dropped.push(s.col_phase.len() - 1); } }
    let mut outs: Vec<usize> = vec![];
    for _ in 0..1 + below(r, 5) {
        let p = below(r, s.phases);
        let cols: Vec<usize> = (0..readable).chain(outs.iter().copied()).filter(|c| s.col_phase[*c] <= p).collect();
        let chals: Vec<usize> = (0..s.chal_phase.len()).filter(|c| s.chal_phase[*c] < p).collect();
        let rot: Vec<usize> = rotcols.iter().copied().filter(|c| s.col_phase[*c] <= p).collect();
        let deg = 1 + below(r, 4);
        let e = if below(r, 2) == 0 { linear(r, &cols, &chals) } else { any(r, &cols, &rot, &chals, &s, deg) };
        s.col_phase.push(p);
        let out = s.col_phase.len() - 1;
        let late = if s.gates.is_empty() || s.chal_phase.is_empty() || below(r, 2) == 0 { None } else { Some((below(r, s.gates.len()), below(r, s.chal_phase.len()))) };
        let g = Gate { q: below(r, s.nfixed), sel: if s.nsel > 0 && below(r, 2) == 0 { Some(below(r, s.nsel)) } else { None }, e, out, late };
        outs.push(out);
        s.gates.push(g);
    }
    s
}
