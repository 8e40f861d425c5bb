use std::collections::HashMap;
struct Src<'a> { s: &'a Spec, lie: Option<(usize, usize)>, known: HashMap<usize, G1Affine>, calls: Vec<usize> }
impl AdviceSource<G1Affine> for Src<'_> {
    fn columns(&mut self, phase: usize, ch: &HashMap<usize, Fr>) -> Result<Vec<Vec<Fr>>, Error> {
        self.calls.push(phase);
        let g = grid(self.s, &|i| ch.get(&i).copied(), self.lie);
        let n = 1usize << self.s.k;
        Ok(g.into_iter().zip(&self.s.col_phase).filter(|(_, p)| **p == phase).map(|(mut c, _)| { c.resize(n, Fr::zero()); c }).collect())
    }
    fn commitment(&self, column: usize) -> Option<G1Affine> { self.known.get(&column).copied() }
}
impl Side {
    fn from_source(&self, seed: u64, lie: Option<(usize, usize)>, known: HashMap<usize, G1Affine>) -> Vec<u8> {
        let mut t = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(vec![]);
        let ins: Vec<&[Fr]> = self.inst.iter().map(|v| &v[..]).collect();
        let mut src = Src { s: &self.s, lie, known, calls: vec![] };
        create_proof_from_source::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _>(&self.params, &self.pk, &mut src, &ins, R::seed_from_u64(seed), &mut t).expect("proof");
        t.finalize()
    }
    pub fn prove_source(&self, seed: u64, lie: Option<(usize, usize)>) -> Vec<u8> { self.from_source(seed, lie, HashMap::new()) }
    /// Every second column's commitment is taken from the proof before, made with the same randomness.
    pub fn prove_source_known(&self, seed: u64) -> Vec<u8> {
        use halo2::halo2curves::group::GroupEncoding;
        let p = self.prove_source(seed, None);
        let mut order: Vec<usize> = (0..self.s.col_phase.len()).collect();
        order.sort_by_key(|c| self.s.col_phase[*c]);
        let known = order.iter().enumerate().filter(|(_, c)| **c % 2 == 0).map(|(i, c)| { let mut r = <G1Affine as GroupEncoding>::Repr::default(); r.as_mut().copy_from_slice(&p[i * 32..i * 32 + 32]); (*c, Option::<G1Affine>::from(G1Affine::from_bytes(&r)).expect("point")) }).collect();
        self.from_source(seed, None, known)
    }
    pub fn linear(&self) -> (usize, usize) { self.pk.linear_counts() }
}
pub fn lagrange_ok(k: u32) -> bool {
    let mut r = R::seed_from_u64(k as u64);
    let d = halo2::poly::EvaluationDomain::<Fr>::new(3, k);
    let v: Vec<Fr> = (0..1usize << k).map(|_| rnd(&mut r)).collect();
    let x = rnd(&mut r);
    let l = d.lagrange_evaluations(x);
    let sum = v.iter().zip(&l).fold(Fr::zero(), |s, (a, b)| s + a * b);
    sum == halo2::arithmetic::eval_polynomial(&d.lagrange_to_coeff(d.lagrange_from_vec(v)), x)
}
