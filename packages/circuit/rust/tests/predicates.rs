//! Choices and comparisons as they are executed: of every small number, of equal scores, and at the ends of the ranges.

use pot_circuit::execute::run;
use pot_circuit::graph::{Builder, Graph};
use pot_circuit::ops::round::Range;
use pot_circuit::ops::{ArgMax, Compare, Op, Round};
use pot_circuit::tensor::{Formats, RateFactor, Role, Tensor};
use pot_proof_system::error::PotError;

/// Of 2b - 1 bits: -128 to 127.
const FORMATS: Formats = Formats { limb_bits: 4, table_bits: 4 };

fn graph(op: impl Into<Op>, range: Option<Range>, shape: &[usize]) -> Result<Graph, PotError> {
    let mut b = Builder::new(FORMATS)?;
    let (role, bits) = (Role::Frozen, 6);
    let mut v = b.tensor(Tensor { name: "w".into(), role, shape: shape.to_vec(), bits, offset: 0, rate_factor: RateFactor::ONE })?;
    if let Some(range) = range {
        v = b.node("z", Round { bits, gradient_bits: 4, range }.into(), &[v])?;
    }
    let out = b.node("out", op.into(), &[v])?;
    b.finish(&[out])
}

fn given(op: impl Into<Op>, values: &[i128]) -> Vec<i128> {
    let g = graph(op, Some(Range::Half), &[1, values.len()]).expect("a graph");
    run(&g, &[values.to_vec()], None).expect("in range").values.pop().expect("an output")
}

#[test]
fn a_comparison_of_every_number() {
    let all: Vec<i128> = (-128..128).collect();
    for least in [None, Some(-128), Some(-127), Some(-1), Some(0), Some(1), Some(127), Some(128)] {
        for most in [None, Some(-129), Some(-128), Some(0), Some(3), Some(126), Some(127)] {
            if least.is_none() && most.is_none() || least.zip(most).is_some_and(|(l, m)| l > m) {
                continue;
            }
            let flags = given(Compare { least, most }, &all);
            for (x, flag) in all.iter().zip(flags) {
                let within = least.is_none_or(|l| *x >= l.into()) && most.is_none_or(|m| *x <= m.into());
                assert_eq!(flag, i128::from(within), "{x} from {least:?} to {most:?}");
            }
        }
    }
}

#[test]
fn the_first_of_the_largest() {
    for (scores, first) in [
        (vec![3], 0),
        (vec![1, 2, 3], 2),
        (vec![3, 2, 1], 0),
        (vec![5, 5, 5], 0),
        (vec![-1, 4, 4], 1),
        (vec![-128, 127, -128], 1),
        (vec![-128, -128], 0),
        (vec![127, -128, 127], 0),
    ] {
        let wanted: Vec<i128> = (0..scores.len()).map(|i| i128::from(i == first)).collect();
        assert_eq!(given(ArgMax {}, &scores), wanted, "{scores:?}");
    }
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let code = |op: Op, range: Option<Range>, shape: &[usize]| graph(op, range, shape).expect_err("refused").code;
    let compare = |least, most| Op::from(Compare { least, most });
    let half = Some(Range::Half);
    assert_eq!(code(compare(None, None), half, &[2]), "GRAPH_INVALID");
    assert_eq!(code(compare(Some(3), Some(2)), half, &[2]), "GRAPH_INVALID");
    assert_eq!(code(compare(Some(129), None), half, &[2]), "GRAPH_INVALID");
    assert_eq!(code(compare(None, Some(-130)), half, &[2]), "GRAPH_INVALID");
    assert_eq!(code(compare(None, Some(128)), half, &[2]), "GRAPH_INVALID");
    assert_eq!(code(compare(Some(-129), None), half, &[2]), "GRAPH_INVALID");
    assert_eq!(code(compare(Some(i64::MIN), None), half, &[2]), "GRAPH_INVALID");
    assert_eq!(code(ArgMax {}.into(), half, &[]), "GRAPH_INVALID");
    // Two limbs hold no difference of wider numbers.
    for op in [compare(Some(0), None), ArgMax {}.into()] {
        assert_eq!(code(op.clone(), Some(Range::Wide), &[2]), "GRAPH_BOUNDS");
        assert_eq!(code(op.clone(), Some(Range::Relu), &[2]), "GRAPH_BOUNDS");
        assert_eq!(code(op, None, &[2]), "GRAPH_BOUNDS");
    }
    let text = graph(compare(Some(1), Some(2)), half, &[2]).expect("a graph").to_json();
    assert!(text.contains(r#""attributes":{"least":1,"most":2}"#), "{text}");
    assert_eq!(Graph::from_json(&text).expect("canonical").to_json(), text);
    for other in [r#"{"most":2,"least":1}"#, r#"{"least":1,"most":null}"#, r#"{"least":1.5}"#, r#"{"least":1,"more":2}"#] {
        assert!(Graph::from_json(&text.replace(r#"{"least":1,"most":2}"#, other)).is_err(), "{other}");
    }
}
