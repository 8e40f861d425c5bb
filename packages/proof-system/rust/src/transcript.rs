//! The Poseidon transcript: for proofs that a circuit verifies.
//!
//! Byte for byte and challenge for challenge what snark-verifier 0.2.7 has as `PoseidonTranscript<_, NativeLoader, _, 3, 2, 8, 57>`
//! with `SECURE_MDS` 0 (packages/aggregator/rust/tests/transcript.rs compares them), so that its verifier in a circuit reads these proofs:
//!
//! - the sponge starts as `[2^64, 0, 0]`; elements wait until a challenge is asked for;
//! - then they are added two at a time to the last two cells, and each pair is followed by a permutation; a last single one
//!   is followed by a 1 in the cell behind it; where none is left single, a permutation with a 1 in the second cell follows;
//! - the challenge is the second cell, and the state stays for what comes after;
//! - a point is absorbed as x and y, each reduced modulo r; the identity has no coordinates and is refused (a circuit refuses it too).
//!
//! One thing is stricter: a point is read from its one encoding alone, so that a proof has one form in bytes.
//!
//! The reduction loses nothing. Two points with the same pair would have coordinates that differ by 0 or by r, not both by 0; the
//! two curve equations leave four candidates for x, and for none of them all coordinates are in range: the pair fixes the point.

use crate::poseidon::{permute, State};
use ff::{Field, FromUniformBytes, PrimeField};
use group::{prime::PrimeCurveAffine, GroupEncoding};
use halo2_axiom::halo2curves::bn256::{Fq, Fr, G1Affine};
use halo2_axiom::transcript::{EncodedChallenge, Transcript, TranscriptRead, TranscriptReadBuffer, TranscriptWrite, TranscriptWriterBuffer};
use std::io::{self, Read, Write};

/// A challenge: any field element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge(Fr);

impl EncodedChallenge<G1Affine> for Challenge {
    type Input = Fr;

    fn new(challenge: &Fr) -> Self {
        Self(*challenge)
    }

    fn get_scalar(&self) -> Fr {
        self.0
    }
}

/// Reads a proof from `S`, or writes one to it.
#[derive(Debug)]
pub struct PoseidonTranscript<S> {
    stream: S,
    state: State,
    waiting: Vec<Fr>,
}

/// What absorbing and squeezing begin with: the paper's capacity for inputs of any length (section 4.2) and one output.
fn initial() -> State {
    [Fr::from_u128(1 << 64), Fr::ZERO, Fr::ZERO]
}

impl<S> PoseidonTranscript<S> {
    pub fn new(stream: S) -> Self {
        Self { stream, state: initial(), waiting: vec![] }
    }

    fn squeeze(&mut self) -> Fr {
        let mut pairs = self.waiting.chunks_exact(2);
        for pair in &mut pairs {
            self.state[1] += pair[0];
            self.state[2] += pair[1];
            permute(&mut self.state);
        }
        match pairs.remainder() {
            [last] => {
                self.state[1] += last;
                self.state[2] += Fr::ONE;
            }
            _ => self.state[1] += Fr::ONE,
        }
        permute(&mut self.state);
        self.waiting.clear();
        self.state[1]
    }

    fn absorb_point(&mut self, point: &G1Affine) -> io::Result<()> {
        // snark-verifier takes it natively, as (0, 0), but not in a circuit.
        if bool::from(point.is_identity()) {
            return Err(invalid("the point at infinity has no coordinates"));
        }
        self.waiting.extend([native(&point.x), native(&point.y)]);
        Ok(())
    }
}

fn invalid(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// A coordinate modulo r, as transcripts absorb it.
pub fn native(v: &Fq) -> Fr {
    let mut wide = [0; 64];
    wide[..32].copy_from_slice(v.to_repr().as_ref());
    Fr::from_uniform_bytes(&wide)
}

impl<S> Transcript<G1Affine, Challenge> for PoseidonTranscript<S> {
    fn squeeze_challenge(&mut self) -> Challenge {
        Challenge(self.squeeze())
    }

    fn common_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.absorb_point(&point)
    }

    fn common_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.waiting.push(scalar);
        Ok(())
    }
}

impl<R: Read> TranscriptRead<G1Affine, Challenge> for PoseidonTranscript<R> {
    fn read_point(&mut self) -> io::Result<G1Affine> {
        let mut bytes = <G1Affine as GroupEncoding>::Repr::default();
        self.stream.read_exact(bytes.as_mut())?;
        let point: G1Affine = Option::from(G1Affine::from_bytes(&bytes)).ok_or_else(|| invalid("no encoding of a point of the curve"))?;
        // halo2curves overlooks the identity's flag on other points: each proof would have 2^points encodings.
        if point.to_bytes().as_ref() != bytes.as_ref() {
            return Err(invalid("not the one encoding of a point"));
        }
        self.absorb_point(&point)?;
        Ok(point)
    }

    fn read_scalar(&mut self) -> io::Result<Fr> {
        let mut bytes = <Fr as PrimeField>::Repr::default();
        self.stream.read_exact(bytes.as_mut())?;
        let scalar = Option::from(Fr::from_repr(bytes)).ok_or_else(|| invalid("no canonical encoding of a field element"))?;
        self.common_scalar(scalar)?;
        Ok(scalar)
    }
}

impl<R: Read> TranscriptReadBuffer<R, G1Affine, Challenge> for PoseidonTranscript<R> {
    fn init(reader: R) -> Self {
        Self::new(reader)
    }
}

impl<W: Write> TranscriptWrite<G1Affine, Challenge> for PoseidonTranscript<W> {
    fn write_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.absorb_point(&point)?;
        self.stream.write_all(point.to_bytes().as_ref())
    }

    fn write_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.common_scalar(scalar)?;
        self.stream.write_all(scalar.to_repr().as_ref())
    }
}

impl<W: Write> TranscriptWriterBuffer<W, G1Affine, Challenge> for PoseidonTranscript<W> {
    fn init(writer: W) -> Self {
        Self::new(writer)
    }

    fn finalize(self) -> W {
        self.stream
    }
}
