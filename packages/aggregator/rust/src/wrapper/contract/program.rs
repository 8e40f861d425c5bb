//! What a verifier computes: values of the scalar field, points, hashes, and one pairing.
//!
//! A value that is made twice is one node. Only laws of the field are applied, so a value may change its name but not what it
//! is modulo the order, and its users (products, sums, scalars of points) look at nothing else.

use num_bigint::BigUint;
use std::collections::{BTreeMap, HashMap};

/// Bytes of a word of calldata or memory, and of a point.
pub const WORD: usize = 32;
pub const POINT: usize = 64;

/// A value of the scalar field.
pub type Id = usize;
/// A point.
pub type PointId = usize;
/// Byte offset of a word of calldata.
pub type Offset = usize;
/// A point of the twist as the pairing's precompile takes it.
pub type Twist = [String; 4];

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// Below the order.
    Constant(BigUint),
    /// A word of calldata that was seen to be below the order.
    Word(Offset),
    /// A hash modulo the order, by its number.
    Challenge(usize),
    Product(Id, Id),
    Sum(Id, Id),
    Negative(Id),
    Inverse(Id),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Point {
    /// Two words of calldata, x first.
    Given(Offset),
    /// Coordinates in limbs: words of calldata, low limb first.
    Limbs(Vec<Offset>, Vec<Offset>),
    /// Of the verifying key, as hex.
    Fixed(String, String),
    Multiple(PointId, Id),
    Sum(PointId, PointId),
}

/// A word that is hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hashed {
    Constant(BigUint),
    Word(Offset),
    /// The hash before, not reduced.
    Previous,
    X(PointId),
    Y(PointId),
}

/// Words, and whether a byte 1 follows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Squeeze {
    pub words: Vec<Hashed>,
    pub one: bool,
}

#[derive(Default)]
pub struct Program {
    pub modulus: BigUint,
    pub nodes: Vec<Node>,
    pub points: Vec<Point>,
    /// Words that must be below the order.
    pub scalars: Vec<Offset>,
    /// Words that must be below 2 to this power, too.
    pub bounds: BTreeMap<Offset, usize>,
    /// Points that must be on the curve, with canonical coordinates, and not the identity.
    pub checked: Vec<PointId>,
    pub hashes: Vec<Squeeze>,
    /// The product of two pairings that must be 1.
    pub pairing: Option<[(PointId, Twist); 2]>,
    known: HashMap<Node, Id>,
    known_points: HashMap<Point, PointId>,
}

impl Program {
    pub fn new(modulus: BigUint) -> Self {
        Self { modulus, ..Default::default() }
    }

    pub fn node(&mut self, node: Node) -> Id {
        *self.known.entry(node.clone()).or_insert_with(|| {
            self.nodes.push(node);
            self.nodes.len() - 1
        })
    }

    pub fn point(&mut self, point: Point) -> PointId {
        *self.known_points.entry(point.clone()).or_insert_with(|| {
            self.points.push(point);
            self.points.len() - 1
        })
    }

    pub fn constant(&mut self, value: BigUint) -> Id {
        self.node(Node::Constant(value % &self.modulus))
    }

    fn constant_of(&self, id: Id) -> Option<BigUint> {
        match &self.nodes[id] {
            Node::Constant(c) => Some(c.clone()),
            _ => None,
        }
    }

    pub fn product(&mut self, a: Id, b: Id) -> Id {
        // A constant stands first.
        let (a, b) = if self.constant_of(b).is_some() { (b, a) } else { (a, b) };
        let Some(c) = self.constant_of(a) else {
            return self.node(Node::Product(a.min(b), a.max(b)));
        };
        match self.nodes[b].clone() {
            _ if c == BigUint::from(1u8) => b,
            _ if c == BigUint::default() => a,
            _ if c == &self.modulus - BigUint::from(1u8) => self.negative(b),
            Node::Constant(d) => self.constant(c * d),
            Node::Product(d, x) if self.constant_of(d).is_some() => {
                let d = self.product(a, d);
                self.product(d, x)
            }
            Node::Negative(x) => {
                let c = self.negative(a);
                self.product(c, x)
            }
            _ => self.node(Node::Product(a, b)),
        }
    }

    pub fn sum(&mut self, a: Id, b: Id) -> Id {
        match (self.constant_of(a), self.constant_of(b)) {
            (Some(c), Some(d)) => self.constant(c + d),
            (Some(c), _) if c == BigUint::default() => b,
            (_, Some(c)) if c == BigUint::default() => a,
            _ => self.node(Node::Sum(a.min(b), a.max(b))),
        }
    }

    pub fn negative(&mut self, a: Id) -> Id {
        match self.nodes[a].clone() {
            Node::Constant(c) => self.constant(&self.modulus - c),
            Node::Negative(x) => x,
            // The constant is not 1 or -1, which are no products.
            Node::Product(c, x) if self.constant_of(c).is_some() => {
                let c = self.negative(c);
                self.product(c, x)
            }
            _ => self.node(Node::Negative(a)),
        }
    }

    /// The inverse of a value that is not 0. That of a sum of inverses needs no second inversion:
    /// 1 / (1/a + 1/b) = ab / (a + b), and so on for more.
    pub fn inverse(&mut self, a: Id) -> Id {
        let Some(terms) = self.inverses(a) else {
            return self.node(Node::Inverse(a));
        };
        // The sum of the inverses so far is p / q.
        let (mut p, mut q) = (self.constant(BigUint::from(1u8)), terms[0]);
        for &term in &terms[1..] {
            let scaled = self.product(p, term);
            p = self.sum(scaled, q);
            q = self.product(q, term);
        }
        if terms.len() == 1 {
            return q;
        }
        let p = self.node(Node::Inverse(p));
        self.product(q, p)
    }

    /// What is inverted in each term, where `a` is a sum of inverses and nothing else.
    fn inverses(&self, a: Id) -> Option<Vec<Id>> {
        match self.nodes[a] {
            Node::Inverse(x) => Some(vec![x]),
            Node::Sum(x, y) => Some([self.inverses(x)?, self.inverses(y)?].concat()),
            _ => None,
        }
    }

    /// What a node is made of.
    pub fn operands(&self, id: Id) -> Vec<Id> {
        match self.nodes[id] {
            Node::Constant(_) | Node::Word(_) | Node::Challenge(_) => vec![],
            Node::Product(a, b) | Node::Sum(a, b) => vec![a, b],
            Node::Negative(a) | Node::Inverse(a) => vec![a],
        }
    }
}
