// Node's own entry of the verifier: an aggregate, and weights behind a commitment.
import { equal } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { aggregationPin, verifyAggregate, verifyWeights } from '@proof-of-training/verifier/node';

const read = (name) => JSON.parse(readFileSync(name, 'utf8'));
const config = { cache: { directory: 'cache' } };
const accept = { allowDevelopmentSrs: true, config };

const aggregate = read('aggregate.json');
const { key } = aggregate.aggregate;
const aggregationKey = aggregationPin(key.digest, aggregate.run.keys.window);
equal((await verifyAggregate(aggregate, { ...accept, aggregationKey })).failure, undefined);
aggregate.aggregate.public.endStep += aggregate.run.spec.steps;
equal((await verifyAggregate(aggregate, { ...accept, aggregationKey })).ok, false);

const [network, opening] = [read('network.json'), read('opening.json')];
equal((await verifyWeights(network, opening.commitment, opening, accept)).failure, undefined);
network.layers[0].kernel[0] += 1;
const { failure } = await verifyWeights(network, opening.commitment, opening, accept);
equal(failure?.code, 'MODEL_DIFFERENT');
