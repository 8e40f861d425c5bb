//! Where every tensor of the circuit lies: a pure function of the specification.
//!
//! Tensors are stored in *strips* (weights, data, trace, vectors), each with columns of its own, side by side on the
//! same rows. Whatever must become a scalar is exported to one column, `S`, on the row where its accumulator ends;
//! a strip's block is moved down by a row or more where two exports would meet.
//! Indices run downwards (last unit first), so that Horner's rule gives index i the exponent i.

pub use crate::limits::RESERVED_ROWS;
use crate::limits::{BASE_RESERVED_OF, MAX_COLUMNS, MAX_HIDDEN_HEIGHT, MAX_K, MAX_LANES, MAX_UPDATE_HEIGHT, MIN_K};
use crate::optimizer::{Number, Optimizer};
use crate::spec::{Activation, Part, SgdSpec, Shape};
use pot_proof_system::error::PotError;

/// Rows at the end of a frozen base's columns that hold only secret random values.
pub fn base_reserved(k: u32) -> usize {
    RESERVED_ROWS.max((1 << k) / BASE_RESERVED_OF)
}
/// Distinct numbers of circuit rows a matrix row that one strip may have: its accumulator is read at each, and halo2 blinds a row
/// of every column a reading, of those that are reserved.
const MAX_STRIDES: usize = 48;
/// Rows of a label: its accumulator at sigma, at tau, and the count of ones.
pub const LABEL_HEIGHT: usize = 3;
/// Accumulators of a hidden layer's block, in the order of their slots.
pub const HIDDEN_ACCS: usize = 6;
/// Accumulators of an output unit.
pub const OUTPUT_ACCS: usize = 3;
/// The first cells of S: eta and the challenges sigma, theta, rho, tau, omega; with adapters also gamma.
pub const S_HEAD: usize = 6;

/// Public inputs before the rates of the steps: eta, run, first step, steps, epoch, three digests, and the base's.
pub const INSTANCE: usize = 9;

/// Cells at the head of S.
pub fn s_head(spec: &SgdSpec) -> usize {
    S_HEAD + usize::from(spec.lora.is_some())
}

/// A matrix in a weight strip.
#[derive(Clone, Debug)]
pub struct Matrix {
    pub layer: usize,
    pub part: Part,
    /// Evaluated at (tau, theta) too: it takes part in a backward product.
    pub backward: bool,
    pub rows: usize,
    pub cols: usize,
    /// Chunks of one matrix row, and circuit rows of a chunk.
    pub chunks: usize,
    pub height: usize,
    pub row0: usize,
    /// Index of its first entry among the flat weights.
    pub offset: usize,
}

impl Matrix {
    /// Circuit row that holds columns `chunk*c ..` of matrix row `i`.
    pub fn row(&self, i: usize, chunk: usize) -> usize {
        self.row0 + ((self.rows - 1 - i) * self.chunks + (self.chunks - 1 - chunk)) * self.height
    }
    /// Row on which the accumulator ends.
    pub fn end(&self) -> usize {
        self.row(0, 0)
    }
}

/// Rows of a block that hold, in a lane's plain column: the weight, its gradient, the rate (in lane 0 alone), the state.
pub const WEIGHT_ROW: usize = 0;
pub const GRADIENT_ROW: usize = 1;
pub const RATE_ROW: usize = 2;
pub const STATE_ROW: usize = 3;

/// What an optimiser leaves for each trained weight in each step: blocks of rows, `lanes` neighbours of a matrix row side by
/// side, in the order of the matrix.
#[derive(Clone, Debug)]
pub struct Updates {
    pub lanes: usize,
    /// Rows of a block, and from a step's block of a weight to the next step's.
    pub height: usize,
    pub stride: usize,
    /// Columns of looked-up cells of a lane, and each number's limbs there.
    pub columns: usize,
    pub numbers: Vec<(Number, Vec<Slot>)>,
    /// First of the rows of S with the steps' public rates, where they differ.
    pub rates: Option<usize>,
}

/// A run of `len` blocks of `height` rows; block `i` is the `len-1-i`-th.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    pub row0: usize,
    pub len: usize,
    pub height: usize,
}

impl Run {
    pub fn row(&self, i: usize) -> usize {
        self.row0 + (self.len - 1 - i) * self.height
    }
    /// Base row of block 0, where the accumulators end.
    pub fn end(&self) -> usize {
        self.row(0)
    }
}

/// Position of a cell inside a block: column of the strip and row offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub col: usize,
    pub rot: usize,
}

/// Cells of one output unit.
#[derive(Clone, Debug)]
pub struct OutputSlots {
    pub height: usize,
    pub r: Vec<Slot>,
    pub z: [Slot; 2],
    /// Softmax only: hi, EHI, lo, ELO at fixed places (the pair look-up's columns 0 and 1).
    pub hi: Slot,
    pub e_hi: Slot,
    pub lo: Slot,
    pub e_lo: Slot,
    pub q: [Slot; 2],
    pub rem: Vec<Slot>,
    pub crem: Vec<Slot>,
    pub mu: Slot,
}

/// Everything's place.
#[derive(Clone, Debug)]
pub struct Layout {
    pub shape: Shape,
    pub limbs: usize,
    /// Columns of one lane and of the whole trace strip.
    pub lane_columns: usize,
    pub trace_columns: usize,
    pub hidden_acc_columns: usize,
    pub out: OutputSlots,
    /// The weights that are trained, and the frozen ones in columns of their own.
    pub matrices: Vec<Matrix>,
    pub base: Vec<Matrix>,
    pub updates: Option<Updates>,
    /// `[step * batch + sample]`
    pub inputs: Vec<Run>,
    pub labels: Vec<Run>,
    /// Layer-local mode, in place of labels: the low and the high limbs of the upstream gradient.
    pub given: Vec<[Run; 2]>,
    /// `[layer][step * batch + sample]`, hidden layers only.
    pub hidden: Vec<Vec<Run>>,
    /// `[layer][step * batch + sample]`: the units between A and B', none for layers without an adapter.
    pub adapters: Vec<Vec<Run>>,
    pub outputs: Vec<Run>,
    /// `[layer][step]`: u and v of the forward product; where there is one, d and s of the backward one.
    pub forward: Vec<Vec<Run>>,
    pub backward: Vec<Vec<Run>>,
    /// The same between A and B': forward with B', backward with A.
    pub adapter_forward: Vec<Vec<Run>>,
    pub adapter_backward: Vec<Vec<Run>>,
    /// Rows of S that exports take.
    pub s_used: Vec<bool>,
    /// Last row of the look-up argument (first is 1).
    pub look_end: usize,
    /// First reserved row, and that of the base's columns.
    pub limit: usize,
    pub base_limit: usize,
}

struct Placer {
    used: Vec<bool>,
    limit: usize,
}

impl Placer {
    /// Smallest row >= `from` where the exports of a block that ends at `row + end` find `n` free cells of S.
    fn place(&mut self, from: usize, end: usize, height: usize, n: usize) -> Result<usize, PotError> {
        let mut r = from;
        loop {
            if r + end + n.max(height.saturating_sub(end)) > self.limit {
                return Err(PotError::new("CIRCUIT_TOO_LARGE", format!("the tensors need more than the {} usable rows of this shape", self.limit)));
            }
            let a = r + end;
            if self.used[a..a + n].iter().all(|u| !u) {
                self.used[a..a + n].fill(true);
                return Ok(r);
            }
            r += 1;
        }
    }
}

pub(crate) fn ceil_div(a: usize, b: usize) -> usize {
    a.div_ceil(b)
}

/// Slots of the hidden block: remainder limbs, two limbs of the magnitude, mask, two limbs of the gradient, its remainder.
pub fn hidden_slots(limbs: usize) -> usize {
    2 * limbs + 5
}

/// Limbs of the softmax division's remainder, below `2 S <= 2^(2p+1) m`.
pub fn softmax_limbs(spec: &SgdSpec) -> usize {
    let bits = 2 * spec.scales.p as usize + 1 + spec.outputs().next_power_of_two().trailing_zeros() as usize;
    ceil_div(bits, spec.scales.b as usize)
}

fn output_slots(spec: &SgdSpec, columns: usize) -> OutputSlots {
    let softmax = spec.softmax();
    let limbs = spec.scales.remainder_limbs();
    let ns = if softmax { softmax_limbs(spec) } else { 0 };
    let reserved = |s: Slot| softmax && s.col < 2 && s.rot < 2;
    let mut at = (0..).flat_map(|rot| (0..columns).map(move |col| Slot { col, rot })).filter(|s| !reserved(*s));
    let mut take = || at.next().expect("endless");
    let r = (0..limbs).map(|_| take()).collect();
    let z = [take(), take()];
    let none = Slot { col: 0, rot: 0 };
    let (mut q, mut rem, mut crem, mut mu) = ([none; 2], vec![], vec![], none);
    let mut last = z[1].rot;
    if softmax {
        q = [take(), take()];
        rem = (0..ns).map(|_| take()).collect();
        crem = (0..ns).map(|_| take()).collect();
        mu = take();
        last = mu.rot.max(1);
    }
    // Three accumulators, and for softmax the four auxiliary cells, one a row.
    let height = (last + 1).max(OUTPUT_ACCS).max(if softmax { 4 } else { 0 });
    let s = |col, rot| Slot { col, rot };
    OutputSlots { height, r, z, hi: s(0, 0), e_hi: s(1, 0), lo: s(0, 1), e_lo: s(1, 1), q, rem, crem, mu }
}

/// Layer, part, rows, columns, first index among the flat weights, whether a backward product needs it.
type Entry = (usize, Part, usize, usize, usize, bool);

/// Kernels and biases of all layers.
fn dense(spec: &SgdSpec) -> Vec<Entry> {
    let mut offset = 0;
    let mut v = vec![];
    for (l, layer) in spec.layers.iter().enumerate() {
        v.push((l, Part::Kernel, layer.outputs, layer.inputs, offset, l > spec.lowest()));
        offset += layer.outputs * layer.inputs;
        if layer.bias {
            v.push((l, Part::Bias, layer.outputs, 1, offset, false));
            offset += layer.outputs;
        }
    }
    v
}

/// A and B' of each layer that has an adapter.
fn adapters(spec: &SgdSpec) -> Vec<Entry> {
    let mut offset = 0;
    let mut v = vec![];
    for (l, layer) in spec.layers.iter().enumerate() {
        let Some(a) = spec.adapter(l) else { continue };
        v.push((l, Part::A, a.rank, layer.inputs, offset, l > spec.lowest()));
        offset += a.rank * layer.inputs;
        v.push((l, Part::B, layer.outputs, a.rank, offset, true));
        offset += layer.outputs * a.rank;
    }
    v
}

/// Matrices one below the other, at least 8 rows each, and moved down where their exports would meet others'.
fn strip(p: &mut Placer, entries: Vec<Entry>, c: usize) -> Result<(Vec<Matrix>, usize), PotError> {
    let mut row = 1;
    let mut matrices = vec![];
    for (layer, part, rows, cols, offset, backward) in entries {
        let chunks = ceil_div(cols, c);
        let used = rows * chunks;
        // Exports of consecutive matrices cannot meet once each has 8 rows.
        let row0 = p.place(row + used.max(8) - used, used - 1, used, if backward { 2 } else { 1 })?;
        row = row0 + used;
        matrices.push(Matrix { layer, part, backward, rows, cols, chunks, height: 1, row0, offset });
    }
    Ok((matrices, row))
}

/// Rows by which a step's blocks may be moved down for the exports of the base.
const SLACK: usize = 64;

/// Rows of all blocks of one step; None where a window of such steps surely has too many. In 64 bits: on wasm32 the products of
/// a stranger's specification do not fit usize.
pub fn update_rows(spec: &SgdSpec, lanes: usize, height: usize) -> Option<usize> {
    let rows: u64 = adapters(spec).iter().map(|(_, _, rows, cols, ..)| (rows * ceil_div(*cols, lanes)) as u64 * height as u64).sum();
    let stride = rows + SLACK as u64;
    (stride * spec.steps as u64 <= 1 << MAX_K).then_some(stride as usize)
}

/// Matrices in blocks of `height` rows and `lanes` weights, repeated every `stride` rows, a step each; the same for any number of steps.
fn stepped(p: &mut Placer, entries: Vec<Entry>, &Updates { lanes, height, stride, .. }: &Updates, steps: usize) -> Result<Vec<Matrix>, PotError> {
    let too_large = || PotError::new("CIRCUIT_TOO_LARGE", format!("the optimiser's steps need more than the {} usable rows of this shape", p.limit));
    if steps * stride + 1 > p.limit {
        return Err(too_large());
    }
    let mut row = 1;
    let mut matrices = vec![];
    for (layer, part, rows, cols, offset, backward) in entries {
        let mut m = Matrix { layer, part, backward, rows, cols, chunks: ceil_div(cols, lanes), height, row0: row, offset };
        // Cells of S: the rate beside the first block, the exports beside the last; in every step that there could be.
        let exports = |m: &Matrix| [m.row0 + RATE_ROW, m.end(), m.end() + 1];
        let last = |m: &Matrix| m.row0 + rows * m.chunks * height;
        while (0..).map(|t| t * stride).take_while(|s| last(&m) + s <= p.limit).any(|s| exports(&m).iter().any(|r| p.used[r + s])) {
            m.row0 += 1;
        }
        if last(&m) > stride + 1 {
            return Err(too_large());
        }
        row = last(&m);
        matrices.push(m);
    }
    for (m, t) in matrices.iter().flat_map(|m| (0..steps).map(move |t| (m, t))) {
        for r in [m.row0 + RATE_ROW, m.end()].into_iter().chain(m.backward.then(|| m.end() + 1)) {
            p.used[r + t * stride] = true;
        }
    }
    Ok(matrices)
}

/// A number's limbs, one below the other in column after column.
fn update_slots(numbers: Vec<Number>, height: usize) -> Vec<(Number, Vec<Slot>)> {
    let mut at = 0;
    let mut slots = |n: usize| -> Vec<Slot> {
        let v = (at..at + n).map(|i| Slot { col: i / height, rot: i % height }).collect();
        at += n;
        v
    };
    numbers.into_iter().map(|n| (n, slots(n.limbs))).collect()
}

impl Layout {
    /// Errors: `SPEC_INVALID` for an impossible shape, `CIRCUIT_TOO_LARGE` where the rows do not suffice.
    pub fn new(spec: &SgdSpec) -> Result<Self, PotError> {
        let shape = spec.shape()?;
        let bad = |m: &str| Err(PotError::new("SPEC_INVALID", m.to_string()));
        if !(MIN_K..=MAX_K).contains(&shape.k) {
            return bad(&format!("shape: k must be {MIN_K} to {MAX_K}"));
        }
        let (c, cx) = (shape.weight_columns, shape.data_columns);
        let within = |value: usize, most: usize| (1..=most).contains(&value);
        if !(within(c, MAX_COLUMNS) && within(cx, MAX_COLUMNS) && within(shape.lanes, MAX_LANES) && within(shape.hidden_height, MAX_HIDDEN_HEIGHT)) {
            return bad(&format!(
                "shape: 1 to {MAX_COLUMNS} weight and data columns, 1 to {MAX_LANES} lanes, hidden height 1 to {MAX_HIDDEN_HEIGHT}"
            ));
        }
        let n = 1usize << shape.k;
        let limit = n - RESERVED_ROWS;
        if (1usize << spec.scales.b) + 1 > limit {
            return Err(PotError::new("CIRCUIT_TOO_LARGE", format!("a table of 2^{} entries does not fit 2^{} rows", spec.scales.b, shape.k)));
        }
        let limbs = spec.scales.remainder_limbs();
        let h = shape.hidden_height;
        let has_hidden = spec.layers.len() > 1 || spec.lora.is_some();
        let lane_columns = ceil_div(hidden_slots(limbs), h);
        let trace_columns = (lane_columns * shape.lanes).max(2);
        let hidden_acc_columns = if has_hidden { ceil_div(HIDDEN_ACCS, h) } else { 1 };
        let out = output_slots(spec, trace_columns);
        let mut p = Placer { used: vec![false; n], limit };
        p.used[..s_head(spec)].fill(true);

        // Weights first and without regard to exports of the other strips: one layout for all circuits of a run; and the
        // base before them: one for all runs on it.
        let has_base = spec.base_bits().is_some();
        if has_base != (shape.base_columns > 0) || shape.base_columns > MAX_COLUMNS {
            return bad(&format!("shape: 1 to {MAX_COLUMNS} base columns with a frozen base, none without"));
        }
        let base_limit = n - base_reserved(shape.k);
        p.limit = base_limit;
        let (base, base_end) = if has_base { strip(&mut p, dense(spec), shape.base_columns)? } else { (vec![], 1) };
        p.limit = limit;
        let trained = if spec.lora.is_some() { adapters(spec) } else { dense(spec) };
        let optimizer = spec.optimizer();
        let states = optimizer.map_or(0, |o| o.states());
        let height = shape.update_height;
        let fits = match optimizer {
            Some(_) => c % (1 + states) == 0 && (STATE_ROW + states..=MAX_UPDATE_HEIGHT).contains(&height),
            None => height == 0,
        };
        if !fits {
            return bad(
                "shape: an optimiser takes a multiple of 1 + states weight columns and updateHeight 3 + states to 32, else updateHeight is not there",
            );
        }
        let update = |o: Optimizer| {
            let numbers = o.numbers(spec.scales.b);
            let columns = ceil_div(numbers.iter().map(|n| n.limbs).sum(), height);
            let lanes = c / (1 + states);
            let too_large = || PotError::new("CIRCUIT_TOO_LARGE", format!("the optimiser's steps need more than 2^{MAX_K} rows"));
            let stride = update_rows(spec, lanes, height).ok_or_else(too_large)?;
            Ok::<_, PotError>(Updates { lanes, height, stride, columns, numbers: update_slots(numbers, height), rates: None })
        };
        let mut updates = optimizer.map(update).transpose()?;
        let (matrices, end) = match &updates {
            Some(u) => (stepped(&mut p, trained, u, spec.steps)?, spec.steps * u.stride + 1),
            None => strip(&mut p, trained, c)?,
        };
        if let Some(u) = updates.as_mut().filter(|_| spec.scheduled()) {
            let from = s_head(spec).max(INSTANCE);
            let free = |r: &usize| p.used[*r..*r + spec.steps].iter().all(|u| !u);
            let rates = (from..limit - spec.steps).find(free);
            let Some(rates) = rates else {
                return Err(PotError::new("CIRCUIT_TOO_LARGE", "no rows are left for the steps' rates".to_string()));
            };
            p.used[rates..rates + spec.steps].fill(true);
            u.rates = Some(rates);
        }
        for strip in [&matrices, &base] {
            let mut distinct = [strides(strip, 0), strides(strip, 1)].concat();
            distinct.sort_unstable();
            distinct.dedup();
            if distinct.len() > MAX_STRIDES {
                let what = format!("weight matrices have {} different numbers of rows a unit: at most {MAX_STRIDES}", distinct.len());
                return Err(PotError::new("CIRCUIT_TOO_LARGE", what));
            }
        }
        let mut last = end.max(base_end);

        let samples = spec.steps * spec.batch;
        let rx = ceil_div(spec.inputs(), cx);
        let (mut inputs, mut labels, mut given) = (vec![], vec![], vec![]);
        let mut row = 1;
        for _ in 0..samples {
            let mut cells = |len: usize, exports: usize| -> Result<Run, PotError> {
                let row0 = p.place(row, len - 1, len, exports)?;
                row = row0 + len;
                Ok(Run { row0, len, height: 1 })
            };
            if spec.local() {
                inputs.push(cells(rx, 2)?);
                let rd = ceil_div(spec.outputs(), cx);
                given.push([cells(rd, 2)?, cells(rd, 2)?]);
                continue;
            }
            inputs.push(cells(rx, 1)?);
            let (len, height) = (spec.outputs(), LABEL_HEIGHT);
            let r = p.place(row, (len - 1) * height, len * height, 2)?;
            labels.push(Run { row0: r, len, height });
            row = r + len * height;
        }
        last = last.max(row);

        row = 1;
        let layers = spec.layers.len();
        let mut hidden = vec![vec![]; layers - 1];
        let mut between = vec![vec![]; layers];
        let mut outputs = vec![];
        for _ in 0..samples {
            for l in 0..layers {
                let mut units = |m: usize| -> Result<Run, PotError> {
                    let len = ceil_div(m, shape.lanes);
                    let row0 = p.place(row, (len - 1) * h, len * h, HIDDEN_ACCS)?;
                    row = row0 + len * h;
                    Ok(Run { row0, len, height: h })
                };
                if let Some(a) = spec.adapter(l) {
                    between[l].push(units(a.rank)?);
                }
                if l + 1 < layers {
                    hidden[l].push(units(spec.layers[l].outputs)?);
                }
            }
            if spec.local() {
                continue;
            }
            let len = spec.outputs();
            let r = p.place(row, (len - 1) * out.height, len * out.height, OUTPUT_ACCS)?;
            outputs.push(Run { row0: r, len, height: out.height });
            row = r + len * out.height;
        }
        last = last.max(row);

        row = 1;
        let [mut forward, mut backward, mut adapter_forward, mut adapter_backward] = [(); 4].map(|_| vec![vec![]; layers]);
        for _ in 0..spec.steps {
            for l in 0..layers {
                let mut vector = |len: usize| -> Result<Run, PotError> {
                    let r = p.place(row, len - 1, len, 2)?;
                    row = r + len;
                    Ok(Run { row0: r, len, height: 1 })
                };
                forward[l].push(vector(spec.layers[l].inputs)?);
                if spec.backward(l) {
                    backward[l].push(vector(spec.layers[l].outputs)?);
                }
                let Some(a) = spec.adapter(l) else { continue };
                adapter_forward[l].push(vector(a.rank)?);
                if l > spec.lowest() {
                    adapter_backward[l].push(vector(a.rank)?);
                }
            }
        }
        last = last.max(row);
        let pairs = if spec.softmax() { (1usize << spec.scales.b) + (1 << spec.scales.exp_low_bits()) } else { 0 };
        let look_end = last.max((1 << spec.scales.b) + 1).max(pairs + 1);
        if look_end >= limit {
            return Err(PotError::new("CIRCUIT_TOO_LARGE", format!("the tensors need more than the {limit} usable rows of this shape")));
        }
        Ok(Self {
            shape,
            limbs,
            lane_columns,
            trace_columns,
            hidden_acc_columns,
            out,
            matrices,
            base,
            updates,
            inputs,
            labels,
            given,
            hidden,
            adapters: between,
            outputs,
            forward,
            backward,
            adapter_forward,
            adapter_backward,
            s_used: p.used,
            look_end,
            limit,
            base_limit,
        })
    }

    /// Cell `q` of lane `lane` in a hidden block.
    pub fn hidden_slot(&self, lane: usize, q: usize) -> Slot {
        Slot { col: lane * self.lane_columns + q / self.shape.hidden_height, rot: q % self.shape.hidden_height }
    }
    /// Accumulator `i` of a hidden block.
    pub fn hidden_acc(&self, i: usize) -> Slot {
        Slot { col: i / self.shape.hidden_height, rot: i % self.shape.hidden_height }
    }
    /// By how many rows each step's copy of the trained matrices is moved down: one copy in all without an optimiser.
    pub fn copies(&self, spec: &SgdSpec) -> impl Iterator<Item = usize> {
        let (stride, n) = self.updates.as_ref().map_or((0, 1), |u| (u.stride, spec.steps));
        (0..n).map(move |t| t * stride)
    }
    /// The trained matrix that is `part` of layer `l`.
    pub fn matrix(&self, l: usize, part: Part) -> Option<&Matrix> {
        self.matrices.iter().find(|m| m.layer == l && m.part == part)
    }
    /// The frozen matrix that is `part` of layer `l`.
    pub fn frozen(&self, l: usize, part: Part) -> Option<&Matrix> {
        self.base.iter().find(|m| m.layer == l && m.part == part)
    }
    /// Runs of hidden units and of the units between A and B', with the activation of each.
    pub fn units<'a>(&'a self, spec: &'a SgdSpec) -> impl Iterator<Item = (&'a Run, Activation)> {
        let hidden = self.hidden.iter().zip(&spec.layers).flat_map(|(runs, l)| runs.iter().map(|r| (r, l.activation)));
        hidden.chain(self.adapters.iter().flatten().map(|r| (r, Activation::Linear)))
    }
    /// Runs of the vector strip.
    pub fn vectors(&self) -> impl Iterator<Item = &Run> {
        [&self.forward, &self.backward, &self.adapter_forward, &self.adapter_backward].into_iter().flatten().flatten()
    }
    /// Runs of rows of the data strip whose evaluation takes all its columns.
    pub fn wide_data(&self) -> impl Iterator<Item = &Run> {
        self.inputs.iter().chain(self.given.iter().flatten())
    }
    /// Whether any run of units has this activation.
    pub fn uses(&self, spec: &SgdSpec, a: Activation) -> bool {
        self.units(spec).any(|(_, b)| a == b)
    }
}

/// Distinct numbers of circuit rows a matrix row, for the matrices of a group (1: those of backward products).
pub fn strides(matrices: &[Matrix], group: usize) -> Vec<usize> {
    let mut v: Vec<usize> = matrices.iter().filter(|m| m.rows > 1 && usize::from(m.backward) == group).map(|m| m.chunks).collect();
    v.sort_unstable();
    v.dedup();
    v
}
