//! An optimiser's constraints on each trained weight in each step, all of degree at most 3. docs/operators/optimizers.md argues why they suffice.

use crate::config::WindowConfig;
use crate::gates::{adv, fix, flag, int, pow2, recompose, E};
use crate::layout::{Slot, Updates, GRADIENT_ROW, RATE_ROW, STATE_ROW, WEIGHT_ROW};
use crate::offsets::{gradient_offset, state_offset, weight_offset};
use crate::optimizer::{moment_bits, Number, Optimizer};
use crate::spec::SgdSpec;
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{ConstraintSystem, VirtualCells};
use halo2_axiom::poly::Rotation;

/// A constraint with its name, which a failure of the mock prover says.
type Named = (&'static str, E);

/// What a step makes of a weight's block.
struct After {
    /// What the weight moves by, a rate each.
    direction: E,
    states: Vec<E>,
    /// Expressions that are zero in a block.
    zero: Vec<Named>,
}

impl WindowConfig {
    /// The update of each weight and its state, and where the blocks' values come from and go to.
    pub(crate) fn update_gates(&self, cs: &mut ConstraintSystem<Fr>, spec: &SgdSpec, u: &Updates, o: Optimizer) {
        let Some(fx) = self.fx.update else { return };
        cs.create_gate("optimiser", |v| {
            let (last, before) = (fix(v, fx.last), flag(v, fx.before));
            let first = fx.first.map_or_else(|| last.clone(), |c| fix(v, c));
            let active = last.clone() + before.clone();
            let rate = adv(v, self.plain[0], RATE_ROW as i32);
            let to_last = ((spec.steps - 1) * u.stride) as i32;
            let mut out = vec![];
            for (lane, plain) in self.plain.iter().enumerate() {
                let (zero, after) = self.step(v, spec, u, o, lane, &rate);
                out.extend(zero.into_iter().map(|(name, e)| (name, active.clone() * e)));
                // Where values come from and go to: the checkpoint before, the next step's block, the checkpoint after.
                for (i, (row, stored)) in after.into_iter().enumerate() {
                    let column = i * u.lanes + lane;
                    out.push(("from the checkpoint before", first.clone() * (adv(v, *plain, row as i32) - adv(v, self.w0[column], 0))));
                    out.push(("to the checkpoint after", last.clone() * (adv(v, self.wk[column], -to_last) - stored.clone())));
                    if spec.steps > 1 {
                        out.push(("to the next step", before.clone() * (adv(v, *plain, (row + u.stride) as i32) - stored)));
                    }
                }
            }
            // The rate: from S beside a matrix's first block, elsewhere the block's before.
            let taken = fix(v, fx.rate);
            let above = adv(v, self.plain[0], RATE_ROW as i32 - u.height as i32);
            out.push(("the rate from S", taken.clone() * (rate.clone() - adv(v, self.s, RATE_ROW as i32))));
            out.push(("the rate of the block above", (active - taken) * (rate - above)));
            out
        });
        if let Some(rates) = fx.rates {
            cs.create_gate("public rates", |v| {
                let public = v.query_instance(self.instance, Rotation::cur());
                vec![fix(v, rates) * (adv(v, self.s, 0) - public)]
            });
        }
    }

    /// One lane's step: expressions that are zero in a block, and what it leaves: (row, stored value) of the weight and each state.
    fn step(&self, v: &mut VirtualCells<'_, Fr>, spec: &SgdSpec, u: &Updates, o: Optimizer, lane: usize, rate: &E) -> (Vec<Named>, Vec<(usize, E)>) {
        let b = spec.scales.b;
        let mut cell = |row: usize, offset: i64| adv(v, self.plain[lane], row as i32) - int(offset as u128);
        let (weight, gradient) = (cell(WEIGHT_ROW, weight_offset(spec)), cell(GRADIENT_ROW, gradient_offset()));
        let states: Vec<E> = (0..o.states()).map(|i| cell(STATE_ROW + i, state_offset(spec, i))).collect();
        let mut numbers = self.numbers(v, b, u, lane).into_iter();
        let mut next = || numbers.next().expect("a number of this rule");
        let After { direction, states: after, mut zero } = match o {
            Optimizer::Sgd { .. } => After { direction: gradient, states: vec![], zero: vec![] },
            Optimizer::Momentum { momentum, .. } => {
                let (kept, rest) = (next(), next());
                let m = kept.clone() + gradient;
                let zero = vec![("momentum kept", kept * pow2(b) + rest - pow2(b - 1) - int(momentum.into()) * states[0].clone())];
                After { direction: m.clone(), states: vec![m], zero }
            }
            Optimizer::Adam { beta1, beta2, .. } => {
                let epsilon = flag(v, self.fx.update.and_then(|fx| fx.epsilon));
                let g = gradient * pow2(moment_bits(&spec.scales) - spec.scales.a - spec.scales.d);
                let [m, m_rest, root, over, under, v_rest, ratio, rest, room] = std::array::from_fn(|_| next());
                let second = root.clone() * root.clone() + over.clone();
                let mixed = |factor: u64, old: &E, new: &E, of: E, rest: E| {
                    new.clone() * pow2(b) + rest - pow2(b - 1) - int(factor.into()) * old.clone() - (pow2(b) - int(factor.into())) * of
                };
                let den = root.clone() + epsilon;
                let zero = vec![
                    ("first moment", mixed(beta1, &states[0], &m, g.clone(), m_rest)),
                    ("second moment", mixed(beta2, &states[1], &second, g.clone() * g, v_rest)),
                    ("the root is the largest", over + under - int(2) * root),
                    ("ratio and remainder", m.clone() * pow2(spec.scales.e + 1) + den.clone() - int(2) * den.clone() * ratio.clone() - rest.clone()),
                    ("the remainder is below the divisor", rest + room - int(2) * den + int(1)),
                ];
                After { direction: ratio, states: vec![m, second], zero }
            }
        };
        let mut moved = weight.clone() - rate.clone() * direction;
        if o.decay() > 0 {
            let (decayed, rest) = (next(), next());
            zero.push(("weight decay", decayed.clone() * pow2(2 * b) + rest - pow2(2 * b - 1) - int(o.decay().into()) * weight));
            moved = moved - decayed;
        }
        let states = after.into_iter().enumerate().map(|(i, e)| (STATE_ROW + i, e + int(state_offset(spec, i) as u128)));
        (zero, [(WEIGHT_ROW, moved + int(weight_offset(spec) as u128))].into_iter().chain(states).collect())
    }

    /// A lane's numbers, each from its limbs.
    fn numbers(&self, v: &mut VirtualCells<'_, Fr>, b: u32, u: &Updates, lane: usize) -> Vec<E> {
        let number = |(n, slots): &(Number, Vec<Slot>)| {
            let sum = recompose(b, slots.iter().map(|s| adv(v, self.update[lane * u.columns + s.col], s.rot as i32)).collect());
            if n.signed {
                sum - pow2(b * n.limbs as u32 - 1)
            } else {
                sum
            }
        };
        u.numbers.iter().map(number).collect()
    }
}
