//! What must hold: bounds, points on the curve, calls of precompiles and what they answer.

use super::{number, Read, Reader, Scope, Value};
use crate::wrapper::contract::program::{Point, PointId, Twist, WORD};
use num_bigint::BigUint;

impl<'a> Reader<'a> {
    /// A check, up to the comma behind it.
    pub(super) fn check(&mut self, scope: &Scope<'a>) -> Read<()> {
        match self.next()? {
            "lt" => {
                self.expect("(")?;
                let id = self.field(scope)?;
                self.expect(", shl (")?;
                let bits = self.small()?;
                self.expect(", 1 ) )")?;
                let offset = self.word(id)?;
                // So that what is below it is below the order too.
                if bits as u64 >= self.program.modulus.bits() {
                    return Err(format!("a bound of {bits} bits"));
                }
                match self.program.bounds.insert(offset, bits) {
                    None => Ok(()),
                    Some(_) => Err("a limb is bounded twice".into()),
                }
            }
            "validate_ec_point" => {
                self.expect("( x , y )")?;
                let point = match (scope.get("x"), scope.get("y")) {
                    (Some(Value::Raw(x)), Some(Value::Raw(y))) if *y == x + WORD => Point::Given(*x),
                    (Some(Value::Limbs(x)), Some(Value::Limbs(y))) => Point::Limbs(x.clone(), y.clone()),
                    other => return Err(format!("a point of {other:?}")),
                };
                let point = self.program.point(point);
                self.program.checked.push(point);
                Ok(())
            }
            "eq" => {
                self.expect("(")?;
                match self.next()? {
                    "staticcall" => self.precompile()?,
                    "mload" => {
                        self.expect("(")?;
                        let at = self.small()?;
                        self.expect(")")?;
                        if self.load(at)? != Value::Paired {
                            return Err("another result that must be 1".into());
                        }
                        self.paired = true;
                    }
                    other => return Err(format!("a comparison of {other}")),
                }
                self.expect(", 1 )")
            }
            other => Err(format!("a check that is not known: {other}")),
        }
    }

    /// The point whose coordinates lie at `at`. Points of calldata must have been checked.
    pub(super) fn base(&mut self, at: usize) -> Read<PointId> {
        let point = match (self.load(at)?, self.load(at + WORD)?) {
            (Value::X(p), Value::Y(q)) if p == q => return Ok(p),
            (Value::Raw(x), Value::Raw(y)) if y == x + WORD => Point::Given(x),
            (Value::Limbs(x), Value::Limbs(y)) => Point::Limbs(x, y),
            (Value::Literal(x), Value::Literal(y)) => return Ok(self.program.point(Point::Fixed(x, y))),
            other => return Err(format!("a point of {other:?}")),
        };
        let point = self.program.point(point);
        self.program.checked.contains(&point).then_some(point).ok_or_else(|| "a point that is used unchecked".into())
    }

    /// `staticcall(gas(), number, from, length, to, length)`, after the name.
    pub(super) fn precompile(&mut self) -> Read<()> {
        self.expect("( gas ( ) ,")?;
        let number = self.small()?;
        let mut rest = [0; 4];
        for value in &mut rest {
            self.expect(",")?;
            *value = self.small()?;
        }
        self.expect(")")?;
        let [from, length, to, result] = rest;
        match (number, length, result) {
            (5, 0xc0, 0x20) => self.inversion(from, to),
            (6, 0x80, 0x40) => {
                let (a, b) = (self.base(from)?, self.base(from + 2 * WORD)?);
                self.made(Point::Sum(a, b), to)
            }
            (7, 0x60, 0x40) => {
                let base = self.base(from)?;
                let Value::Field(scalar) = self.load(from + 2 * WORD)? else { return Err("a multiple by no scalar".into()) };
                self.made(Point::Multiple(base, scalar), to)
            }
            (8, 0x180, 0x20) if self.program.pairing.is_none() => {
                let sides = [self.side(from)?, self.side(from + 6 * WORD)?];
                self.program.pairing = Some(sides);
                self.set(to, Value::Paired)
            }
            _ => Err(format!("a call of {number} with {length} bytes for {result}")),
        }
    }

    pub(super) fn made(&mut self, point: Point, to: usize) -> Read<()> {
        let point = self.program.point(point);
        self.set(to, Value::X(point))?;
        self.set(to + WORD, Value::Y(point))
    }

    pub(super) fn side(&mut self, at: usize) -> Read<(PointId, Twist)> {
        let point = self.base(at)?;
        let mut twist = Twist::default();
        for (i, coordinate) in twist.iter_mut().enumerate() {
            let Value::Literal(hex) = self.load(at + (2 + i) * WORD)? else { return Err("a twist that is not fixed".into()) };
            *coordinate = hex;
        }
        Ok((point, twist))
    }

    /// Modular exponentiation by the order less 2, of the last batch's product.
    pub(super) fn inversion(&mut self, from: usize, to: usize) -> Read<()> {
        let order = self.program.modulus.clone();
        let length = Value::Field(self.program.constant(BigUint::from(WORD)));
        let exponent = Value::Field(self.program.constant(&order - BigUint::from(2u8)));
        let product = self.batches.last().and_then(|b| b.products.last()).map(|p| Value::Field(*p));
        for (i, wanted) in [Some(length.clone()), Some(length.clone()), Some(length), product, Some(exponent)].into_iter().enumerate() {
            if wanted != Some(self.load(from + i * WORD)?) {
                return Err("another exponentiation than an inversion".into());
            }
        }
        match self.load(from + 5 * WORD)? {
            Value::Literal(m) if number(&m)? == order => {}
            _ => return Err("an inversion modulo another number".into()),
        }
        let batch = self.batches.len() - 1;
        self.set(to, Value::Inverted(batch, self.batches[batch].products.len()))
    }
}
