use super::*;
use ff::{Field, PrimeField};
use halo2_axiom::halo2curves::bn256::{Fr, G1};
use halo2_axiom::halo2curves::group::{Curve, Group};

mod basis;
mod ceremonies;

/// Made by snarkjs 0.7.6: `powersoftau new bn128 6`, one contribution; not prepared for phase 2.
const PTAU: &[u8] = include_bytes!("../../../../fixtures/bn128-k6.ptau");

fn code(bytes: &[u8], k: u32) -> &'static str {
    from_ptau(bytes, k).map(|_| ()).expect_err("refused").code
}

/// The same with `powersoftau prepare phase2`, of 2^4.
const PREPARED: &[u8] = include_bytes!("../../../../fixtures/bn128-k4-prepared.ptau");

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
