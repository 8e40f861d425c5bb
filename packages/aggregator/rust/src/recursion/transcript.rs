//! The Poseidon transcript of a proof, read inside the circuit: the same challenges as `pot_proof_system`'s outside.

use super::loader::{LoadedPoint, LoadedScalar, Loader};
use super::terms::Deferred;
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_axiom::halo2curves::ff::PrimeField;
use halo2_axiom::halo2curves::group::GroupEncoding;
use pot_chip::Cell;
use snark_verifier::util::transcript::{Transcript, TranscriptRead};
use snark_verifier::Error;
use std::io::{ErrorKind, Read};

/// Elements that one permutation takes in.
const RATE: usize = 2;

/// Reads `proof`, absorbing what it reads.
pub struct CircuitTranscript<'a> {
    loader: Loader,
    proof: &'a [u8],
    state: [Cell; 3],
    buffer: Vec<Cell>,
}

impl<'a> CircuitTranscript<'a> {
    pub fn new(loader: &Loader, proof: &'a [u8]) -> Self {
        let mut b = loader.ctx_mut();
        // The sponge's capacity for inputs of any length: 2^64, as in snark-verifier.
        let state = [Fr::from_u128(1 << 64), Fr::zero(), Fr::zero()].map(|v| b.constant(v));
        drop(b);
        Self { loader: loader.clone(), proof, state, buffer: vec![] }
    }

    fn bytes(&mut self) -> Result<[u8; 32], Error> {
        let mut bytes = [0; 32];
        self.proof.read_exact(&mut bytes).map_err(|e| Error::Transcript(e.kind(), "the proof is too short".into()))?;
        Ok(bytes)
    }

    /// Absorbs the buffer, padded with 1 to whole chunks, and gives a challenge.
    pub fn squeeze(&mut self) -> Cell {
        let b = &mut *self.loader.ctx_mut();
        let buffer = std::mem::take(&mut self.buffer);
        let exact = buffer.len() % RATE == 0;
        let one = b.constant(Fr::one());
        let chunks = buffer.chunks(RATE).map(<[Cell]>::to_vec).chain(exact.then(Vec::new));
        for mut chunk in chunks {
            if chunk.len() < RATE {
                chunk.push(one);
            }
            let mut state = self.state;
            for (s, x) in state[1..].iter_mut().zip(&chunk) {
                *s = b.add(*s, *x);
            }
            self.state = b.permute(state);
        }
        self.state[1]
    }
}

fn invalid(what: &str) -> Error {
    Error::Transcript(ErrorKind::InvalidData, what.into())
}

impl Transcript<G1Affine, Loader> for CircuitTranscript<'_> {
    fn loader(&self) -> &Loader {
        &self.loader
    }

    fn squeeze_challenge(&mut self) -> LoadedScalar {
        let cell = self.squeeze();
        self.loader.scalar_from_assigned(cell)
    }

    fn common_scalar(&mut self, scalar: &LoadedScalar) -> Result<(), Error> {
        self.buffer.push(*scalar.assigned());
        Ok(())
    }

    fn common_ec_point(&mut self, point: &LoadedPoint) -> Result<(), Error> {
        let [x, y] = match &*point.assigned() {
            Deferred::Point(p) => [p.x, p.y],
            _ => return Err(invalid("only points of a proof are absorbed")),
        };
        self.buffer.extend([x, y]);
        Ok(())
    }
}

impl TranscriptRead<G1Affine, Loader> for CircuitTranscript<'_> {
    fn read_scalar(&mut self) -> Result<LoadedScalar, Error> {
        let value = Option::from(Fr::from_repr(self.bytes()?)).ok_or_else(|| invalid("a scalar of the proof is not canonical"))?;
        let scalar = self.loader.assign_scalar(value);
        self.common_scalar(&scalar)?;
        Ok(scalar)
    }

    fn read_ec_point(&mut self) -> Result<LoadedPoint, Error> {
        let mut repr = <G1Affine as GroupEncoding>::Repr::default();
        repr.as_mut().copy_from_slice(&self.bytes()?);
        let value = Option::from(G1Affine::from_bytes(&repr)).ok_or_else(|| invalid("a point of the proof is not on the curve"))?;
        let point = self.loader.assign_ec_point(value);
        self.common_ec_point(&point)?;
        Ok(point)
    }
}
