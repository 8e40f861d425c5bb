//! Values of the field: challenges, expressions, inversions.

use super::{word, Expression, Writer, DEPTH, INVERSION};
use crate::wrapper::contract::program::{Hashed, Id, Node, PointId, WORD};
use std::collections::HashMap;

impl Writer<'_> {
    /// Squeezes up to hash `number`, each in the place of the one before.
    pub(super) fn squeeze(&mut self, number: usize) {
        while self.hashed <= number {
            let squeeze = &self.program.hashes[self.hashed];
            let mut i = 0;
            while i < squeeze.words.len() {
                let at = self.hash + i * WORD;
                let Hashed::Word(from) = squeeze.words[i] else {
                    match &squeeze.words[i] {
                        Hashed::Constant(c) => self.store(at, &format!("{c:#x}")),
                        Hashed::X(p) => self.coordinate(*p, 0, at),
                        Hashed::Y(p) => self.coordinate(*p, WORD, at),
                        // It lies there already.
                        _ => {}
                    }
                    i += 1;
                    continue;
                };
                let run = (0..).take_while(|j| squeeze.words.get(i + j) == Some(&Hashed::Word(from + j * WORD))).count();
                self.line(&format!("calldatacopy({at:#x}, {from:#x}, {:#x})", run * WORD));
                i += run;
            }
            let mut bytes = squeeze.words.len() * WORD;
            if squeeze.one {
                self.line(&format!("mstore8({:#x}, 1)", self.hash + bytes));
                bytes += 1;
            }
            self.store(self.hash, &format!("keccak256({:#x}, {bytes:#x})", self.hash));
            // The next hash takes its place.
            let challenge = self.program.nodes.iter().position(|n| *n == Node::Challenge(self.hashed));
            let reduced = format!("mod(mload({:#x}), f_q)", self.hash);
            if let Some(id) = challenge.filter(|id| self.variables.contains(id)) {
                self.line(&format!("let c{id} := {reduced}"));
            } else if let Some(id) = challenge.filter(|id| self.uses[*id] > 0) {
                let at = self.allocate(1);
                self.store(at, &reduced);
                self.stored.insert(id, at);
            }
            self.hashed += 1;
        }
    }

    pub(super) fn coordinate(&mut self, point: PointId, offset: usize, at: usize) {
        match self.sums.get(&point).or(self.limbs.get(&point)) {
            Some(from) => self.store(at, &format!("mload({:#x})", from + offset)),
            None => self.error = Some(format!("point {point} is not in memory")),
        }
    }

    /// A value: an expression of what is in calldata and memory. What it needs besides is written before it.
    pub(super) fn value(&mut self, id: Id) -> Expression {
        if let Some(at) = self.stored.get(&id) {
            return (format!("mload({at:#x})"), 1);
        }
        let (expression, depth) = match self.program.nodes[id].clone() {
            Node::Constant(c) => return (format!("{c:#x}"), 1),
            Node::Word(offset) => return (word(offset), 1),
            Node::Challenge(i) => {
                self.squeeze(i);
                return match self.variables.contains(&id) {
                    true => (format!("c{id}"), 1),
                    false => self.value(id),
                };
            }
            Node::Inverse(_) => {
                self.invert(id);
                return self.value(id);
            }
            Node::Negative(a) => {
                let (a, depth) = self.value(a);
                (format!("sub(f_q, {a})"), depth.max(2))
            }
            Node::Product(a, b) => self.operation("mulmod", a, b),
            Node::Sum(a, b) => self.operation("addmod", a, b),
        };
        if self.uses[id] > 1 || depth > DEPTH {
            let at = self.allocate(1);
            self.store(at, &expression);
            self.stored.insert(id, at);
            return self.value(id);
        }
        (expression, depth)
    }

    /// The modulus is put on the stack first, then the second operand: the deeper one.
    pub(super) fn operation(&mut self, name: &str, a: Id, b: Id) -> Expression {
        let (a, b) = (self.value(a), self.value(b));
        let (a, b) = if a.1 > b.1 { (b, a) } else { (a, b) };
        (format!("{name}({}, {}, f_q)", a.0, b.0), (1 + b.1).max(2 + a.1))
    }

    /// A value in a word of memory.
    pub(super) fn kept(&mut self, id: Id) -> usize {
        let (expression, _) = self.value(id);
        if let Some(at) = self.stored.get(&id) {
            return *at;
        }
        let at = self.allocate(1);
        self.store(at, &expression);
        self.stored.insert(id, at);
        at
    }

    /// How many inversions stand behind one another in a value.
    pub(super) fn level(&self, id: Id, known: &mut HashMap<Id, usize>) -> usize {
        if let Some(level) = known.get(&id) {
            return *level;
        }
        let below = self.program.operands(id).iter().map(|o| self.level(*o, known)).max().unwrap_or(0);
        let level = below + usize::from(matches!(self.program.nodes[id], Node::Inverse(_)));
        known.insert(id, level);
        level
    }

    /// This inverse and all others that can be made with it: the product of all is inverted once. A product of 0, which has no
    /// inverse, is refused.
    pub(super) fn invert(&mut self, id: Id) {
        let mut known = HashMap::new();
        let level = self.level(id, &mut known);
        let together: Vec<(Id, Id)> = (0..self.program.nodes.len())
            .filter(|i| self.uses[*i] > 0 && !self.stored.contains_key(i))
            .filter_map(|i| match self.program.nodes[i] {
                Node::Inverse(a) if self.level(i, &mut known) == level => Some((i, a)),
                _ => None,
            })
            .collect();
        let factors: Vec<usize> = together.iter().map(|(_, a)| self.kept(*a)).collect();
        let results: Vec<usize> = together.iter().map(|_| self.allocate(1)).collect();
        self.line("{");
        self.line(&format!("let v := mload({:#x})", factors[0]));
        // The product of those before a factor waits where its inverse will be.
        for (factor, result) in factors.iter().zip(&results).skip(1) {
            self.store(*result, "v");
            self.line(&format!("v := mulmod(mload({factor:#x}), v, f_q)"));
        }
        let at = self.inversion;
        for (i, value) in ["0x20", "0x20", "0x20", "v", "sub(f_q, 2)", "f_q"].into_iter().enumerate() {
            self.store(at + i * WORD, value);
        }
        self.call(5, at, INVERSION * WORD, WORD);
        self.line(&format!("v := mload({at:#x})"));
        self.require("iszero(iszero(v))");
        for (factor, result) in factors.iter().zip(&results).skip(1).rev() {
            self.store(*result, &format!("mulmod(mload({result:#x}), v, f_q)"));
            self.line(&format!("v := mulmod(mload({factor:#x}), v, f_q)"));
        }
        self.store(results[0], "v");
        self.line("}");
        for ((id, _), result) in together.iter().zip(results) {
            self.stored.insert(*id, result);
        }
    }
}
