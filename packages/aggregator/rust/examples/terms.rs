#[path = "../tests/common/mod.rs"]
mod common;
use pot_sgd::plan::{plan, Constraints};
use pot_sgd::spec::*;
fn main() {
    for (loss, act) in [(Loss::MeanSquaredError, Activation::Linear), (Loss::SoftmaxCrossEntropy, Activation::Softmax)] {
        for bias in [true, false] {
            for scales in [Scales { a: 6, d: 10, e: 8, b: 6, p: 6 }, Scales { a: 6, d: 10, e: 8, b: 8, p: 8 }, Scales { a: 6, d: 10, e: 8, b: 12, p: 12 }] {
                for (m, n, hidden) in [(3usize, 2usize, false), (1, 1, false), (4, 4, true)] {
                    let mut s = common::spec();
                    s.shape = None;
                    s.scales = scales.clone();
                    s.loss = loss;
                    s.layers = vec![Layer { inputs: m, outputs: n, activation: act, bias }];
                    if hidden {
                        s.layers.insert(0, Layer { inputs: m, outputs: m, activation: Activation::Relu, bias });
                    }
                    let Ok((s, info)) = plan(&s, Constraints::default()) else { continue };
                    let srs = pot_halo2::srs::development(s.shape.unwrap().k).unwrap();
                    
                    let mut p2 = pot_sgd::prover::Prover::new(srs.clone());
                    
                    match pot_aggregator::window::WindowKey::new(&mut p2, &s) {
                        Ok(key) => println!("{loss:?} bias {bias} b {} {m}x{n} hidden {hidden}: k {} advice {} fixed {} degree {} -> {} terms {:?}, {} bytes", s.scales.b, s.shape.unwrap().k, info.advice_columns, info.fixed_columns, info.degree, key.terms(), key.parts(), key.proof_bytes()),
                        Err(e) => println!("{e:?}"),
                    }
                }
            }
        }
    }
}
