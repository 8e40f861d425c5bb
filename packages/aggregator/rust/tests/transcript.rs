//! pot-proof-system's Poseidon and its transcript against snark-verifier's, which the aggregation circuit runs.

use halo2_axiom::halo2curves::bn256::{Fr, G1Affine, G1};
use halo2_axiom::halo2curves::ff::Field;
use halo2_axiom::halo2curves::group::{prime::PrimeCurveAffine, Curve, Group, GroupEncoding};
use halo2_axiom::transcript::{EncodedChallenge, Transcript, TranscriptRead, TranscriptWrite};
use halo2_base::poseidon::hasher::spec::OptimizedPoseidonSpec;
use pot_proof_system::transcript::PoseidonTranscript as Ours;
use rand_chacha::{rand_core::SeedableRng, ChaCha20Rng};
use rand_core::RngCore;
use snark_verifier::loader::native::NativeLoader;
use snark_verifier::system::halo2::transcript::halo2::PoseidonTranscript;

type Theirs<S> = PoseidonTranscript<G1Affine, NativeLoader, S, 3, 2, 8, 57>;

/// One message of a random conversation.
enum Message {
    Point(G1Affine),
    Scalar(Fr),
    CommonPoint(G1Affine),
    CommonScalar(Fr),
    Challenge,
}

fn conversation(rng: &mut ChaCha20Rng, length: usize) -> Vec<Message> {
    let message = |rng: &mut ChaCha20Rng| match rng.next_u32() % 5 {
        0 => Message::Point(G1::random(rng).to_affine()),
        1 => Message::Scalar(Fr::random(rng)),
        2 => Message::CommonPoint(G1::random(rng).to_affine()),
        3 => Message::CommonScalar(Fr::random(rng)),
        _ => Message::Challenge,
    };
    (0..length).map(|_| message(rng)).chain([Message::Challenge, Message::Challenge]).collect()
}

fn write<E: EncodedChallenge<G1Affine>, T: TranscriptWrite<G1Affine, E>>(t: &mut T, messages: &[Message]) -> Vec<Fr> {
    let mut challenges = vec![];
    for message in messages {
        match message {
            Message::Point(p) => t.write_point(*p).expect("written"),
            Message::Scalar(v) => t.write_scalar(*v).expect("written"),
            Message::CommonPoint(p) => t.common_point(*p).expect("absorbed"),
            Message::CommonScalar(v) => t.common_scalar(*v).expect("absorbed"),
            Message::Challenge => challenges.push(t.squeeze_challenge().get_scalar()),
        }
    }
    challenges
}

fn read<E: EncodedChallenge<G1Affine>, T: TranscriptRead<G1Affine, E>>(t: &mut T, messages: &[Message]) -> Vec<Fr> {
    let mut challenges = vec![];
    for message in messages {
        match message {
            Message::Point(p) => assert_eq!(t.read_point().expect("a point"), *p),
            Message::Scalar(v) => assert_eq!(t.read_scalar().expect("a scalar"), *v),
            Message::CommonPoint(p) => t.common_point(*p).expect("absorbed"),
            Message::CommonScalar(v) => t.common_scalar(*v).expect("absorbed"),
            Message::Challenge => challenges.push(t.squeeze_challenge().get_scalar()),
        }
    }
    challenges
}

#[test]
fn the_same_bytes_and_challenges() {
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    for length in (0..40).chain([200]) {
        let messages = conversation(&mut rng, length);
        let (mut ours, mut theirs) = (Ours::new(vec![]), Theirs::new::<0>(vec![]));
        assert_eq!(write(&mut ours, &messages), write(&mut theirs, &messages), "{length} messages");
        let bytes = halo2_axiom::transcript::TranscriptWriterBuffer::<Vec<u8>, _, _>::finalize(ours);
        assert_eq!(bytes, theirs.finalize());
        let read_back = read(&mut Ours::new(bytes.as_slice()), &messages);
        assert_eq!(read_back, read(&mut Theirs::new::<0>(bytes.as_slice()), &messages));
        assert_eq!(read_back, write(&mut Ours::new(Vec::<u8>::new()), &messages));
    }
}

#[test]
fn the_same_refusals() {
    let (r, identity) = ([[0xff; 31].as_slice(), &[0x3f]].concat(), G1Affine::identity());
    let codes = [vec![0; 31], r, vec![0xff; 32], vec![4; 32], {
        let mut infinity = vec![0; 32];
        infinity[31] = 0x80;
        infinity
    }];
    for bytes in &codes {
        let scalar =
            (Ours::new(bytes.as_slice()).read_scalar().is_ok(), TranscriptRead::read_scalar(&mut Theirs::new::<0>(bytes.as_slice())).is_ok());
        assert_eq!(scalar.0, scalar.1, "scalar {bytes:x?}");
        // Theirs takes the identity here, and refuses it in a circuit.
        if bytes.get(31) == Some(&0x80) {
            continue;
        }
        let point = (Ours::new(bytes.as_slice()).read_point().is_ok(), TranscriptRead::read_point(&mut Theirs::new::<0>(bytes.as_slice())).is_ok());
        assert_eq!(point.0, point.1, "point {bytes:x?}");
    }
    assert!(Ours::new(codes[4].as_slice()).read_point().is_err());
    assert!(Ours::new(codes[1].as_slice()).read_scalar().is_err());
    assert!(Ours::new(Vec::<u8>::new()).write_point(identity).is_err());
    assert!(Ours::new(Vec::<u8>::new()).common_point(identity).is_err());
}

#[test]
fn a_point_has_one_encoding() {
    let mut bytes = G1Affine::generator().to_bytes().as_ref().to_vec();
    assert!(Ours::new(bytes.as_slice()).read_point().is_ok());
    // The identity's flag on another point: halo2curves reads the point all the same.
    bytes[31] |= 0x80;
    assert!(TranscriptRead::read_point(&mut Theirs::new::<0>(bytes.as_slice())).is_ok());
    assert!(Ours::new(bytes.as_slice()).read_point().is_err());
}

#[test]
fn the_permutation_is_circomlibs() {
    // circomlib's constants come from the same generator as snark-verifier's: here they are compared as numbers.
    let spec = OptimizedPoseidonSpec::<Fr, 3, 2>::new::<8, 57, 0>();
    let (rounds, matrix) = pot_proof_system::poseidon::parameters();
    assert_eq!(spec.mds_matrices().mds().as_ref(), matrix);
    assert_eq!(spec.constants().start()[0], rounds[0]);
}
