//! Points: those of calldata are checked, and the two of the pairing computed where it reads them.

use super::{nested, word, Writer, PAIRING};
use crate::wrapper::contract::program::{Offset, Point, PointId, Twist, POINT, WORD};

impl Writer<'_> {
    /// Points on the curve, with canonical coordinates; (0, 0) is not on it.
    pub(super) fn points(&mut self) {
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

    pub(super) fn joined(&self, limbs: &[Offset]) -> String {
        let mut shift = 0;
        let mut parts = vec![];
        for limb in limbs {
            parts.push(if shift == 0 { word(*limb) } else { format!("shl({shift}, {})", word(*limb)) });
            shift += self.program.bounds[limb];
        }
        nested("or", &parts)
    }

    /// A point at `at`. The words behind it are used on the way.
    pub(super) fn point(&mut self, point: PointId, at: usize) {
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

    pub(super) fn twist(&mut self, twist: &Twist, at: usize) {
        for (i, coordinate) in twist.iter().enumerate() {
            self.store(at + i * WORD, coordinate);
        }
    }

    pub(super) fn pairing(&mut self) {
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
