//! Changes of a proof that no verifier may accept.

use super::ELEMENT_BYTES;
use std::fmt;

/// Byte of an element and bit in it: low, middle and high bits of the number, which is written from its low end, and
/// the two bits of a point's last byte that say what point of an x it is and whether it is the identity.
const FLIPPED_BITS: [(usize, u8); 5] = [(0, 0x01), (15, 0x10), (31, 0x40), (30, 0x80), (31, 0x01)];
/// Of the bits of all elements, every third is tried: which, is the seed's matter.
const TRIED_OF: usize = 3;
/// The encoding of the identity has this last byte and zeros before.
const IDENTITY_BIT: u8 = 0x80;

#[derive(Clone, Copy, Debug)]
pub enum Alteration {
    FlippedBit {
        element: usize,
        byte: usize,
        bit: u8,
    },
    Zero {
        element: usize,
    },
    Identity {
        element: usize,
    },
    /// An element and the one before it.
    Swapped {
        element: usize,
    },
    /// The last byte is missing.
    CutShort,
}

impl Alteration {
    /// All alterations of a proof of so many elements that are tried at this seed.
    pub fn all(elements: usize, seed: u64) -> Vec<Self> {
        let mut all = vec![];
        let offset = (seed % TRIED_OF as u64) as usize;
        for element in 0..elements {
            let tried = FLIPPED_BITS.iter().filter(|(byte, _)| (byte + element + offset) % TRIED_OF == 0);
            all.extend(tried.map(|(byte, bit)| Self::FlippedBit { element, byte: *byte, bit: *bit }));
        }
        // Every second element becomes the identity, the others zero; at the next seed, the other way round.
        let parity = (seed % 2) as usize;
        all.extend((0..elements).filter(|element| element % 2 == parity).map(|element| Self::Identity { element }));
        all.extend((0..elements).filter(|element| element % 2 != parity).map(|element| Self::Zero { element }));
        all.extend((1..elements).map(|element| Self::Swapped { element }));
        all.push(Self::CutShort);
        all
    }

    /// The altered proof; none where it is the proof itself.
    pub fn apply(self, proof: &[u8]) -> Option<Vec<u8>> {
        let mut altered = proof.to_vec();
        match self {
            Self::FlippedBit { element, byte, bit } => altered[element * ELEMENT_BYTES + byte] ^= bit,
            Self::Zero { element } => element_of(&mut altered, element).fill(0),
            Self::Identity { element } => {
                let element = element_of(&mut altered, element);
                element.fill(0);
                element[ELEMENT_BYTES - 1] = IDENTITY_BIT;
            }
            Self::Swapped { element } => {
                let (before, from) = altered.split_at_mut(element * ELEMENT_BYTES);
                element_of(before, element - 1).swap_with_slice(element_of(from, 0));
            }
            Self::CutShort => {
                altered.pop();
            }
        }
        (altered != proof).then_some(altered)
    }
}

fn element_of(proof: &mut [u8], element: usize) -> &mut [u8] {
    &mut proof[element * ELEMENT_BYTES..][..ELEMENT_BYTES]
}

impl fmt::Display for Alteration {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FlippedBit { element, byte, bit } => write!(out, "bit {bit:#04x} of byte {byte} of element {element} flipped"),
            Self::Zero { element } => write!(out, "zeros as element {element}"),
            Self::Identity { element } => write!(out, "the identity as element {element}"),
            Self::Swapped { element } => write!(out, "elements {} and {element} swapped", element - 1),
            Self::CutShort => write!(out, "the last byte missing"),
        }
    }
}
