//! What the wrapper knows of the inner circuit, and the proofs that it takes in.

use super::accumulator::{halves, HALVES};
use crate::window::{parts, placeholder, Snark};
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine, G1};
use halo2_axiom::halo2curves::group::Curve;
use pot_proof_system::engine::{Srs, Vk};
use pot_proof_system::error::PotError;
use snark_verifier::system::halo2::{compile, Config};
use snark_verifier::verifier::plonk::PlonkProtocol;

/// What the inner circuit's public inputs are to the wrapper. Indices count from 0.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Their number.
    pub instances: usize,
    /// The first of the eight halves of the accumulator that the inner proof leaves to check. An inner circuit that has one
    /// and is wrapped without saying so proves nothing.
    pub accumulator: Option<usize>,
    /// Those with one value only: constants of the wrapper.
    pub constants: Vec<(usize, Fr)>,
    /// Those that become public inputs of the wrapper, after its own accumulator.
    pub exposed: Vec<usize>,
}

/// The inner circuit's verifying key in snark-verifier's form; the wrapper has it as constants.
#[derive(Clone, Debug)]
pub struct Inner {
    pub layout: Layout,
    pub(crate) protocol: PlonkProtocol<G1Affine>,
}

impl Inner {
    /// `srs` has the inner circuit's rows, or more of the same SRS. Errors: `WRAPPER_LAYOUT` (indices out of range).
    pub fn new(srs: &Srs, vk: &Vk, layout: Layout) -> Result<Self, PotError> {
        let n = layout.instances;
        let last = layout.constants.iter().map(|c| c.0).chain(layout.exposed.iter().copied());
        let last = last.chain(layout.accumulator.map(|at| at + HALVES - 1)).max();
        if last.is_some_and(|i| i >= n) {
            return Err(PotError::new("WRAPPER_LAYOUT", format!("there are {n} public inputs, number {} is named", last.unwrap_or(0))));
        }
        let protocol = compile(srs, vk, Config::kzg().with_num_instance(vec![n]));
        Ok(Self { layout, protocol })
    }

    /// Points, evaluations, points: the parts of a proof.
    pub fn parts(&self) -> [usize; 3] {
        parts(&self.protocol)
    }

    pub fn proof_bytes(&self) -> usize {
        32 * self.parts().iter().sum::<usize>()
    }

    /// Points that the wrapper multiplies: commitments, the generator, SHPLONK's second point, an accumulator's two.
    pub fn terms(&self) -> usize {
        self.protocol.preprocessed.len() + self.parts()[0] + 2 + 2 * usize::from(self.layout.accumulator.is_some())
    }

    /// A proof for the wrapper. Errors: `WRAPPER_PROOF` (another length, another number of public inputs).
    pub fn snark(&self, instance: Vec<Fr>, proof: Vec<u8>) -> Result<Snark, PotError> {
        let bad = |m: String| Err(PotError::new("WRAPPER_PROOF", m));
        if instance.len() != self.layout.instances {
            return bad(format!("the inner circuit has {} public inputs, not {}", self.layout.instances, instance.len()));
        }
        if proof.len() != self.proof_bytes() {
            return bad(format!("an inner proof has {} bytes, this one {}", self.proof_bytes(), proof.len()));
        }
        Ok(Snark { instance, proof })
    }

    /// Some proof of the right form that proves nothing: key generation needs one to walk through, not its values.
    pub fn placeholder(&self) -> Snark {
        let mut any = placeholder(&self.protocol, 0);
        if let Some(at) = self.layout.accumulator {
            let points = [101, 103].map(|i| (G1::generator() * Fr::from(i)).to_affine());
            any.instance.splice(at..at + HALVES, points.iter().flat_map(halves));
        }
        any
    }
}
