use super::*;
use ff::{Field, PrimeField};
use halo2_axiom::halo2curves::bn256::{Fr, G1};
use halo2_axiom::halo2curves::group::{Curve, Group};

/// Made by snarkjs 0.7.6: `powersoftau new bn128 6`, one contribution; not prepared for phase 2.
const PTAU: &[u8] = include_bytes!("../../../fixtures/bn128-k6.ptau");

fn code(bytes: &[u8], k: u32) -> &'static str {
    from_ptau(bytes, k).map(|_| ()).expect_err("refused").code
}

/// The same with `powersoftau prepare phase2`, of 2^4.
const PREPARED: &[u8] = include_bytes!("../../../fixtures/bn128-k4-prepared.ptau");

/// Where a section's body starts.
fn body(kind: u32) -> usize {
    body_in(PTAU, kind)
}

fn body_in(file: &[u8], kind: u32) -> usize {
    let u32_at = |i: usize| u32::from_le_bytes(file[i..i + 4].try_into().expect("4 bytes"));
    let mut at = 12;
    loop {
        let size = u64::from_le_bytes(file[at + 4..at + 12].try_into().expect("8 bytes")) as usize;
        if u32_at(at) == kind {
            return at + 12;
        }
        at += 12 + size;
    }
}

#[test]
fn development_string_is_the_same_every_time_and_known_as_such() {
    let (a, b) = (development(6).expect("small"), development(6).expect("small"));
    assert_eq!(to_bytes(&a), to_bytes(&b));
    let known = inspect(&to_bytes(&a)).expect("valid");
    assert!(known.development && known.k == 6);
    assert_eq!(known.hash, info(&development(7).expect("small")).hash);
    let other = Srs::new(6);
    assert!(!info(&other).development);
    assert_ne!(info(&other).hash, known.hash);
    assert_eq!(development(0).map(|_| ()).expect_err("too small").code, "SRS_INVALID");
    assert_eq!(development(MAX_K + 1).map(|_| ()).expect_err("too large").code, "SRS_INVALID");
}

#[test]
fn lagrange_basis_is_that_of_the_powers() {
    let a = development(5).expect("small");
    let again = assemble(5, a.get_g().to_vec(), None, a.s_g2());
    assert_eq!(to_bytes(&a), to_bytes(&again));
}

#[test]
fn snarkjs_file_is_imported_at_every_size() {
    for k in 1..=6 {
        let srs = from_ptau(PTAU, k).expect("a good file");
        let seen = inspect(&to_bytes(&srs)).expect("survives a round trip");
        assert_eq!((seen.k, seen.development), (k, false));
        assert_eq!(seen.hash, info(&from_ptau(PTAU, 6).expect("a good file")).hash);
    }
    assert_eq!(code(PTAU, 7), "SRS_INVALID");
    assert_eq!(code(PTAU, 0), "SRS_INVALID");
}

#[test]
fn truncated_ptau_is_refused_at_every_length() {
    let end = body(3) + 2 * G2_BYTES;
    for len in (0..end).step_by(13).chain([end - 1]) {
        assert_eq!(code(&PTAU[..len], 6), "SRS_INVALID", "{len} bytes");
    }
}

#[test]
fn changed_ptau_is_refused() {
    // Magic, version, number of sections, field modulus, a coordinate of tau^3 G, of tau H.
    for at in [0, 4, 10, body(1) + 8, body(2) + 3 * G1_BYTES + 5, body(3) + G2_BYTES + 40] {
        let mut bad = PTAU.to_vec();
        bad[at] ^= 0x11;
        assert_eq!(code(&bad, 6), "SRS_INVALID", "byte {at}");
    }
    // Two powers exchanged: every point is on the curve, the pairing check alone sees it.
    let mut swapped = PTAU.to_vec();
    let (a, b) = (body(2) + 4 * G1_BYTES, body(2) + 5 * G1_BYTES);
    swapped.copy_within(b..b + G1_BYTES, a);
    swapped[b..b + G1_BYTES].copy_from_slice(&PTAU[a..a + G1_BYTES]);
    let e = from_ptau(&swapped, 6).map(|_| ()).expect_err("refused");
    assert!(e.message.contains("consecutive"), "{e}");
    // A zero point, which halo2 reads as the identity.
    let mut zero = PTAU.to_vec();
    zero[a..a + G1_BYTES].fill(0);
    assert_eq!(code(&zero, 6), "SRS_INVALID");
}

#[test]
fn tau_outside_the_subgroup_is_refused() {
    // A point of the twist with small x that is on the curve but, as nearly all are, not in the subgroup.
    use halo2_axiom::halo2curves::bn256::Fq2;
    let point = (1u64..)
        .find_map(|x| {
            let x = Fq2::from(x);
            let y: Option<Fq2> = (x.square() * x + G2Affine::b()).sqrt().into();
            y.map(|y| G2Affine { x, y })
        })
        .expect("half of all x are on the curve");
    let at = body(3) + G2_BYTES;
    let mut bad = PTAU.to_vec();
    bad[at..at + G2_BYTES].copy_from_slice(&point.to_raw_bytes());
    let e = from_ptau(&bad, 6).map(|_| ()).expect_err("refused");
    assert!(e.message.contains("outside the group"), "{e}");
}

#[test]
fn corrupt_bytes_are_refused() {
    let good = to_bytes(&development(4).expect("small"));
    assert_eq!(to_bytes(&from_bytes(&good).expect("valid")), good);
    for at in [0, 3, 4, 70, good.len() - 1] {
        let mut bad = good.clone();
        bad[at] ^= 0x55;
        assert_eq!(from_bytes(&bad).map(|_| ()).expect_err("refused").code, "SRS_INVALID", "byte {at}");
    }
    for len in [0, 3, 4, good.len() - 1] {
        assert_eq!(from_bytes(&good[..len]).map(|_| ()).expect_err("refused").code, "SRS_INVALID");
    }
}

#[test]
fn inspection_sees_a_foreign_basis_and_foreign_powers() {
    let a = development(5).expect("small");
    let point = (G1::from(a.get_g()[1]) * Fr::from(3)).to_affine().to_raw_bytes();
    let good = to_bytes(&a);
    // Power 7, Lagrange element 7: valid points both, but not those of tau.
    for (index, what) in [(7, "consecutive"), (32 + 7, "Lagrange")] {
        let mut bad = good.clone();
        bad[4 + index * G1_BYTES..][..G1_BYTES].copy_from_slice(&point);
        let e = inspect(&bad).expect_err("refused");
        assert!(e.code == "SRS_INVALID" && e.message.contains(what), "{e}");
    }
}

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

/// Powers of a secret, and their basis.
fn powers_of(tau: Fr, k: u32) -> Srs {
    let g = std::iter::successors(Some(G1::generator()), |p| Some(p * tau)).take(1 << k).map(|p| p.to_affine()).collect();
    assemble(k, g, None, (G2Affine::generator() * tau).to_affine())
}

#[test]
fn strings_of_known_secrets_are_refused_and_others_are_not() {
    use rand_chacha::rand_core::SeedableRng;
    let seeded = Fr::random(rand_chacha::ChaCha20Rng::from_seed([0; 32]));
    let small = [1, 2, 127, 128, 129, 255, 256, 257, 40_000, 65_535, 65_536].map(Fr::from);
    for tau in small.into_iter().flat_map(|s| [s, -s]).chain([seeded]) {
        let bytes = to_bytes(&powers_of(tau, 2));
        for found in [inspect(&bytes).map(|_| ()), from_bytes(&bytes).map(|_| ())] {
            assert_eq!(found.expect_err("refused").code, "SRS_SECRET_KNOWN", "{tau:?}");
        }
    }
    for tau in [Fr::from(65_537 + 128), -Fr::from(1 << 20), Fr::random(rand_core::OsRng)] {
        assert!(inspect(&to_bytes(&powers_of(tau, 2))).is_ok(), "{tau:?}");
    }
}

/// A `.ptau` file of a secret, as snarkjs lays it out (sections 1 to 3).
fn ptau_of(tau: Fr, power: u32) -> Vec<u8> {
    let srs = powers_of(tau, power + 1);
    let g2 = |s: Fr| (G2Affine::generator() * s).to_affine().to_raw_bytes();
    let header = &PTAU[body(1)..body(1) + 36];
    let mut out = PTAU[..8].to_vec();
    out.extend(3u32.to_le_bytes());
    let sections = [
        [header, &power.to_le_bytes()[..], &power.to_le_bytes()[..]].concat(),
        srs.get_g()[..(2 << power) - 1].iter().flat_map(|p| p.to_raw_bytes()).collect(),
        (0..1u64 << power).flat_map(|i| g2(tau.pow_vartime([i]))).collect(),
    ];
    for (kind, section) in (1u32..).zip(sections) {
        out.extend(kind.to_le_bytes());
        out.extend((section.len() as u64).to_le_bytes());
        out.extend(section);
    }
    out
}

#[test]
fn ptau_files_without_a_contribution_or_with_bytes_behind_their_end_are_refused() {
    assert!(from_ptau(&ptau_of(Fr::from(1 << 40), 3), 3).is_ok());
    assert_eq!(code(&ptau_of(Fr::ONE, 3), 3), "SRS_SECRET_KNOWN");
    for file in [PTAU, PREPARED] {
        assert_eq!(code(&[file, &[0; 64]].concat(), 4), "SRS_INVALID");
        assert_eq!(code(&[file, &[7]].concat(), 4), "SRS_INVALID");
    }
}

/// Aztec's Ignition powers, compressed.
const IGNITION: &[u8] = include_bytes!("../../../../halo2-wasm/ceremony/ignition14.bin");
const IGNITION_HASH: &str = "7802baf0280a9da8e8e9011779e8436df09b78933cedc57f29f20d8bbce2365b";

#[test]
fn ceremony_is_read_from_its_compressed_powers() {
    for k in [1, 5, 14] {
        let srs = import(IGNITION, k).expect("a good file");
        assert_eq!((srs.k(), info(&srs).hash.as_str(), has_basis(&srs)), (k, IGNITION_HASH, false));
    }
    let refused = |bytes: &[u8], k: u32| import(bytes, k).map(|_| ()).expect_err("refused").code;
    assert_eq!(refused(IGNITION, 15), "SRS_INVALID");
    assert_eq!(refused(IGNITION, 0), "SRS_INVALID");
    // Bytes behind the end, bytes missing, another power, another point of G2.
    assert_eq!(refused(&[IGNITION, &[0; 32]].concat(), 5), "SRS_INVALID");
    assert_eq!(refused(&[IGNITION, &[0]].concat(), 5), "SRS_INVALID");
    assert_eq!(refused(&IGNITION[..IGNITION.len() - 32], 5), "SRS_INVALID");
    for at in [32 * 3 + 31, IGNITION.len() - 1] {
        for flip in [0x40, 0x80, 0x01, 0x20] {
            let mut bad = IGNITION.to_vec();
            bad[at] ^= flip;
            assert_eq!(refused(&bad, 5), "SRS_INVALID", "byte {at}");
        }
    }
    // Coordinates beyond the modulus, of a power and of [tau]_2.
    for at in [32 * 3, IGNITION.len() - 64, IGNITION.len() - 32] {
        let mut bad = IGNITION.to_vec();
        bad[at..at + 32].fill(0x3f);
        assert_eq!(refused(&bad, 5), "SRS_INVALID", "byte {at}");
    }
}

/// `ark_poly_commit`'s serialisation of the first powers of Ignition, as src/srs/arkworks.rs says it.
fn arkworks_file(powers: usize) -> Vec<u8> {
    let srs = import(IGNITION, 6).expect("a good file");
    let mut out = (powers as u64).to_le_bytes().to_vec();
    for p in &srs.get_g()[..powers] {
        let mut y = p.y.to_bytes();
        // The flag of the larger of y and -y: numbers are compared, highest byte first.
        let larger = y.iter().rev().gt((-p.y).to_bytes().iter().rev());
        y[31] |= if larger { 0x80 } else { 0 };
        out.extend(p.x.to_bytes());
        out.extend(y);
    }
    out.extend(0u64.to_le_bytes());
    for p in [srs.g2(), srs.s_g2()] {
        [p.x.c0, p.x.c1, p.y.c0, p.y.c1].iter().for_each(|c| out.extend(c.to_bytes()));
    }
    let last = out.len() - 1;
    out[last] |= 0x80;
    out.extend(0u64.to_le_bytes());
    out
}

#[test]
fn arkworks_parameters_are_recognised_and_read() {
    let file = arkworks_file(33);
    let srs = import(&file, 5).expect("a good file");
    assert_eq!(info(&srs).hash, IGNITION_HASH);
    assert_eq!(to_bytes(&srs), to_bytes(&import(IGNITION, 5).expect("a good file")));
    let refused = |bytes: &[u8], k: u32| import(bytes, k).map(|_| ()).expect_err("refused").code;
    assert_eq!(refused(&file, 6), "SRS_INVALID");
    assert_eq!(refused(&[&file[..], &[0]].concat(), 5), "SRS_INVALID");
    assert_eq!(refused(&file[..file.len() - 1], 5), "SRS_INVALID");
    for at in [0, 8, 8 + 64 * 3 + 2, file.len() - 8 - 128 + 3] {
        let mut bad = file.clone();
        bad[at] ^= 1;
        assert_eq!(refused(&bad, 5), "SRS_INVALID", "byte {at}");
    }
    assert_eq!(refused(b"<!DOCTYPE html><html>404 Not Found</html>", 5), "SRS_INVALID");
    assert_eq!(refused(&[], 5), "SRS_INVALID");
}

/// How long it takes: `cargo test --release -p pot-proof-system srs:: -- --ignored --nocapture`.
#[test]
#[ignore]
fn measure() {
    for k in [12, 13, 14] {
        let start = std::time::Instant::now();
        let alone = import(IGNITION, k).expect("a good file");
        let imported = start.elapsed();
        let full = cut(&alone, k).expect("a basis");
        let made = start.elapsed() - imported;
        let bytes = to_bytes(&full);
        let start = std::time::Instant::now();
        inspect(&bytes).expect("valid");
        println!("k = {k}: decompressed and checked {imported:?}, basis {made:?}, read and checked {:?}", start.elapsed());
    }
}
