//! Reads the text that snark-verifier generates into a [`Program`], by carrying it out with names instead of numbers.
//!
//! The text has few forms of statements. Each is taken for exactly what it does, and whatever is not one of them is an error:
//! so nothing that the text checks can be lost without a word.

mod checks;
mod values;

use super::program::{Offset, PointId, Program, WORD};
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
            "{" => self.block(),
            "let" => {
                let name = self.next()?;
                let value = if self.peek() == ":=" { self.assigned(name, scope)? } else { Value::Nothing };
                match scope.insert(name, value) {
                    None => Ok(()),
                    Some(_) => Err(format!("{name} is declared twice")),
                }
            }
            "mstore" => self.stored(scope),
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

    /// A block, after its bracket.
    fn block(&mut self) -> Read<()> {
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

    /// A word that is stored, after `mstore`. In a batched inversion only its products are.
    fn stored(&mut self, scope: &Scope<'a>) -> Read<()> {
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
}
