//! Writes a [`Program`] as the body of an assembly block that costs little gas: a value that is used once stays on the stack, words
//! of calldata are read where they are needed, all inversions are one, and every sum of points is made at one place.

use super::program::{Hashed, Id, Node, Offset, Point, PointId, Program, Twist, POINT, WORD};
use std::collections::HashMap;
use std::fmt::Write;

/// Where the memory begins that Solidity leaves free.
const FREE: usize = 0x80;
/// Words of an input for the pairing: two points of the curve and two of the twist.
const PAIRING: usize = 12;
/// Words of an input for the modular exponentiation.
const INVERSION: usize = 6;
/// Stack words that an expression may take. The EVM reaches 16 deep, and the modulus lies below.
const DEPTH: usize = 11;

/// Challenges that stay on the stack: those used most, at least so often.
const VARIABLES: usize = 3;
const OFTEN: usize = 8;

/// An expression, and the stack words that it takes.
type Expression = (String, usize);

struct Writer<'a> {
    program: &'a Program,
    text: String,
    uses: Vec<usize>,
    /// Challenges that are variables.
    variables: Vec<Id>,
    /// Where a node's value, and where a limb's point, lies in memory.
    stored: HashMap<Id, usize>,
    limbs: HashMap<PointId, usize>,
    /// Where a sum of points lies, until something is added to it.
    sums: HashMap<PointId, usize>,
    hashed: usize,
    error: Option<String>,
    /// Addresses: what is hashed, what is inverted, the pairing's input, the next free word.
    hash: usize,
    inversion: usize,
    pairing: usize,
    free: usize,
}

/// The body, for calldata of `bytes` bytes. `success` and the moduli are declared before it, and checked behind it.
///
/// Errors, in words: a hash of a point that is not in memory when it is needed; a point whose way is longer than its area; an
/// inverse that nothing uses.
pub fn body(program: &Program, bytes: usize) -> Result<String, String> {
    let hash = FREE;
    let longest = program.hashes.iter().map(|h| h.words.len() + 1).max().unwrap_or(0);
    let inversion = hash + longest * WORD;
    let pairing = inversion + INVERSION * WORD;
    let uses = uses(program);
    // It would not be written, and with it went the check that what is inverted is not 0.
    if (0..uses.len()).any(|id| matches!(program.nodes[id], Node::Inverse(_)) && uses[id] == 0) {
        return Err("an inverse that nothing uses".into());
    }
    let mut w = Writer {
        program,
        text: String::new(),
        variables: variables(program, &uses),
        uses,
        stored: HashMap::new(),
        limbs: HashMap::new(),
        sums: HashMap::new(),
        hashed: 0,
        error: None,
        hash,
        inversion,
        pairing,
        free: pairing + PAIRING * WORD,
    };
    w.line(&format!("if iszero(eq(calldatasize(), {bytes})) {{ revert(0, 0) }}"));
    w.scalars();
    w.points();
    w.line("if iszero(success) { revert(0, 0) }");
    w.pairing();
    w.error.map_or(Ok(w.text), Err)
}

/// How often each node is used by those that the pairing needs.
fn uses(program: &Program) -> Vec<usize> {
    let mut uses = vec![0; program.nodes.len()];
    let mut open: Vec<Id> = vec![];
    for point in &program.points {
        if let Point::Multiple(_, scalar) = point {
            open.push(*scalar);
        }
    }
    while let Some(id) = open.pop() {
        uses[id] += 1;
        if uses[id] == 1 {
            open.extend(program.operands(id));
        }
    }
    uses
}

/// The challenges that are used most.
fn variables(program: &Program, uses: &[usize]) -> Vec<Id> {
    let mut often: Vec<Id> = (0..uses.len()).filter(|i| uses[*i] >= OFTEN && matches!(program.nodes[*i], Node::Challenge(_))).collect();
    often.sort_by_key(|i| std::cmp::Reverse(uses[*i]));
    often.truncate(VARIABLES);
    often
}

fn word(offset: Offset) -> String {
    format!("calldataload({offset:#x})")
}

/// `f(a, f(b, c))` of a list, the last innermost: the stack stays as low as for one.
fn nested(f: &str, items: &[String]) -> String {
    let (last, rest) = items.split_last().expect("an item");
    rest.iter().rev().fold(last.clone(), |inner, item| format!("{f}({item}, {inner})"))
}

impl Writer<'_> {
    fn line(&mut self, line: &str) {
        writeln!(self.text, "            {line}").expect("text");
    }

    fn store(&mut self, at: usize, value: &str) {
        self.line(&format!("mstore({at:#x}, {value})"));
    }

    fn require(&mut self, what: &str) {
        self.line(&format!("success := and({what}, success)"));
    }

    /// A precompile's answer has exactly its length: a call to an address without code, as on a chain that lacks the precompile, succeeds and
    /// returns nothing, and what lay there would be read as the answer. Yul evaluates arguments from the last to the first, so the length is that of
    /// this call.
    fn call(&mut self, number: usize, from: usize, length: usize, result: usize) {
        let call = format!("staticcall(gas(), {number}, {from:#x}, {length:#x}, {from:#x}, {result:#x})");
        self.require(&format!("and(eq(returndatasize(), {result:#x}), {call})"));
    }

    fn allocate(&mut self, words: usize) -> usize {
        self.free += words * WORD;
        self.free - words * WORD
    }

    /// Words below the order. Those below a power of two are so too: of them the common bound is checked once, of all by "or".
    fn scalars(&mut self) {
        let program = self.program;
        let rest: Vec<_> = program.scalars.iter().filter(|o| !program.bounds.contains_key(o)).collect();
        for chunk in rest.chunks(8) {
            let below: Vec<_> = chunk.iter().map(|o| format!("lt({}, f_q)", word(**o))).collect();
            self.require(&nested("and", &below));
        }
        let mut bounds: Vec<_> = program.bounds.values().copied().collect();
        bounds.sort_unstable();
        bounds.dedup();
        for bits in bounds {
            let words: Vec<_> = program.bounds.iter().filter(|(_, b)| **b == bits).map(|(o, _)| word(*o)).collect();
            self.require(&format!("lt({}, {:#x})", nested("or", &words), num_bigint::BigUint::from(1u8) << bits));
        }
    }

    /// Points on the curve, with canonical coordinates; (0, 0) is not on it.
    fn points(&mut self) {
        for &point in &self.program.checked {
            let (x, y) = match &self.program.points[point] {
                Point::Given(offset) => (word(*offset), word(offset + WORD)),
                Point::Limbs(x, y) => (self.joined(x), self.joined(y)),
                _ => unreachable!("only points of calldata are checked"),
            };
            self.line("{");
            self.line(&format!("let x := {x}"));
            self.line(&format!("let y := {y}"));
            if matches!(self.program.points[point], Point::Limbs(..)) {
                let at = self.allocate(2);
                self.limbs.insert(point, at);
                self.store(at, "x");
                self.store(at + WORD, "y");
            }
            let curve = "eq(mulmod(y, y, f_p), addmod(mulmod(mulmod(x, x, f_p), x, f_p), 3, f_p))";
            self.require(&format!("and(and(lt(x, f_p), lt(y, f_p)), {curve})"));
            self.line("}");
        }
    }

    fn joined(&self, limbs: &[Offset]) -> String {
        let mut shift = 0;
        let mut parts = vec![];
        for limb in limbs {
            parts.push(if shift == 0 { word(*limb) } else { format!("shl({shift}, {})", word(*limb)) });
            shift += self.program.bounds[limb];
        }
        nested("or", &parts)
    }

    /// Squeezes up to hash `number`, each in the place of the one before.
    fn squeeze(&mut self, number: usize) {
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

    fn coordinate(&mut self, point: PointId, offset: usize, at: usize) {
        match self.sums.get(&point).or(self.limbs.get(&point)) {
            Some(from) => self.store(at, &format!("mload({:#x})", from + offset)),
            None => self.error = Some(format!("point {point} is not in memory")),
        }
    }

    /// A value: an expression of what is in calldata and memory. What it needs besides is written before it.
    fn value(&mut self, id: Id) -> Expression {
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
    fn operation(&mut self, name: &str, a: Id, b: Id) -> Expression {
        let (a, b) = (self.value(a), self.value(b));
        let (a, b) = if a.1 > b.1 { (b, a) } else { (a, b) };
        (format!("{name}({}, {}, f_q)", a.0, b.0), (1 + b.1).max(2 + a.1))
    }

    /// A value in a word of memory.
    fn kept(&mut self, id: Id) -> usize {
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
    fn level(&self, id: Id, known: &mut HashMap<Id, usize>) -> usize {
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
    fn invert(&mut self, id: Id) {
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

    /// A point at `at`. The words behind it are used on the way.
    fn point(&mut self, point: PointId, at: usize) {
        let bytes = match self.program.points[point] {
            Point::Given(_) | Point::Limbs(..) | Point::Fixed(..) => POINT,
            Point::Multiple(..) => POINT + WORD,
            Point::Sum(..) => 2 * POINT,
        };
        if at + bytes > self.pairing + PAIRING * WORD {
            self.error = Some("a sum of points that needs more words than the pairing has".into());
            return;
        }
        match self.program.points[point].clone() {
            Point::Given(offset) => self.line(&format!("calldatacopy({at:#x}, {offset:#x}, {POINT:#x})")),
            Point::Limbs(..) => {
                self.coordinate(point, 0, at);
                self.coordinate(point, WORD, at + WORD);
            }
            Point::Fixed(x, y) => {
                self.store(at, &x);
                self.store(at + WORD, &y);
            }
            Point::Multiple(base, scalar) => {
                self.point(base, at);
                let (scalar, _) = self.value(scalar);
                self.store(at + POINT, &scalar);
                self.call(7, at, POINT + WORD, POINT);
            }
            Point::Sum(a, b) => {
                self.point(a, at);
                self.sums.insert(a, at);
                self.point(b, at + POINT);
                self.sums.remove(&a);
                self.call(6, at, 2 * POINT, POINT);
            }
        }
    }

    fn twist(&mut self, twist: &Twist, at: usize) {
        for (i, coordinate) in twist.iter().enumerate() {
            self.store(at + i * WORD, coordinate);
        }
    }

    fn pairing(&mut self) {
        let at = self.pairing;
        let sides = self.program.pairing.clone().expect("read");
        // The first side's way goes over the words behind it.
        for (i, (point, _)) in sides.iter().enumerate() {
            self.point(*point, at + i * PAIRING / 2 * WORD);
        }
        for (i, (_, twist)) in sides.iter().enumerate() {
            self.twist(twist, at + i * PAIRING / 2 * WORD + POINT);
        }
        self.call(8, at, PAIRING * WORD, WORD);
        self.require(&format!("eq(mload({at:#x}), 1)"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pairing of `a + (b + (c + ...))`, of so many points, with one of them.
    fn sum(points: usize) -> Result<String, String> {
        let mut program = Program::new(101u8.into());
        let given: Vec<_> = (0..points).map(|i| program.point(Point::Given(i * POINT))).collect();
        program.checked = given.clone();
        let (last, rest) = given.split_last().expect("a point");
        let all = rest.iter().rev().fold(*last, |sum, p| program.point(Point::Sum(*p, sum)));
        program.pairing = Some([(all, Twist::default()), (given[0], Twist::default())]);
        body(&program, points * POINT)
    }

    #[test]
    fn a_point_stays_within_the_words_of_the_pairing() {
        let longest = PAIRING * WORD / POINT;
        assert_eq!(sum(longest).expect("a text").matches("staticcall(gas(), 6, ").count(), longest - 1);
        assert!(sum(longest + 1).is_err());
    }

    #[test]
    fn an_inverse_that_nothing_uses_makes_no_text() {
        for used in [true, false] {
            let mut program = Program::new(101u8.into());
            let point = program.point(Point::Given(0));
            program.checked = vec![point];
            program.scalars = vec![2 * WORD];
            let word = program.node(Node::Word(2 * WORD));
            let inverse = program.inverse(word);
            // 1 / (1 / a) is a, with nothing that says that a is not 0.
            let scalar = if used { inverse } else { program.inverse(inverse) };
            let multiple = program.point(Point::Multiple(point, scalar));
            program.pairing = Some([(multiple, Twist::default()), (point, Twist::default())]);
            assert_eq!(body(&program, 3 * WORD).is_ok(), used);
        }
    }
}
