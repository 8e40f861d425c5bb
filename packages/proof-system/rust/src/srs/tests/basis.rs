//! Lagrange bases.

use super::*;

#[test]
fn prepared_bases_are_those_that_halo2_would_compute() {
    for k in 1..=4 {
        let srs = from_ptau(PREPARED, k).expect("a good file");
        let computed = assemble(k, srs.get_g().to_vec(), None, srs.s_g2());
        assert_eq!(to_bytes(&srs), to_bytes(&computed), "k = {k}");
    }
    // Another element of the basis of 2^4 in the place of the third, and a truncated section.
    let at = body_in(PREPARED, 12) + (15 + 3) * G1_BYTES;
    let mut bad = PREPARED.to_vec();
    bad.copy_within(at + G1_BYTES..at + 2 * G1_BYTES, at);
    let e = from_ptau(&bad, 4).map(|_| ()).expect_err("refused");
    assert!(e.code == "SRS_INVALID" && e.message.contains("Lagrange"), "{e}");
    assert!(from_ptau(&bad, 3).is_ok());
}

#[test]
fn cuts_are_the_smaller_strings() {
    for srs in [development(4).expect("small"), from_ptau(PREPARED, 4).expect("a good file")] {
        let want = if info(&srs).development { development(2) } else { from_ptau(PREPARED, 2) }.expect("smaller");
        assert_eq!(to_bytes(&cut(&srs, 2).expect("smaller")), to_bytes(&want));
        assert_eq!(to_bytes(&cut(&srs, 4).expect("the same")), to_bytes(&srs));
        assert_eq!(cut(&srs, 5).map(|_| ()).expect_err("larger").code, "SRS_TOO_SMALL");
    }
}

/// `1/n sum_j w^(-ij) g_j`, term by term.
fn basis_by_definition(g: &[G1Affine]) -> Vec<G1Affine> {
    let n = g.len();
    let k = n.trailing_zeros();
    let inverse_root = (k..Fr::S).fold(Fr::ROOT_OF_UNITY_INV, |w, _| w.square());
    let divisor = Fr::from(n as u64).invert().expect("not zero");
    let term = |i: usize, j: usize| G1::from(g[j]) * (divisor * inverse_root.pow_vartime([(i * j) as u64]));
    (0..n).map(|i| (0..n).map(|j| term(i, j)).fold(G1::identity(), |a, b| a + b).to_affine()).collect()
}

#[test]
fn basis_is_that_of_its_definition() {
    for k in 0..=6 {
        let g: Vec<G1Affine> = (0..1 << k).map(|_| G1::random(rand_core::OsRng).to_affine()).collect();
        assert_eq!(lagrange(&g), basis_by_definition(&g), "k = {k}");
    }
}

#[test]
fn basis_of_points_that_coincide_or_vanish_is_right_too() {
    let point = G1::random(rand_core::OsRng).to_affine();
    let (zero, negative) = (G1Affine::identity(), (-G1::from(point)).to_affine());
    for g in [vec![point; 8], vec![zero; 8], vec![point, zero, negative, zero, point, point, negative, zero]] {
        assert_eq!(lagrange(&g), basis_by_definition(&g));
    }
}

#[test]
fn basis_is_that_which_halo2_computes_at_1024_points() {
    let srs = Srs::new(10);
    assert_eq!(lagrange(srs.get_g()), srs.get_lagrange());
    let theirs = halo2_axiom::arithmetic::g_to_lagrange::<G1Affine>(srs.get_g().iter().map(|p| G1::from(*p)).collect(), 10);
    assert_eq!(lagrange(srs.get_g()), theirs);
}

#[test]
fn development_strings_have_the_basis_of_their_powers_and_begin_alike() {
    // More points than are multiplied in lockstep.
    let srs = development(11).expect("small");
    assert_eq!(lagrange(srs.get_g()), srs.get_lagrange());
    assert_eq!(srs.get_g()[0], G1Affine::generator());
    assert_eq!(srs.get_g()[..64], development(6).expect("small").get_g()[..]);
}

#[test]
fn powers_alone_commit_to_values_as_a_basis_does_and_survive_a_round_trip() {
    let srs = development(6).expect("small");
    let alone = powers_alone(&srs, 6).expect("the same size");
    assert!(!has_basis(&alone) && has_basis(&srs));
    let domain = halo2_axiom::poly::EvaluationDomain::<Fr>::new(2, 6);
    let values = domain.lagrange_from_vec((0..64).map(|_| Fr::random(rand_core::OsRng)).collect());
    let blind = || halo2_axiom::poly::commitment::Blind::default();
    assert_eq!(alone.commit_lagrange(&values, blind()), srs.commit_lagrange(&values, blind()));
    let bytes = to_bytes(&alone);
    assert_eq!(bytes.len(), 4 + 64 * G1_BYTES + 2 * G2_BYTES);
    assert_eq!(inspect(&bytes).expect("valid"), inspect(&to_bytes(&srs)).expect("valid"));
    assert_eq!(to_bytes(&cut(&from_bytes(&bytes).expect("valid"), 6).expect("a basis")), to_bytes(&srs));
    assert_eq!(powers_alone(&srs, 7).map(|_| ()).expect_err("larger").code, "SRS_TOO_SMALL");
}
