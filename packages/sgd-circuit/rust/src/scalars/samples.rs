//! What the samples of a step export: inputs, hidden units, deltas.

use super::{pow2, Acc, Exports, Head, Program, Scalar};
use crate::layout::Layout;
use crate::spec::SgdSpec;
use halo2_axiom::halo2curves::bn256::Fr;
use pot_proof_system::error::PotError;

/// Evaluations of a block of units: pre-activation at sigma, activation at tau and theta, delta at sigma and tau, gradient
/// with respect to the activation at theta.
pub(super) type Unit = [Scalar; 6];

/// Offsets and factors that all samples share.
pub(super) struct Shared {
    x_shift: Option<(Scalar, Scalar)>,
    label_scale: Scalar,
    y_shift: Option<(Scalar, Scalar)>,
    /// Layer-local mode: 2^b, and the gradient's offset at sigma and at tau.
    given: Option<(Scalar, [Scalar; 2])>,
}

impl Shared {
    pub fn new(p: &mut Program, spec: &SgdSpec, head: &Head) -> Result<Self, PotError> {
        let s = &spec.scales;
        let Head { sigma, tau, zero, .. } = *head;
        let x_shift = if spec.x_offset != 0 { Some((p.geometric(tau, spec.inputs())?, p.constant(Fr::from(spec.x_offset as u64))?)) } else { None };
        let label_scale = p.constant(if spec.softmax() { pow2(s.d) } else { pow2(s.d - s.a) })?;
        let mut shift = |c: Fr| -> Result<[Scalar; 2], PotError> {
            let c = p.constant(c)?;
            let (gs, gt) = (p.geometric(sigma, spec.outputs())?, p.geometric(tau, spec.outputs())?);
            Ok([p.mul_add(zero, c, gs)?, p.mul_add(zero, c, gt)?])
        };
        let y_shift = if spec.y_offset != 0 { Some(shift(Fr::from(spec.y_offset as u64))?.into()) } else { None };
        let offset = if spec.local() { Some(shift(pow2(2 * s.b - 1))?) } else { None };
        let given = offset.map(|o| Ok::<_, PotError>((p.constant(pow2(s.b))?, o))).transpose()?;
        Ok(Self { x_shift, label_scale, y_shift, given })
    }
}

/// One step's evaluations, a sample each.
pub(super) struct Samples {
    /// `[layer]`, hidden layers only.
    pub hidden: Vec<Vec<Unit>>,
    /// At tau.
    pub input: Vec<Scalar>,
    /// Pre-activations of the output at sigma; none in layer-local mode.
    pub raw: Vec<Scalar>,
    /// Delta of the output at sigma and tau.
    pub delta: Vec<[Scalar; 2]>,
}

/// Exports of one run of units.
pub(super) fn units(p: &mut Program, e: &Exports<'_>, r: usize) -> Unit {
    std::array::from_fn(|i| p.export(r + i, (e.at)(Acc::Hidden(i), r)))
}

impl Samples {
    /// Of step `t`.
    pub fn new(p: &mut Program, spec: &SgdSpec, lay: &Layout, e: &Exports<'_>, head: &Head, shared: &Shared, t: usize) -> Result<Self, PotError> {
        let (batch, one, zero) = (spec.batch, head.one, head.zero);
        let sample = |b: usize| t * batch + b;
        let hidden = lay.hidden.iter().map(|runs| (0..batch).map(|b| units(p, e, runs[sample(b)].end())).collect()).collect();
        let mut me = Self { hidden, input: vec![], raw: vec![], delta: vec![] };
        for b in 0..batch {
            let r = lay.inputs[sample(b)].end();
            let mut x = p.export(r, (e.at)(Acc::Data(0), r));
            if let Some((geo, off)) = shared.x_shift {
                x = p.mul_sub(x, geo, off)?;
            }
            me.input.push(x);
            if let Some((limb, offset)) = shared.given {
                p.export(r + 1, (e.at)(Acc::Given, r));
                let [low, high] = lay.given[sample(b)].map(|run| {
                    let r = run.end();
                    let tau = p.export(r, (e.at)(Acc::Data(0), r));
                    [p.export(r + 1, (e.at)(Acc::Given, r)), tau]
                });
                let mut delta = [zero; 2];
                for i in 0..2 {
                    // delta = low + 2^b high - 2^(2b-1)
                    let sum = p.mul_add(low[i], limb, high[i])?;
                    delta[i] = p.mul_sub(sum, offset[i], one)?;
                }
                me.delta.push(delta);
                continue;
            }
            let r = lay.labels[sample(b)].end();
            let mut y: [Scalar; 2] = std::array::from_fn(|i| p.export(r + i, (e.at)(Acc::Data(i), r)));
            let r = lay.outputs[sample(b)].end();
            let o: [Scalar; 3] = std::array::from_fn(|i| p.export(r + i, (e.at)(Acc::Output(i), r)));
            let mut delta = [o[1], o[2]];
            for i in 0..2 {
                if spec.softmax() {
                    // delta = q - 2^d y
                    delta[i] = p.mul_sub(o[i + 1], y[i], shared.label_scale)?;
                } else {
                    // delta = 2^(d-a) (z - y)
                    if let Some((a, b)) = shared.y_shift {
                        y[i] = p.mul_sub(y[i], [a, b][i], one)?;
                    }
                    let diff = p.mul_sub(o[i + 1], y[i], one)?;
                    delta[i] = p.mul_add(zero, diff, shared.label_scale)?;
                }
            }
            me.raw.push(o[0]);
            me.delta.push(delta);
        }
        Ok(me)
    }

    /// Input of layer `l` at tau.
    pub fn xs(&self, l: usize) -> Vec<Scalar> {
        if l == 0 {
            self.input.clone()
        } else {
            self.hidden[l - 1].iter().map(|h| h[1]).collect()
        }
    }
    /// Pre-activations of layer `l` at sigma.
    pub fn raws(&self, l: usize) -> Vec<Scalar> {
        self.hidden.get(l).map_or_else(|| self.raw.clone(), |units| units.iter().map(|h| h[0]).collect())
    }
    /// Deltas of layer `l` at sigma (`i` 0) or tau (1).
    pub fn deltas(&self, l: usize, i: usize) -> Vec<Scalar> {
        self.hidden.get(l).map_or_else(|| self.delta.iter().map(|d| d[i]).collect(), |units| units.iter().map(|h| h[3 + i]).collect())
    }
    /// Gradients with respect to the input of layer `l` > 0, at theta.
    pub fn gradients(&self, l: usize) -> Vec<Scalar> {
        self.hidden[l - 1].iter().map(|h| h[5]).collect()
    }
}
