//! The recursive circuit: a previous aggregate of its own, if there is one, and windows that continue it.

use super::follow::{follow, Named};
use super::hash::{column_group, hash_chain};
use super::ivc::Window;
use super::loader::{loader, Loader};
use super::logic::{assert_equal_if, assert_zero_unless, flag};
use super::path::{Path, MAX_DEPTH};
use super::state::{schedule_start, State};
use super::statement::{ACCUMULATOR, INSTANCES, OWN_KEY};
use super::terms::{evaluate, Terms};
use super::transcript::CircuitTranscript;
use super::tree::Tree;
use super::verifier::KeyValues;
use crate::layouts::{Layouts, HEAD, TAIL};
use crate::plonk::{failed, succinct, Verifier};
use crate::window::{Snark, WindowKey};
use halo2_axiom::halo2curves::bn256::{Fr, G1Affine};
use pot_chip::{Builder, Cell, Point};
use pot_proof_system::error::PotError;
use pot_sgd::statement::{BASE_DOMAIN, DATA_DOMAIN, WEIGHTS_DOMAIN};
use snark_verifier::verifier::plonk::PlonkProtocol;
use snark_verifier::verifier::SnarkVerifier;

/// Domain tag of the accumulation's challenge.
const ACCUMULATION_DOMAIN: u64 = 0x706f7446;

/// A window's proof and its shard's place in the dataset's tree.
#[derive(Clone, Debug)]
pub struct Slot {
    pub snark: Snark,
    pub path: Path,
}

/// Everything that one aggregation takes in.
#[derive(Clone, Debug)]
pub struct Input {
    /// The key of the previous aggregate, its proof and public inputs: placeholders where there is none.
    pub key: KeyValues,
    pub previous: Snark,
    pub has_previous: bool,
    /// The two points of the previous aggregate's accumulator.
    pub accumulator: [G1Affine; 2],
    /// As many as the circuit has places for. From `active` on they do not count, but must be valid: copies of the first.
    pub slots: Vec<Slot>,
    pub active: usize,
    pub dataset_root: Fr,
    pub depth: usize,
    /// What the statement has of rate and base where windows have their own: the circuit carries it on, and looks at it no further.
    pub eta: Fr,
    pub base: Fr,
    /// Digest of this circuit's own key.
    pub own_key: Fr,
}

/// The witnesses that an honest prover sets to 0 or 1: a prover may write anything there, and the circuit has to insist.
#[derive(Clone, Debug)]
pub struct Choices {
    /// Whether there is a previous aggregate.
    pub previous: Fr,
    /// Whether a window counts: of every place but the first, which always does.
    pub active: Vec<Fr>,
    /// Levels of the dataset's tree, `MAX_DEPTH` of them.
    pub levels: Vec<Fr>,
    /// Of every place, the sides of its shard's path, `MAX_DEPTH` of them.
    pub sides: Vec<Vec<Fr>>,
}

impl Choices {
    /// The honest ones.
    pub fn of(input: &Input) -> Self {
        let bit = |v: bool| Fr::from(u64::from(v));
        Self {
            previous: bit(input.has_previous),
            active: (1..input.slots.len()).map(|i| bit(i < input.active)).collect(),
            levels: (0..MAX_DEPTH).map(|l| bit(l < input.depth)).collect(),
            sides: input.slots.iter().map(|s| (0..MAX_DEPTH).map(|l| bit(s.path.index >> l & 1 == 1)).collect()).collect(),
        }
    }
}

/// What is left to check of one proof.
pub(crate) struct Open {
    /// The two sides of the pairing that is left open.
    pub(crate) sides: [Terms; 2],
    /// A challenge drawn after everything else: it binds the proof whole.
    pub(crate) seal: Cell,
}

/// What the rules need of a proof: its public inputs and its first points, as its transcript absorbed them.
#[derive(Clone, Debug)]
pub struct Seen {
    pub instance: Vec<Cell>,
    pub points: Vec<Point>,
}

/// What the rules leave.
pub struct Chained {
    /// 1 where there is a previous aggregate.
    pub recursive: Cell,
    /// 1 for windows that count.
    pub active: Vec<Cell>,
    pub own_key: Cell,
    pub state: State<Cell>,
}

/// Records the circuit for `input`; gives its public inputs.
pub fn build(window: &WindowKey, own: &PlonkProtocol<G1Affine>, input: &Input) -> Result<(Builder, Vec<Fr>), PotError> {
    let chip = loader(Builder::default());
    let (own_protocol, key_digest) = input.key.load(&chip, own);
    let (open_previous, previous) = verify(&chip, &own_protocol, &input.previous, 0)?;
    let fixed = window.protocol.loaded(&chip);
    let (mut open, mut seen) = (vec![], vec![]);
    for slot in &input.slots {
        let (o, s) = verify(&chip, &fixed, &slot.snark, window.layouts.points())?;
        open.push(o);
        seen.push(s);
    }
    drop((own_protocol, fixed));
    let mut b = chip.take_ctx();
    let b = &mut b;
    let chained = constrain(b, &window.layouts, input, &Choices::of(input), key_digest, &previous, &seen);
    let [lhs, rhs] = accumulate(b, input, &chained, &previous, &open_previous, &open);
    let mut public = b.halves(&lhs).to_vec();
    public.extend(b.halves(&rhs));
    debug_assert_eq!(public.len(), ACCUMULATOR);
    public.push(chained.own_key);
    public.extend(chained.state.array());
    assert_eq!(public.len(), INSTANCES, "the layout of the public inputs");
    b.expose(&public);
    let instance = public.iter().map(|c| c.value).collect();
    Ok((std::mem::take(b), instance))
}

/// All rules: what must hold of the proofs' public inputs and points, whatever is left to check of the proofs.
pub fn constrain(
    b: &mut Builder,
    layouts: &Layouts,
    input: &Input,
    choices: &Choices,
    key_digest: Cell,
    previous: &Seen,
    windows: &[Seen],
) -> Chained {
    let recursive = flag(b, choices.previous);
    let one = b.constant(Fr::one());
    let mut active = vec![one];
    for (i, value) in choices.active.iter().enumerate() {
        let now = flag(b, *value);
        // None after one that does not count.
        assert_zero_unless(b, active[i], now);
        active.push(now);
    }
    // The previous aggregate was made with the key that this one exposes as its own.
    let own_key = b.witness(input.own_key);
    assert_equal_if(b, recursive, own_key, key_digest);
    assert_equal_if(b, recursive, own_key, previous.instance[OWN_KEY]);
    let tree = (!layouts.form.renewed).then(|| Tree::new(b, input.dataset_root, &choices.levels));
    let places = input.slots.iter().zip(&choices.sides).map(|(slot, sides)| (&slot.path.siblings[..], &sides[..]));
    let chain: Vec<Window> = windows.iter().zip(places).map(|(seen, place)| statement(b, layouts, tree.as_ref(), seen, place)).collect();
    let before = State::from_array(previous.instance[OWN_KEY + 1..].try_into().expect("the state"));
    let start = schedule_start(layouts.rates.len(), layouts.form);
    let named =
        Named { tree: tree.as_ref(), eta: input.eta, base: input.base, dataset_root: input.dataset_root, depth: Fr::from(input.depth as u64) };
    let state = follow(b, &before, recursive, &active, &named, start, &chain);
    Chained { recursive, active, own_key, state }
}

/// Verifies one proof but for its pairing.
pub(crate) fn verify(chip: &Loader, protocol: &PlonkProtocol<G1Affine, Loader>, snark: &Snark, points: usize) -> Result<(Open, Seen), PotError> {
    let instance: Vec<_> = snark.instance.iter().map(|v| chip.assign_scalar(*v)).collect();
    let instances = [instance.clone()];
    let mut transcript = CircuitTranscript::new(chip, &snark.proof);
    let proof = Verifier::read_proof(&succinct(), protocol, &instances, &mut transcript).map_err(failed)?;
    let seal = transcript.squeeze();
    let [left] = Verifier::verify(&succinct(), protocol, &instances, &proof)
        .map_err(failed)?
        .try_into()
        .expect("accumulators in public inputs are the rules' business");
    let open = Open { sides: [left.lhs.into_assigned().terms(), left.rhs.into_assigned().terms()], seal };
    let instance = instance.into_iter().map(|s| s.into_assigned()).collect();
    let points = proof.witnesses[..points].iter().map(|p| p.assigned().point().clone()).collect();
    Ok((open, Seen { instance, points }))
}

/// A window's public inputs, tied to the proof's own commitments and to the dataset's tree.
fn statement(b: &mut Builder, l: &Layouts, tree: Option<&Tree>, seen: &Seen, (siblings, sides): (&[Fr], &[Fr])) -> Window {
    let (front, behind) = seen.instance.split_at(l.epoch());
    let [eta, run_id, first_step, steps] = front[..HEAD].try_into().expect("four public inputs before the rates");
    let [epoch, weights_in, weights_out, data] = behind[..TAIL].try_into().expect("four behind them");
    b.assert_constant(steps, Fr::from(l.steps));
    let rates: Vec<Cell> = l.rates.iter().map(|place| front[*place]).collect();
    for place in (HEAD..front.len()).filter(|place| !l.rates.contains(place)) {
        b.assert_constant(front[place], Fr::zero());
    }
    let (w0, rest) = seen.points.split_at(l.weight_columns);
    let (wk, rest) = rest.split_at(l.weight_columns);
    let (base_points, shard) = rest.split_at(l.base_columns);
    let digest = |b: &mut Builder, domain, layout: &[u64], points: &[Point], claimed: Cell| {
        let computed = column_group(b, domain, layout, points);
        b.assert_equal(computed, claimed);
    };
    digest(b, WEIGHTS_DOMAIN, &l.weights, w0, weights_in);
    digest(b, WEIGHTS_DOMAIN, &l.weights, wk, weights_out);
    digest(b, DATA_DOMAIN, &l.data, shard, data);
    let base = match behind.get(TAIL) {
        Some(base) => {
            digest(b, BASE_DOMAIN, &l.base, base_points, *base);
            *base
        }
        None => b.constant(Fr::zero()),
    };
    let mut schedule = vec![epoch];
    match tree {
        Some(tree) => schedule.push(tree.assert_leaf(b, data, sides, siblings)),
        None => {
            schedule.push(data);
            schedule.extend(behind.get(TAIL));
        }
    }
    schedule.extend(l.form.rates.then_some(eta));
    schedule.extend(&rates);
    Window {
        run_id,
        eta: (!l.form.rates).then_some(eta),
        first_step,
        steps: l.steps,
        weights_in,
        weights_out,
        base: (!l.form.renewed || l.base.is_empty()).then_some(base),
        schedule,
        w0: w0.to_vec(),
        wk: wk.to_vec(),
    }
}

/// The two points of an aggregate's accumulator, whose halves its public inputs begin with.
pub(crate) fn accumulator_points(b: &mut Builder, instance: &[Cell], values: [G1Affine; 2]) -> Vec<Point> {
    let halves = instance[..ACCUMULATOR].chunks_exact(4);
    halves.zip(values).map(|(cells, value)| b.point_of_halves(cells.try_into().expect("four halves"), value)).collect()
}

/// What is left to check of all proofs, in one: the challenge binds every proof whole.
fn accumulate(b: &mut Builder, input: &Input, chained: &Chained, seen: &Seen, previous: &Open, windows: &[Open]) -> [Point; 2] {
    let seals: Vec<Cell> = windows.iter().chain([previous]).map(|r| r.seal).collect();
    let r = hash_chain(b, ACCUMULATION_DOMAIN, &seals);
    let old = accumulator_points(b, &seen.instance, input.accumulator);
    // The first window with 1, the others with powers of r, then the previous proof and its accumulator.
    let mut powers = vec![r];
    for _ in 0..windows.len() {
        let next = b.mul(powers[powers.len() - 1], r);
        powers.push(next);
    }
    let mut weights: Vec<Option<Cell>> = vec![None];
    for (i, flag) in chained.active.iter().enumerate().skip(1) {
        weights.push(Some(b.mul(*flag, powers[i - 1])));
    }
    let n = windows.len();
    let (proof_weight, old_weight) = (b.mul(chained.recursive, powers[n - 1]), b.mul(chained.recursive, powers[n]));
    [0, 1].map(|side| {
        let mut sum = Terms::default();
        for (open, weight) in windows.iter().zip(&weights) {
            let terms = open.sides[side].clone();
            sum.add(match weight {
                None => terms,
                Some(w) => terms.scaled(b, *w),
            });
        }
        sum.add(previous.sides[side].clone().scaled(b, proof_weight));
        sum.variable.push((Some(old_weight), old[side].clone()));
        evaluate(b, sum)
    })
}
