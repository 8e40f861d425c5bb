//! Expressions: values of the field, limbs, hashes.

use super::{number, Read, Reader, Scope, Value};
use crate::wrapper::contract::program::{Hashed, Node, Offset, Squeeze, WORD};
use num_bigint::BigUint;

impl<'a> Reader<'a> {
    pub(super) fn field(&mut self, scope: &Scope<'a>) -> Read<usize> {
        match self.value(scope)? {
            Value::Field(id) => Ok(id),
            other => Err(format!("{other:?} is no value of the field, token {}", self.at)),
        }
    }

    pub(super) fn value(&mut self, scope: &Scope<'a>) -> Read<Value> {
        let token = self.next()?;
        if token.starts_with(|c: char| c.is_ascii_digit()) {
            let value = number(token)?;
            let field = value < self.program.modulus && !token.starts_with("0x");
            return Ok(if field { Value::Field(self.program.constant(value)) } else { Value::Literal(token.into()) });
        }
        if self.peek() != "(" {
            return scope.get(token).cloned().ok_or_else(|| format!("{token} is not known"));
        }
        self.expect("(")?;
        let value = match token {
            "mload" => {
                let at = self.small()?;
                self.load(at)?
            }
            "calldataload" => Value::Raw(self.small()?),
            "mod" => {
                let value = self.value(scope)?;
                self.expect(", f_q")?;
                match value {
                    Value::Raw(offset) => {
                        self.program.scalars.push(offset);
                        Value::Field(self.program.node(Node::Word(offset)))
                    }
                    Value::Hash(i) => Value::Field(self.program.node(Node::Challenge(i))),
                    other => return Err(format!("the rest of {other:?}")),
                }
            }
            "mulmod" | "addmod" => {
                if let Some(value) = self.inverted(token, scope)? {
                    return Ok(value);
                }
                let a = self.field(scope)?;
                self.expect(",")?;
                let b = self.field(scope)?;
                self.expect(", f_q")?;
                Value::Field(if token == "mulmod" { self.program.product(a, b) } else { self.program.sum(a, b) })
            }
            "sub" => {
                self.expect("f_q ,")?;
                let a = self.field(scope)?;
                Value::Field(self.program.negative(a))
            }
            "add" => self.limb(scope)?,
            "keccak256" => self.hash()?,
            _ => return Err(format!("a function that is not known: {token}")),
        };
        self.expect(")")?;
        Ok(value)
    }

    /// The steps back through a batch, if this is one: `mulmod(mload(product of those before), inv, f_q)` is the inverse of the last
    /// factor, and `mulmod(v, inv, f_q)`, where v is the last factor, the inverse of the product without it. A value says how many
    /// factors it is of: so it is what it is wherever it goes.
    pub(super) fn inverted(&mut self, token: &str, scope: &Scope<'a>) -> Read<Option<Value>> {
        let Some(Value::Inverted(i, factors)) = scope.get("inv").cloned() else { return Ok(None) };
        let other = self.field(scope)?;
        self.expect(", inv , f_q )")?;
        let batch = &self.batches[i];
        let last = factors - 1;
        if token != "mulmod" || last == 0 {
            return Err("another step of an inversion".into());
        }
        // The token before `, inv, f_q)`.
        if self.tokens[self.at - 6] == "v" {
            if batch.factors[last] != other {
                return Err("another factor than the last of a batch".into());
            }
            return Ok(Some(Value::Inverted(i, last)));
        }
        if batch.products[last - 1] != other {
            return Err("another product than that before the last factor".into());
        }
        let factor = batch.factors[last];
        Ok(Some(Value::Field(self.program.inverse(factor))))
    }

    /// `add(x, shl(bits, limb))`, after the name and the bracket.
    pub(super) fn limb(&mut self, scope: &Scope<'a>) -> Read<Value> {
        let lower = match self.value(scope)? {
            Value::Limbs(limbs) => limbs,
            Value::Field(id) => vec![self.word(id)?],
            other => return Err(format!("limbs of {other:?}")),
        };
        self.expect(", shl (")?;
        let shift = self.small()?;
        self.expect(",")?;
        let id = self.field(scope)?;
        self.expect(")")?;
        let limb = self.word(id)?;
        let bits: Option<usize> = lower.iter().map(|o| self.program.bounds.get(o)).sum();
        let fit = bits == Some(shift) && self.program.bounds.get(&limb).is_some_and(|b| shift + b <= 8 * WORD);
        fit.then(|| Value::Limbs([&lower[..], &[limb]].concat())).ok_or_else(|| "limbs that overlap or have no bound".into())
    }

    pub(super) fn word(&self, id: usize) -> Read<Offset> {
        match self.program.nodes[id] {
            Node::Word(offset) => Ok(offset),
            _ => Err("a limb that is no public input".into()),
        }
    }

    /// `keccak256(from, length)`, after the name and the bracket.
    pub(super) fn hash(&mut self) -> Read<Value> {
        let from = self.small()?;
        self.expect(",")?;
        let length = self.small()?;
        let one = length % WORD == 1;
        if (length % WORD > 1) || (one && !self.ones.contains(&(from + length - 1))) {
            return Err(format!("a hash of {length} bytes"));
        }
        let number = self.program.hashes.len();
        let mut words = vec![];
        for i in 0..length / WORD {
            words.push(match self.load(from + i * WORD)? {
                Value::Raw(offset) => Hashed::Word(offset),
                Value::Field(id) => match &self.program.nodes[id] {
                    Node::Word(offset) => Hashed::Word(*offset),
                    // Where it was computed, 0 may be the modulus: `sub(f_q, 0)` is not reduced. Every other constant is what it seems.
                    Node::Constant(c) if *c != BigUint::default() => Hashed::Constant(c.clone()),
                    _ => return Err("a hash of a value that was computed".into()),
                },
                Value::Hash(before) if before + 1 == number && i == 0 => Hashed::Previous,
                Value::X(p) => Hashed::X(p),
                Value::Y(p) => Hashed::Y(p),
                Value::Limbs(_) => self.limbs_of(from + i * WORD)?,
                other => return Err(format!("a hash of {other:?}")),
            });
        }
        self.program.hashes.push(Squeeze { words, one });
        Ok(Value::Hash(number))
    }

    /// A coordinate in limbs that is hashed: of the point whose other coordinate lies beside it.
    pub(super) fn limbs_of(&mut self, at: usize) -> Read<Hashed> {
        if let Ok(p) = self.base(at) {
            return Ok(Hashed::X(p));
        }
        let x = at.checked_sub(WORD).ok_or("a coordinate that is hashed alone")?;
        self.base(x).map(Hashed::Y)
    }
}
