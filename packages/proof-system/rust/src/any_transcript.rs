//! One type for every transcript: what proves and verifies is compiled once, not once a transcript.

use crate::transcript::Challenge;
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use halo2_axiom::transcript::{EncodedChallenge, Transcript, TranscriptRead, TranscriptWrite};
use std::io;
use std::marker::PhantomData;

/// A transcript, whatever its challenges are inside.
pub trait Hashing {
    fn challenge(&mut self) -> Fr;
    fn absorb_point(&mut self, point: G1Affine) -> io::Result<()>;
    fn absorb_scalar(&mut self, scalar: Fr) -> io::Result<()>;
}

pub trait Reading: Hashing {
    fn read_point(&mut self) -> io::Result<G1Affine>;
    fn read_scalar(&mut self) -> io::Result<Fr>;
}

pub trait Writing: Hashing {
    fn write_point(&mut self, point: G1Affine) -> io::Result<()>;
    fn write_scalar(&mut self, scalar: Fr) -> io::Result<()>;
}

/// A transcript of halo2's with challenges `E`.
pub struct Typed<T, E>(pub T, PhantomData<E>);

impl<T: Transcript<G1Affine, E>, E: EncodedChallenge<G1Affine>> Typed<T, E> {
    pub fn new(transcript: T) -> Self {
        Self(transcript, PhantomData)
    }
}

impl<T: Transcript<G1Affine, E>, E: EncodedChallenge<G1Affine>> Hashing for Typed<T, E> {
    fn challenge(&mut self) -> Fr {
        self.0.squeeze_challenge().get_scalar()
    }

    fn absorb_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.0.common_point(point)
    }

    fn absorb_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.0.common_scalar(scalar)
    }
}

impl<T: TranscriptRead<G1Affine, E>, E: EncodedChallenge<G1Affine>> Reading for Typed<T, E> {
    fn read_point(&mut self) -> io::Result<G1Affine> {
        self.0.read_point()
    }

    fn read_scalar(&mut self) -> io::Result<Fr> {
        self.0.read_scalar()
    }
}

impl<T: TranscriptWrite<G1Affine, E>, E: EncodedChallenge<G1Affine>> Writing for Typed<T, E> {
    fn write_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.0.write_point(point)
    }

    fn write_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.0.write_scalar(scalar)
    }
}

/// Any transcript, as halo2 takes one: `dyn Reading` or `dyn Writing`.
pub struct Any<'a, T: ?Sized + 'a>(pub &'a mut T);

impl<T: Hashing + ?Sized> Transcript<G1Affine, Challenge> for Any<'_, T> {
    fn squeeze_challenge(&mut self) -> Challenge {
        Challenge::new(&self.0.challenge())
    }

    fn common_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.0.absorb_point(point)
    }

    fn common_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.0.absorb_scalar(scalar)
    }
}

impl<T: Reading + ?Sized> TranscriptRead<G1Affine, Challenge> for Any<'_, T> {
    fn read_point(&mut self) -> io::Result<G1Affine> {
        self.0.read_point()
    }

    fn read_scalar(&mut self) -> io::Result<Fr> {
        self.0.read_scalar()
    }
}

impl<T: Writing + ?Sized> TranscriptWrite<G1Affine, Challenge> for Any<'_, T> {
    fn write_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.0.write_point(point)
    }

    fn write_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.0.write_scalar(scalar)
    }
}
