//! Products that have a left side in common become one, and the claims that they are in one claim.
//!
//! The rows of one claim are put behind those of another: times rho to as many. Then `<u, v>` with `v = v_1 + rho^rows v_2` is what both
//! products give, each in rows of its own.

use super::{weights, Atom, Claim, Claims, Evaluation, Point, Product, Target, Term};
use crate::graph::Graph;
use crate::ops::Value;

/// The only place at which a product is.
#[derive(Clone, Copy)]
struct Use {
    claim: usize,
    coefficient: i64,
    shift: u32,
}

impl Claims {
    /// Merges what can be. Of a tensor that moves, at most one is in the right side of a product: what the equations say of it before
    /// the step they say of it alone.
    pub(super) fn share(&mut self, graph: &Graph) {
        let uses: Vec<Option<Use>> = (0..self.products.len()).map(|p| self.only_use(graph, p)).collect();
        let mut groups: Vec<Vec<usize>> = vec![];
        for p in 0..self.products.len() {
            let joins = |g: &&mut Vec<usize>| uses[g[0]].is_some() && self.together(g, p);
            match groups.iter_mut().find(joins).filter(|_| uses[p].is_some()) {
                Some(group) => group.push(p),
                None => groups.push(vec![p]),
            }
        }
        let stacked = self.stacked(graph, &groups, &uses);
        self.rewrite(&groups, &uses, &stacked);
    }

    /// Where a product is, if it is in one claim alone, once, not repeated. Nothing of that claim may have rows beyond those of the unit,
    /// as a value that is transposed has for each of its cells; and none of its terms may move, since a claim pins what moves alone.
    fn only_use(&self, graph: &Graph, product: usize) -> Option<Use> {
        let mut found = None;
        for (claim, c) in self.claims.iter().enumerate() {
            for t in c.terms.iter().filter(|t| t.atom == Atom::Product(product)) {
                if found.is_some() || !t.repeats.is_empty() || t.rate.is_some() {
                    return None;
                }
                found = Some(Use { claim, coefficient: t.coefficient, shift: t.shift });
            }
        }
        let plain = |t: &Term| matches!(t.atom, Atom::Committed(e) if (e.rows, e.last) == (Point::Rho, Point::Tau) && !weights(graph, e.value));
        let exact = |t: &Term| match &t.atom {
            Atom::Committed(e) => e.last != Point::Rho && !self.is_moving(e),
            Atom::Product(p) => self.products[*p].sides[0].iter().all(plain),
            Atom::Moved(e) => ![e.rows, e.last].contains(&Point::Rho),
            Atom::Rows(_) | Atom::One(_) => false,
        };
        let fits = |u: &Use| self.products[product].sides[1].iter().all(|t| t.coefficient.checked_mul(u.coefficient).is_some());
        found.filter(|u| self.claims[u.claim].terms.iter().all(exact) && fits(u))
    }

    fn is_moving(&self, e: &Evaluation) -> bool {
        self.updates.iter().any(|u| u.0 == e.value)
    }

    /// Whether a product can be one with those of a group.
    fn together(&self, group: &[usize], product: usize) -> bool {
        let (a, b) = (&self.products[group[0]], &self.products[product]);
        let all = group.iter().chain([&product]);
        let moving: usize = all.map(|p| super::evaluations(&self.products[*p].sides[1]).iter().filter(|e| self.is_moving(e)).count()).sum();
        a.sides[0] == b.sides[0] && a.length == b.length && moving <= 1
    }

    /// Of each claim the one that it becomes a part of, and how many rows stand before its own.
    fn stacked(&self, graph: &Graph, groups: &[Vec<usize>], uses: &[Option<Use>]) -> Vec<(usize, usize)> {
        let mut root: Vec<usize> = (0..self.claims.len()).collect();
        for group in groups.iter().filter(|g| g.len() > 1) {
            let claims = || group.iter().filter_map(|p| uses[*p]).map(|u| u.claim);
            let first = claims().map(|c| root[c]).min().unwrap_or(0);
            let joined: Vec<usize> = claims().map(|c| root[c]).collect();
            root.iter_mut().filter(|r| joined.contains(r)).for_each(|r| *r = first);
        }
        let mut before = vec![0; self.claims.len()];
        let place = |(i, c): (usize, &Claim)| {
            let behind = before[root[i]];
            before[root[i]] += c.targets.iter().map(|t| t.0.rows(graph)).sum::<usize>();
            (root[i], behind)
        };
        self.claims.iter().enumerate().map(place).collect()
    }

    fn rewrite(&mut self, groups: &[Vec<usize>], uses: &[Option<Use>], stacked: &[(usize, usize)]) {
        let mut number = vec![0; self.products.len()];
        let mut products = vec![];
        for (i, group) in groups.iter().enumerate() {
            group.iter().for_each(|p| number[*p] = i);
            let Product { length, sides: [left, right] } = &self.products[group[0]];
            let mut merged = Product { length: *length, sides: [left.clone(), right.clone()] };
            if group.len() > 1 {
                let of = |p: &usize| (&self.products[*p].sides[1], uses[*p].expect("each is in a claim"));
                let scaled = |(terms, u): (&Vec<Term>, Use)| -> Vec<Term> { terms.iter().map(|t| times(t, u, stacked[u.claim].1)).collect() };
                merged.sides[1] = group.iter().map(of).flat_map(scaled).collect();
            }
            products.push(merged);
        }
        let mut claims: Vec<Option<Claim>> = vec![None; self.claims.len()];
        for (c, (root, behind)) in std::mem::take(&mut self.claims).into_iter().zip(stacked) {
            let into = claims[*root].get_or_insert_with(|| Claim { targets: vec![], terms: vec![] });
            into.targets.extend(c.targets.into_iter().map(|(t, b)| (t, b + behind)));
            for mut t in c.terms {
                t.behind += behind;
                if let Atom::Product(p) = t.atom {
                    let group = number[p];
                    t.atom = Atom::Product(group);
                    if groups[group].len() > 1 {
                        t = Term::of(Atom::Product(group));
                        if into.terms.contains(&t) {
                            continue;
                        }
                    }
                }
                into.terms.push(t);
            }
        }
        (self.products, self.claims) = (products, claims.into_iter().flatten().collect());
    }
}

/// A right side's term, as a multiple that its claim had of the product.
fn times(t: &Term, u: Use, behind: usize) -> Term {
    Term { coefficient: t.coefficient * u.coefficient, shift: t.shift + u.shift, behind, ..t.clone() }
}

impl Target {
    fn rows(&self, graph: &Graph) -> usize {
        let value: Value = match self {
            Self::Input { node, input } => graph.nodes()[*node].inputs[*input],
            Self::After(value) => *value,
        };
        super::matrix(graph.facts(value)).0
    }
}
