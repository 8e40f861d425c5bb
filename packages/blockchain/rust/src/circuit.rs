//! The circuit of the fixtures: it says that its prover knows its public inputs, and nothing else.

use halo2_axiom::circuit::{Layouter, SimpleFloorPlanner, Value};
use halo2_axiom::halo2curves::bn256::Fr;
use halo2_axiom::plonk::{Advice, Circuit, Column, ConstraintSystem, Error, Expression, Instance, Selector};
use halo2_axiom::poly::Rotation;

/// Public inputs of the wrapper: 12 limbs of the accumulator, then 10 of the aggregate.
pub const INPUTS: usize = 22;

#[derive(Clone)]
pub struct Config {
    value: Column<Advice>,
    public: Column<Instance>,
    on: Selector,
}

/// One advice column equal to the instance column, row by row.
#[derive(Clone, Default)]
pub struct KnownInputs(pub Option<[Fr; INPUTS]>);

impl Circuit<Fr> for KnownInputs {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        Self(None)
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Config {
        let (value, public, on) = (meta.advice_column(), meta.instance_column(), meta.selector());
        meta.create_gate("value = public", |meta| {
            let on = meta.query_selector(on);
            let value = meta.query_advice(value, Rotation::cur());
            let difference = value.clone() - meta.query_instance(public, Rotation::cur());
            // 7 is no square, so this factor is never 0. It raises the degree to 4: a lower one leaves pieces of the quotient
            // that are 0, and the EVM's verifier refuses their commitment, the point at infinity.
            let never_zero = value.square() - Expression::Constant(Fr::from(7));
            vec![on * difference * never_zero]
        });
        Config { value, public, on }
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let _ = config.public;
        layouter.assign_region(
            || "inputs",
            |mut region| {
                for row in 0..INPUTS {
                    config.on.enable(&mut region, row)?;
                    let value = self.0.map_or(Value::unknown(), |inputs| Value::known(inputs[row]));
                    region.assign_advice(config.value, row, value);
                }
                Ok(())
            },
        )
    }
}
