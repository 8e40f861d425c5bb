//! Reads the text that snark-verifier generates into a [`Program`], by carrying it out with names instead of numbers.
//!
//! The text has few forms of statements. Each is taken for exactly what it does, and whatever is not one of them is an error:
//! so nothing that the text checks can be lost without a word.

use super::program::{Hashed, Node, Offset, Point, PointId, Program, Squeeze, Twist, WORD};
use num_bigint::BigUint;
use std::collections::{BTreeSet, HashMap};

/// What a word of memory or a variable holds.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Field(usize),
    /// A word of calldata as it is: a coordinate.
    Raw(Offset),
    /// A coordinate in limbs.
    Limbs(Vec<Offset>),
    /// A hash, by its number.
    Hash(usize),
    /// Hex or a number that is no value of the field: coordinates of fixed points, the modulus.
    Literal(String),
    X(PointId),
    Y(PointId),
    /// The inverse of the product of a batch's first factors: the batch's number, and how many factors.
    Inverted(usize, usize),
    Paired,
    /// A variable without a value.
    Nothing,
}

/// Factors of one inversion, and the product of each with all before it.
struct Batch {
    factors: Vec<usize>,
    products: Vec<usize>,
}

struct Reader<'a> {
    tokens: Vec<&'a str>,
    at: usize,
    memory: HashMap<usize, Value>,
    /// Where a byte 1 was stored, behind the words of a hash.
    ones: BTreeSet<usize>,
    batches: Vec<Batch>,
    /// Whether a block is read. Blocks stand alone: none is inside another.
    inside: bool,
    paired: bool,
    program: Program,
}

type Scope<'a> = HashMap<&'a str, Value>;
type Read<T> = Result<T, String>;

/// Text between the contract's head and its end. `modulus`: the scalar field's order.
pub fn program(body: &str, modulus: BigUint) -> Read<Program> {
    let mut reader = Reader {
        tokens: tokens(body)?,
        at: 0,
        memory: HashMap::new(),
        ones: BTreeSet::new(),
        batches: vec![],
        inside: false,
        paired: false,
        program: Program::new(modulus),
    };
    while reader.at < reader.tokens.len() {
        reader.statement(&mut Scope::new())?;
    }
    if !reader.paired || reader.program.pairing.is_none() {
        return Err("there is no pairing that must hold".into());
    }
    // What is inverted must not be 0, whether or not the text looked at its inverse. One that nobody uses is not written.
    for factor in reader.batches.iter().flat_map(|b| &b.factors) {
        reader.program.inverse(*factor);
    }
    Ok(reader.program)
}

fn tokens(body: &str) -> Read<Vec<&str>> {
    let mut tokens = vec![];
    let mut rest = body.trim_start();
    while !rest.is_empty() {
        let word = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let length = match rest {
            _ if word > 0 => word,
            _ if rest.starts_with(":=") => 2,
            _ if rest.starts_with(['(', ')', '{', '}', ',']) => 1,
            _ => return Err(format!("a sign that is not known: {}", rest.chars().take(20).collect::<String>())),
        };
        tokens.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

fn number(token: &str) -> Read<BigUint> {
    let (digits, radix) = token.strip_prefix("0x").map_or((token, 10), |hex| (hex, 16));
    BigUint::parse_bytes(digits.as_bytes(), radix).ok_or_else(|| format!("{token} is no number"))
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Read<&'a str> {
        self.at += 1;
        self.tokens.get(self.at - 1).copied().ok_or_else(|| "the text ends too early".into())
    }

    fn peek(&self) -> &'a str {
        self.tokens.get(self.at).copied().unwrap_or("")
    }

    /// Takes these tokens, separated by spaces, and no others.
    fn expect(&mut self, wanted: &str) -> Read<()> {
        for token in wanted.split(' ') {
            let found = self.next()?;
            if found != token {
                return Err(format!("{found} where {token} was expected, token {}", self.at));
            }
        }
        Ok(())
    }

    /// An address, a length or an offset.
    fn small(&mut self) -> Read<usize> {
        let token = self.next()?;
        // Of 32 bits, so that none overflows where words are counted from it.
        u32::try_from(number(token)?).map(|n| n as usize).map_err(|_| format!("{token} is no address"))
    }

    fn load(&self, at: usize) -> Read<Value> {
        self.memory.get(&at).cloned().ok_or_else(|| format!("memory at {at:#x} is read before it is written"))
    }

    /// Words do not overlap: all lie at multiples of their length.
    fn set(&mut self, at: usize, value: Value) -> Read<()> {
        self.memory.insert(at, value);
        self.ones.remove(&at);
        (at % WORD == 0).then_some(()).ok_or_else(|| format!("a word is stored at {at:#x}"))
    }

    fn statement(&mut self, scope: &mut Scope<'a>) -> Read<()> {
        match self.next()? {
            "{" => {
                if std::mem::replace(&mut self.inside, true) {
                    return Err("a block inside a block".into());
                }
                let mut inner = Scope::new();
                while self.peek() != "}" {
                    self.statement(&mut inner)?;
                }
                self.expect("}")?;
                self.inside = false;
                if inner.contains_key("prod") {
                    self.batch_made()?;
                }
                Ok(())
            }
            "let" => {
                let name = self.next()?;
                let value = if self.peek() == ":=" { self.assigned(name, scope)? } else { Value::Nothing };
                match scope.insert(name, value) {
                    None => Ok(()),
                    Some(_) => Err(format!("{name} is declared twice")),
                }
            }
            "mstore" => {
                self.expect("(")?;
                let at = self.small()?;
                self.expect(",")?;
                let value = self.value(scope)?;
                self.expect(")")?;
                if let Some(prod) = scope.get("prod") {
                    let (Value::Field(product), true) = (&value, value == *prod) else {
                        return Err("another value than the product is stored".into());
                    };
                    let batch = self.batch()?;
                    if batch.factors.len() != batch.products.len() + 1 {
                        return Err("a product is stored twice, or too late".into());
                    }
                    batch.products.push(*product);
                }
                let value = self.first_of_batch(value)?;
                self.set(at, value)
            }
            "mstore8" => {
                self.expect("(")?;
                let at = self.small()?;
                // Elsewhere it would change a word that is known.
                if at % WORD != 0 {
                    return Err(format!("a byte is stored at {at:#x}"));
                }
                self.memory.remove(&at);
                self.ones.insert(at);
                self.expect(", 1 )")
            }
            "success" => {
                self.expect(":= and (")?;
                self.check(scope)?;
                self.expect(", success )")
            }
            name => {
                if !scope.contains_key(name) {
                    return Err(format!("a statement that is not known: {name}"));
                }
                let value = self.assigned(name, scope)?;
                scope.insert(name, value);
                Ok(())
            }
        }
    }

    /// `:= value` of a variable. Those of a batched inversion are followed by their names.
    fn assigned(&mut self, name: &'a str, scope: &Scope<'a>) -> Read<Value> {
        self.expect(":=")?;
        if name == "prod" && scope.contains_key("prod") {
            // prod := mulmod(value, prod, f_q)
            self.expect("mulmod (")?;
            let factor = self.field(scope)?;
            self.expect(", prod , f_q )")?;
            let Some(Value::Field(prod)) = scope.get("prod") else { return Err("a product of nothing".into()) };
            self.batch()?.factors.push(factor);
            return Ok(Value::Field(self.program.product(factor, *prod)));
        }
        let value = self.value(scope)?;
        if name == "prod" {
            let Value::Field(first) = value else { return Err("a product of no value".into()) };
            self.batches.push(Batch { factors: vec![first], products: vec![first] });
        }
        Ok(value)
    }

    /// The batch of this block.
    fn batch(&mut self) -> Read<&mut Batch> {
        self.batches.last_mut().ok_or_else(|| "a product of nothing".into())
    }

    /// Every factor of a batch has its product.
    fn batch_made(&mut self) -> Read<()> {
        let batch = self.batch()?;
        (batch.factors.len() == batch.products.len()).then_some(()).ok_or_else(|| "a batch without all products".into())
    }

    /// What is left of an inverted batch when it is stored: the inverse of its first factor.
    fn first_of_batch(&mut self, value: Value) -> Read<Value> {
        match value {
            Value::Inverted(i, 1) => Ok(Value::Field(self.program.inverse(self.batches[i].factors[0]))),
            Value::Inverted(..) => Err("an inversion that stops half way".into()),
            other => Ok(other),
        }
    }

    fn field(&mut self, scope: &Scope<'a>) -> Read<usize> {
        match self.value(scope)? {
            Value::Field(id) => Ok(id),
            other => Err(format!("{other:?} is no value of the field, token {}", self.at)),
        }
    }

    fn value(&mut self, scope: &Scope<'a>) -> Read<Value> {
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
    fn inverted(&mut self, token: &str, scope: &Scope<'a>) -> Read<Option<Value>> {
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
    fn limb(&mut self, scope: &Scope<'a>) -> Read<Value> {
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

    fn word(&self, id: usize) -> Read<Offset> {
        match self.program.nodes[id] {
            Node::Word(offset) => Ok(offset),
            _ => Err("a limb that is no public input".into()),
        }
    }

    /// `keccak256(from, length)`, after the name and the bracket.
    fn hash(&mut self) -> Read<Value> {
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
    fn limbs_of(&mut self, at: usize) -> Read<Hashed> {
        if let Ok(p) = self.base(at) {
            return Ok(Hashed::X(p));
        }
        let x = at.checked_sub(WORD).ok_or("a coordinate that is hashed alone")?;
        self.base(x).map(Hashed::Y)
    }

    /// A check, up to the comma behind it.
    fn check(&mut self, scope: &Scope<'a>) -> Read<()> {
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
    fn base(&mut self, at: usize) -> Read<PointId> {
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
    fn precompile(&mut self) -> Read<()> {
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

    fn made(&mut self, point: Point, to: usize) -> Read<()> {
        let point = self.program.point(point);
        self.set(to, Value::X(point))?;
        self.set(to + WORD, Value::Y(point))
    }

    fn side(&mut self, at: usize) -> Read<(PointId, Twist)> {
        let point = self.base(at)?;
        let mut twist = Twist::default();
        for (i, coordinate) in twist.iter_mut().enumerate() {
            let Value::Literal(hex) = self.load(at + (2 + i) * WORD)? else { return Err("a twist that is not fixed".into()) };
            *coordinate = hex;
        }
        Ok((point, twist))
    }

    /// Modular exponentiation by the order less 2, of the last batch's product.
    fn inversion(&mut self, from: usize, to: usize) -> Read<()> {
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
