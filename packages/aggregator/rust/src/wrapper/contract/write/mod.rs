//! Writes a [`Program`] as the body of an assembly block that costs little gas: a value that is used once stays on the stack, words
//! of calldata are read where they are needed, all inversions are one, and every sum of points is made at one place.

mod points;
mod values;

use super::program::{Id, Node, Offset, Point, PointId, Program, WORD};
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wrapper::contract::program::{Twist, POINT};

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
