//! Ceremonies: known secrets, Ignition, arkworks's parameters.

use super::*;

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
const IGNITION: &[u8] = include_bytes!("../../../../../halo2-wasm/ceremony/ignition14.bin");
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
