use crate::spec::{self, Spec, E, below, R};
use ff::{Field, FromUniformBytes};
use halo2::circuit::{Layouter, SimpleFloorPlanner, Value};
use halo2::halo2curves::bn256::{Bn256, Fr, G1Affine};
use halo2::plonk::*;
use halo2::poly::commitment::ParamsProver;
use halo2::poly::kzg::commitment::{KZGCommitmentScheme, ParamsKZG};
use halo2::poly::kzg::multiopen::{ProverSHPLONK, VerifierSHPLONK};
use halo2::poly::kzg::strategy::SingleStrategy;
use halo2::poly::Rotation;
use halo2::transcript::{Blake2bRead, Blake2bWrite, Challenge255, TranscriptReadBuffer, TranscriptWriterBuffer};
use rand_core::{RngCore, SeedableRng};
use std::sync::Arc;

#[derive(Clone, Default)]
pub struct P(pub Option<Arc<Spec>>);
#[derive(Clone)]
pub struct Config { adv: Vec<Column<Advice>>, fixed: Vec<Column<Fixed>>, sel: Vec<Selector>, inst: Vec<Column<Instance>>, chal: Vec<Challenge>, table: Option<TableColumn>, lq: Option<Column<Fixed>> }
#[derive(Clone)]
pub struct C { pub p: P, pub lie: Option<(usize, usize)> }

fn rnd(r: &mut R) -> Fr { let mut b = [0; 64]; r.fill_bytes(&mut b); Fr::from_uniform_bytes(&b) }
pub fn fixed_values(s: &Spec) -> Vec<Vec<Fr>> {
    let mut r = R::seed_from_u64(s.seed ^ 0xf1);
    (0..s.nfixed).map(|_| (0..s.usable()).map(|i| { let v = below(&mut r, 3) as u64; if i < 4 || i + 4 >= s.usable() { Fr::zero() } else { Fr::from(v) } }).collect()).collect()
}
pub fn sel_values(s: &Spec) -> Vec<Vec<bool>> {
    let mut r = R::seed_from_u64(s.seed ^ 0x5e1);
    (0..s.nsel).map(|_| (0..s.usable()).map(|_| below(&mut r, 2) == 0).collect()).collect()
}
pub fn instances(s: &Spec) -> Vec<Vec<Fr>> {
    let mut r = R::seed_from_u64(s.seed ^ 0x1157);
    (0..s.ninst).map(|_| (0..5).map(|_| rnd(&mut r)).collect()).collect()
}
fn eval(e: &E, g: &[Vec<Fr>], fx: &[Vec<Fr>], sel: &[Vec<bool>], ins: &[Vec<Fr>], ch: &dyn Fn(usize) -> Option<Fr>, row: usize, n: usize) -> Option<Fr> {
    let at = |col: &[Fr], rot: i32| { let i = (row as i64 + rot as i64).rem_euclid(n as i64) as usize; col.get(i).copied().unwrap_or(Fr::zero()) };
    let ev = |e: &E| eval(e, g, fx, sel, ins, ch, row, n);
    Some(match e {
        E::Const(v) => Fr::from(*v), E::Fixed(c, r) => at(&fx[*c], *r), E::Sel(i) => Fr::from(sel[*i][row] as u64),
        E::Adv(c, r) => at(&g[*c], *r), E::Inst(c, r) => at(&ins[*c], *r), E::Chal(i) => ch(*i)?,
        E::Neg(a) => -ev(a)?, E::Add(a, b) => ev(a)? + ev(b)?, E::Mul(a, b) => ev(a)? * ev(b)?, E::Scaled(a, f) => ev(a)? * Fr::from(*f),
    })
}
/// All columns' usable rows; columns whose challenges are unknown hold zeros.
pub fn grid(s: &Spec, ch: &dyn Fn(usize) -> Option<Fr>, lie: Option<(usize, usize)>) -> Vec<Vec<Fr>> {
    let mut r = R::seed_from_u64(s.seed ^ 0x9d);
    let u = s.usable();
    let n = 1usize << s.k;
    let mut g: Vec<Vec<Fr>> = s.col_phase.iter().map(|_| (0..u).map(|_| if below(&mut r, 3) == 0 { Fr::from(below(&mut r, 100) as u64) } else { rnd(&mut r) }).collect()).collect();
    let (fx, sel, ins) = (fixed_values(s), sel_values(s), instances(s));
    for (a, ra, ri) in &s.inst_copies { g[*a][*ra] = ins[0][*ri]; }
    for ((a, ra), (b, rb)) in &s.copies { g[*b][*rb] = g[*a][*ra]; }
    if let Some((c, _, _)) = s.small { for v in g[c].iter_mut() { *v = Fr::from(below(&mut r, 16) as u64); } }
    if let Some(([a, b, c, d], _)) = s.any { for i in 0..u { g[a][i] = g[c][s.perm_rows[i]]; g[b][i] = g[d][s.perm_rows[i]]; } }
    if let Some((c, row)) = lie { g[c][row] += Fr::from(3); }
    for gate in &s.gates {
        if lie.is_some_and(|l| l.0 == gate.out) { continue; }
        for row in 0..u { let v = eval(&gate.e, &g, &fx, &sel, &ins, ch, row, n).unwrap_or(Fr::zero()); g[gate.out][row] = v; }
    }
    g
}
impl Circuit<Fr> for C {
    type Config = Config; type FloorPlanner = SimpleFloorPlanner; type Params = P;
    fn params(&self) -> P { self.p.clone() }
    fn without_witnesses(&self) -> Self { self.clone() }
    fn configure(_: &mut ConstraintSystem<Fr>) -> Config { unreachable!() }
    fn configure_with_params(cs: &mut ConstraintSystem<Fr>, p: P) -> Config {
        let s = p.0.unwrap();
        let adv: Vec<_> = s.col_phase.iter().map(|p| match p { 0 => cs.advice_column_in(FirstPhase), 1 => cs.advice_column_in(SecondPhase), _ => cs.advice_column_in(ThirdPhase) }).collect();
        let fixed: Vec<_> = (0..s.nfixed).map(|_| cs.fixed_column()).collect();
        let sel: Vec<_> = (0..s.nsel).map(|_| cs.complex_selector()).collect();
        let inst: Vec<_> = (0..s.ninst).map(|_| cs.instance_column()).collect();
        let chal: Vec<_> = s.chal_phase.iter().map(|p| match p { 0 => cs.challenge_usable_after(FirstPhase), 1 => cs.challenge_usable_after(SecondPhase), _ => cs.challenge_usable_after(ThirdPhase) }).collect();
        for c in &s.perm { cs.enable_equality(adv[*c]); }
        if !s.inst_copies.is_empty() { cs.enable_equality(inst[0]); }
        let table = s.small.map(|(c, rot, _)| { let t = cs.lookup_table_column(); let q = cs.fixed_column(); cs.lookup("small", |m| { let q = m.query_fixed(q, Rotation::cur()); vec![(q * m.query_advice(adv[c], Rotation(rot)), t)] }); (t, q) });
        if let Some(([a, b, c, d], mixed)) = s.any {
            cs.lookup_any("any", |m| { let q = |m: &mut VirtualCells<'_, Fr>, c: usize| m.query_advice(adv[c], Rotation::cur()); let (a, b, c, d) = (q(m, a), q(m, b), q(m, c), q(m, d));
                if mixed { let three = Expression::Constant(Fr::from(3)); vec![(a.clone() + b.clone() * three.clone(), c.clone() + d.clone() * three), (b, d)] } else { vec![(a, c), (b, d)] } });
        }
        let conv = |m: &mut VirtualCells<'_, Fr>, e: &E| conv(m, e, &adv, &fixed, &sel, &inst, &chal);
        for (i, g) in s.gates.iter().enumerate() {
            cs.create_gate("g", |m| {
                if i == 0 { for d in &s.dropped { m.query_advice(adv[*d], Rotation::cur()); } }
                let mut q = m.query_fixed(fixed[g.q], Rotation::cur());
                if let Some(x) = g.sel { q = q * m.query_selector(sel[x]); }
                let mut e = conv(m, &g.e) - m.query_advice(adv[g.out], Rotation::cur());
                if let Some((other, c)) = g.late { let o = &s.gates[other]; let oe = conv(m, &o.e) - m.query_advice(adv[o.out], Rotation::cur()); e = e + oe * m.query_challenge(chal[c]); }
                vec![q * e]
            });
        }
        Config { adv, fixed, sel, inst, chal, table: table.map(|t| t.0), lq: table.map(|t| t.1) }
    }
    fn synthesize(&self, cf: Config, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let s = self.p.0.as_ref().unwrap();
        let chv: Vec<Option<Fr>> = cf.chal.iter().map(|c| { let mut o = None; layouter.get_challenge(*c).map(|v| o = Some(v)); o }).collect();
        let g = grid(s, &|i| chv[i], self.lie);
        if let Some(t) = cf.table { layouter.assign_table(|| "t", |mut tab| { for i in 0..16 { tab.assign_cell(|| "", t, i, || Value::known(Fr::from(i as u64)))?; } Ok(()) })?; }
        let cells = layouter.assign_region(|| "r", |mut r| {
            for (c, vals) in cf.fixed.iter().zip(fixed_values(s)) { for (i, v) in vals.into_iter().enumerate() { r.assign_fixed(*c, i, v); } }
            if let Some(q) = cf.lq { for i in 4..s.usable() - 4 { r.assign_fixed(q, i, Fr::from((i % 2) as u64)); } }
            for (c, vals) in cf.sel.iter().zip(sel_values(s)) { for (i, v) in vals.into_iter().enumerate() { if v { c.enable(&mut r, i)?; } } }
            let mut cells = vec![];
            for (c, vals) in cf.adv.iter().zip(&g) { let mut col = vec![]; for (i, v) in vals.iter().enumerate() { col.push(r.assign_advice(*c, i, Value::known(*v)).cell()); } cells.push(col); }
            for ((a, ra), (b, rb)) in &s.copies { r.constrain_equal(cells[*a][*ra], cells[*b][*rb]); }
            Ok(cells)
        })?;
        for (a, ra, ri) in &s.inst_copies { layouter.constrain_instance(cells[*a][*ra], cf.inst[0], *ri); }
        Ok(())
    }
}
fn conv(m: &mut VirtualCells<'_, Fr>, e: &E, adv: &[Column<Advice>], fx: &[Column<Fixed>], sel: &[Selector], ins: &[Column<Instance>], ch: &[Challenge]) -> Expression<Fr> {
    let mut ev = |e: &E| conv(m, e, adv, fx, sel, ins, ch);
    match e {
        E::Const(v) => Expression::Constant(Fr::from(*v)), E::Fixed(c, r) => m.query_fixed(fx[*c], Rotation(*r)), E::Sel(i) => m.query_selector(sel[*i]),
        E::Adv(c, r) => m.query_advice(adv[*c], Rotation(*r)), E::Inst(c, r) => m.query_instance(ins[*c], Rotation(*r)), E::Chal(i) => m.query_challenge(ch[*i]),
        E::Neg(a) => -ev(a), E::Add(a, b) => { let x = ev(a); x + ev(b) } E::Mul(a, b) => { let x = ev(a); x * ev(b) } E::Scaled(a, f) => ev(a) * Fr::from(*f),
    }
}
pub struct Side { pub params: ParamsKZG<Bn256>, pub pk: ProvingKey<G1Affine>, pub s: Arc<Spec>, inst: Vec<Vec<Fr>> }
pub fn side(s: &Arc<Spec>) -> Side {
    let params = ParamsKZG::<Bn256>::setup(s.k, R::seed_from_u64(s.k as u64));
    let c = C { p: P(Some(s.clone())), lie: None };
    let vk = keygen_vk(&params, &c).expect("vk");
    let pk = keygen_pk(&params, vk, &c).expect("pk");
    Side { params, pk, s: s.clone(), inst: instances(s) }
}
impl Side {
    pub fn vk_bytes(&self) -> Vec<u8> { let mut v = self.pk.get_vk().to_bytes(halo2::SerdeFormat::Processed); v.extend(format!("{:?}", self.pk.get_vk().transcript_repr()).bytes()); v }
    pub fn prove(&self, seed: u64, lie: Option<(usize, usize)>) -> Vec<u8> {
        let mut t = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(vec![]);
        let ins: Vec<&[Fr]> = self.inst.iter().map(|v| &v[..]).collect();
        create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(&self.params, &self.pk, &[C { p: P(Some(self.s.clone())), lie }], &[&ins], R::seed_from_u64(seed), &mut t).expect("proof");
        t.finalize()
    }
    pub fn verify(&self, proof: &[u8]) -> &'static str {
        let ins: Vec<&[Fr]> = self.inst.iter().map(|v| &v[..]).collect();
        let out = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut t = Blake2bRead::<_, G1Affine, Challenge255<_>>::init(proof);
            verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, Bn256>, _, _, _>(&self.params, self.pk.get_vk(), SingleStrategy::new(&self.params), &[&ins], &mut t).map_err(|e| match e { Error::ConstraintSystemFailure => "constraint", Error::Opening => "opening", Error::Transcript(_) => "transcript", _ => "other" })
        }));
        match out { Ok(Ok(())) => "ok", Ok(Err(e)) => e, Err(_) => "panic" }
    }
}
pub fn numbers(k: u32, seed: u64, naive: bool) -> Vec<Vec<u8>> {
    use halo2::poly::EvaluationDomain;
    use halo2::halo2curves::group::{Curve, Group, GroupEncoding};
    use halo2::halo2curves::bn256::G1;
    use ff::PrimeField;
    let mut r = R::seed_from_u64(seed);
    let d = EvaluationDomain::<Fr>::new(2 + (seed % 7) as u32, k);
    let n = 1usize << k;
    let v: Vec<Fr> = (0..n).map(|_| rnd(&mut r)).collect();
    let mut out = vec![];
    let mut push = |v: &[Fr]| out.push(v.iter().flat_map(|x| x.to_repr().as_ref().to_vec()).collect::<Vec<u8>>());
    let c = d.lagrange_to_coeff(d.lagrange_from_vec(v.clone()));
    push(&c);
    let x = rnd(&mut r);
    push(&[halo2::arithmetic::eval_polynomial(&c, x)]);
    for rot in [0, 1, -1, 2, 7, -13, 64, -1000, i32::MAX, i32::MIN + 1] { push(&[d.rotate_omega(x, Rotation(rot))]); }
    push(&halo2::arithmetic::kate_division(&c[..], x));
    push(&d.coeff_to_extended(&c));
    let e = d.coeff_to_extended(&c);
    push(&d.extended_to_coeff(e));
    // multi-scalar multiplication with what is awkward
    let base: Vec<G1Affine> = { let mut p = G1::generator() * rnd(&mut r); let q = G1::generator() * rnd(&mut r); (0..n).map(|i| { p += q; match i % 11 { 3 => G1Affine::default(), 5 => G1::generator().to_affine(), 7 => (-G1::generator()).to_affine(), _ => p.to_affine() } }).collect() };
    for kind in 0..5 {
        let s: Vec<Fr> = (0..n).map(|i| match kind { 0 => rnd(&mut r), 1 => Fr::from(r.next_u64() >> 28), 2 => if i % 3 == 0 { Fr::zero() } else { -Fr::from(r.next_u64() >> 40) }, 3 => Fr::from(5), _ => if i % 2 == 0 { -Fr::one() } else { rnd(&mut r) } }).collect();
        let m = if naive { s.iter().zip(&base).fold(G1::identity(), |a, (s, b)| a + *b * *s) } else { halo2::arithmetic::best_multiexp(&s, &base) };
        out.push(m.to_affine().to_bytes().as_ref().to_vec());
    }
    out
}
