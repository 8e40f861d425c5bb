/** Adapters that the real Python package peft saved (fixtures/make.py), and adapters of unknown origin. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createPeftAdapter,
  MAX_CONFIG_BYTES,
  matchPeftModules,
  parsePeftAdapter,
  parsePeftConfig,
  parseSafetensors,
  serialisePeftAdapter,
  serialiseSafetensors,
} from '../../src/index.js';
import { module, toyAdapter } from './helpers/adapters.js';
import { adapterFixture, expectedModules, thrown } from './helpers/files.js';

const fixtures = ['mlp-f32', 'mlp-f16', 'mlp-bf16', 'patterns', 'sequential', 'gpt2'];

describe('an adapter that PEFT saved', () => {
  it.each(fixtures)('%s is read as PEFT has it', (name) => {
    const { config, weights } = adapterFixture(name);
    const { modules } = parsePeftAdapter(config, weights);
    const expected = expectedModules(name);
    expect(expected.length).toBeGreaterThan(1);
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
    expect([...modules].sort(byName)).toEqual(
      expected.sort(byName).map(({ name, rank, alpha, shapeA, shapeB, A, B }) => ({
        name,
        rank,
        alpha,
        inputs: shapeA[1],
        outputs: shapeB[0],
        A: Float32Array.from(A),
        B: Float32Array.from(B),
      })),
    );
    for (const { name, alpha, rank } of modules) {
      expect(alpha / rank).toBe(expected.find((e) => e.name === name)!.scaling);
    }
  });

  it('has its configuration read', () => {
    expect(parsePeftConfig(adapterFixture('mlp-f32').config)).toEqual({
      peft_type: 'LORA',
      base_model_name_or_path: 'toy/mlp',
      revision: 'v1',
      task_type: null,
      r: 2,
      lora_alpha: 4,
      target_modules: ['fc1', 'fc2'],
      rank_pattern: {},
      alpha_pattern: {},
      fan_in_fan_out: false,
      lora_dropout: 0,
      inference_mode: true,
      init_lora_weights: true,
      auto_mapping: { base_model_class: 'Mlp', parent_library: '__main__' },
      peft_version: '0.21.2',
    });
    expect(parsePeftConfig(adapterFixture('gpt2').config)).toMatchObject({
      task_type: 'CAUSAL_LM',
      fan_in_fan_out: true,
      lora_dropout: 0.05,
      target_modules: ['c_attn'],
    });
  });

  it.each(fixtures)('%s is the same after it is written and read', (name) => {
    const { config, weights } = adapterFixture(name);
    const adapter = parsePeftAdapter(config, weights);
    const files = serialisePeftAdapter(adapter);
    expect(parsePeftAdapter(files.config, files.weights)).toEqual(adapter);
    // Float32 already: the very bytes that PEFT wrote.
    if (!/f16/.test(name)) expect(files.weights).toEqual(weights);
  });

  it.each([
    'use_dora',
    'use_rslora',
    'bias',
    'lora_bias',
    'modules_to_save',
    'target_modules',
    'init_lora_weights',
  ])('is refused by name where it uses %s', (field) => {
    const { config, weights } = adapterFixture(`refused/${field}`);
    const error = thrown(() => parsePeftAdapter(config, weights));
    expect(error.code).toBe('PEFT_UNSUPPORTED');
    expect(error.details.field).toBe(field);
    expect(error.shortMessage).toContain(field);
  });

  it.each(['use_dora', 'bias', 'modules_to_save'])(
    'is refused by its tensors too, should the configuration hide %s',
    (field) => {
      const { weights } = adapterFixture(`refused/${field}`);
      const { config } = adapterFixture('mlp-f32');
      expect(thrown(() => parsePeftAdapter(config, weights)).code).toBe('PEFT_KEY');
    },
  );
});

/** The configuration of mlp-f32 with other fields. */
function changed(fields: Record<string, unknown>): string {
  return JSON.stringify({ ...JSON.parse(adapterFixture('mlp-f32').config), ...fields });
}

describe('a configuration', () => {
  const { config } = adapterFixture('mlp-f32');
  it.each([
    ['is no JSON', '{', 'PEFT_CONFIG_NOT_JSON'],
    ['is a list', '[]', 'PEFT_CONFIG_NOT_JSON'],
    ['is null', 'null', 'PEFT_CONFIG_NOT_JSON'],
    ['has a number that only Python knows', '{"r": NaN}', 'PEFT_CONFIG_NOT_JSON'],
    ['is 100,000 lists deep', `{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}`, 'PEFT_CONFIG_NOT_JSON'],
    ['has a name twice', config.replace('"r":', '"r": 4, "r":'), 'PEFT_CONFIG_DUPLICATE_KEY'],
    ['is too large', config + ' '.repeat(MAX_CONFIG_BYTES), 'PEFT_CONFIG_TOO_LARGE'],
    ['has rank 0', changed({ r: 0 }), 'PEFT_CONFIG_INVALID'],
    ['has a rank that is no integer', changed({ r: 1.5 }), 'PEFT_CONFIG_INVALID'],
    ['has a rank that is a text', changed({ r: '2' }), 'PEFT_CONFIG_INVALID'],
    ['has no rank', changed({ r: null }), 'PEFT_CONFIG_INVALID'],
    ['has alpha 0', changed({ lora_alpha: 0 }), 'PEFT_CONFIG_INVALID'],
    [
      'has an infinite alpha',
      config.replace('"lora_alpha": 4', '"lora_alpha": 1e999'),
      'PEFT_CONFIG_INVALID',
    ],
    ['has no targets', changed({ target_modules: [] }), 'PEFT_CONFIG_INVALID'],
    ['has a target that is a number', changed({ target_modules: [1] }), 'PEFT_CONFIG_INVALID'],
    ['leaves the targets out', changed({ target_modules: undefined }), 'PEFT_CONFIG_INVALID'],
    ['leaves the type out', changed({ peft_type: undefined }), 'PEFT_CONFIG_INVALID'],
    ['has a pattern that is a text', changed({ rank_pattern: { fc1: '2' } }), 'PEFT_CONFIG_INVALID'],
    ['has dropout 2', changed({ lora_dropout: 2 }), 'PEFT_CONFIG_INVALID'],
    [
      'has a pattern for __proto__',
      config.replace('"alpha_pattern": {}', '"alpha_pattern": {"__proto__": 3}'),
      'PEFT_CONFIG_INVALID',
    ],
  ])('that %s is refused', (_, text, code) => {
    expect(thrown(() => parsePeftConfig(text)).code).toBe(code);
  });

  it('that is not UTF-8 is refused', () => {
    expect(thrown(() => parsePeftConfig(Uint8Array.of(0x7b, 0xff, 0x7d))).code).toBe('PEFT_CONFIG_NOT_JSON');
  });

  it.each([
    ['peft_type', 'IA3'],
    ['bias', 'all'],
    ['use_rslora', true],
    ['use_dora', true],
    ['lora_bias', true],
    ['modules_to_save', ['head']],
    ['layers_to_transform', [0]],
    ['layers_pattern', 'layers'],
    ['layer_replication', [[0, 1]]],
    ['exclude_modules', 'fc1'],
    ['target_parameters', ['w']],
    ['trainable_token_indices', [1]],
    ['alora_invocation_tokens', [1]],
    ['megatron_config', { tp: 2 }],
    ['use_qalora', true],
    ['eva_config', { rho: 2 }],
    ['init_lora_weights', 'olora'],
    ['init_lora_weights', 'pissa_niter_4'],
    ['init_lora_weights', 'loftq'],
    ['a_field_of_a_later_version', 1],
    ['__proto__', true],
    ['target_modules', 'all-linear'],
    ['target_modules', 'fc[12]'],
    ['target_modules', '(a+)+$'],
    ['rank_pattern', { 'fc.*': 2 }],
    ['alpha_pattern', { 'fc1|fc2': 2 }],
    ['alpha_pattern', { 'fc1\\d': 2 }],
    ['alpha_pattern', { '': 2 }],
  ])('with %s = %j is refused by name', (field, value) => {
    const text = changed({}).replace(/}$/, `,${JSON.stringify(field)}:${JSON.stringify(value)}}`);
    const once =
      field in JSON.parse(changed({})) && field !== '__proto__' ? changed({ [field]: value }) : text;
    const error = thrown(() => parsePeftConfig(once));
    expect(error.code).toBe('PEFT_UNSUPPORTED');
    expect(error.details.field).toBe(field);
  });

  it.each([
    ['modules_to_save', []],
    ['rank_pattern', null],
    ['alpha_pattern', null],
    ['lora_dropout', null],
    ['init_lora_weights', 'gaussian'],
    ['init_lora_weights', false],
    ['a_field_of_a_later_version', false],
    ['another_one', {}],
  ])('with %s = %j means the same', (field, value) => {
    const { weights } = adapterFixture('mlp-f32');
    const { modules } = parsePeftAdapter(config, weights);
    expect(parsePeftAdapter(changed({ [field]: value }), weights).modules).toEqual(modules);
  });

  it('takes the defaults of PEFT for what it leaves out', () => {
    const { r, lora_alpha, base_model_name_or_path } = parsePeftConfig(
      '{"peft_type":"LORA","target_modules":["q"]}',
    );
    expect({ r, lora_alpha, base_model_name_or_path }).toEqual({
      r: 8,
      lora_alpha: 8,
      base_model_name_or_path: null,
    });
  });
});

describe('weights', () => {
  /** The toy adapter's files, their tensors changed. */
  function withTensors(change: (tensors: Map<string, { shape: number[]; values: Float32Array }>) => void) {
    const { config, weights } = serialisePeftAdapter(toyAdapter());
    const tensors = new Map(
      [...parseSafetensors(weights).tensors].map(([n, t]) => [n, { shape: [...t.shape], values: t.values }]),
    );
    change(tensors);
    return () => parsePeftAdapter(config, serialiseSafetensors(tensors));
  }
  const key = (name: string, which: 'A' | 'B') => `base_model.model.${name}.lora_${which}.weight`;
  const matrix = (rows: number, columns: number) => ({
    shape: [rows, columns],
    values: new Float32Array(rows * columns),
  });

  it('of the toy adapter are fine as they are', () => {
    expect(withTensors(() => {})()).toEqual(toyAdapter());
  });

  it.each(['A', 'B'] as const)('without lora_%s are refused', (which) => {
    expect(thrown(withTensors((t) => t.delete(key('fc1', which)))).code).toBe('PEFT_INCOMPLETE');
  });

  it('of nothing are refused', () => {
    expect(thrown(withTensors((t) => t.clear())).code).toBe('PEFT_EMPTY');
  });

  it.each([
    'fc1.lora_A.weight',
    'base_model.model.fc1.weight',
    'base_model.model.fc1.lora_A',
    'base_model.model.fc1.lora_A.default.weight',
    'base_model.model.fc1.lora_B.bias',
    'base_model.model.fc1.lora_C.weight',
    'base_model.model.fc1.lora_magnitude_vector',
    'base_model.model.fc1.lora_embedding_A',
    'base_model.model..lora_A.weight',
    'base_model.model.lora_A.weight',
    'base_model.model.fc1..x.lora_A.weight',
    'base_model.model.fc1\n.lora_A.weight',
    'base_model.model.fc 1.lora_A.weight',
    'base_model.model.fç1.lora_A.weight',
    '',
  ])('with the key %j are refused', (name) => {
    expect(thrown(withTensors((t) => t.set(name, matrix(2, 5)))).code).toBe('PEFT_KEY');
  });

  it('of a module that is not in target_modules are refused', () => {
    const add = withTensors((t) => {
      t.set(key('fc3', 'A'), matrix(2, 3));
      t.set(key('fc3', 'B'), matrix(3, 2));
    });
    expect(thrown(add).code).toBe('PEFT_MODULE_NOT_TARGETED');
  });

  it('of a module that only ends like a target, within a name, are refused', () => {
    const add = withTensors((t) => {
      t.set(key('myfc1', 'A'), matrix(2, 3));
      t.set(key('myfc1', 'B'), matrix(3, 2));
    });
    expect(thrown(add).code).toBe('PEFT_MODULE_NOT_TARGETED');
  });

  it.each([
    ['A has another rank than B', matrix(2, 5), matrix(4, 3), 'PEFT_RANK'],
    ['both have another rank than the configuration', matrix(3, 5), matrix(4, 3), 'PEFT_RANK'],
    ['A is transposed', matrix(5, 2), matrix(4, 2), 'PEFT_RANK'],
    [
      'A has four sizes, as a convolution has',
      { ...matrix(2, 5), shape: [2, 5, 1, 1] },
      matrix(4, 2),
      'PEFT_SHAPE',
    ],
    ['A is a vector', { ...matrix(2, 5), shape: [10] }, matrix(4, 2), 'PEFT_SHAPE'],
    ['B has no rows', matrix(2, 5), matrix(0, 2), 'PEFT_SHAPE'],
    ['the rank is 0', matrix(0, 5), matrix(4, 0), 'PEFT_SHAPE'],
  ])('are refused where %s', (_, A, B, code) => {
    const set = withTensors((t) => t.set(key('fc1', 'A'), A).set(key('fc1', 'B'), B));
    expect(thrown(set).code).toBe(code);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('that hold %s are refused', (value) => {
    const set = withTensors((t) => {
      t.get(key('fc2', 'B'))!.values[3] = value;
    });
    expect(thrown(set).code).toBe('PEFT_NOT_FINITE');
  });
});

describe('patterns', () => {
  const { weights } = serialisePeftAdapter(toyAdapter());
  const base = { ...JSON.parse(serialisePeftAdapter(toyAdapter()).config), r: 2 };
  const alphas = (alpha_pattern: unknown) => () =>
    parsePeftAdapter(
      JSON.stringify({ ...base, rank_pattern: { 'block.fc2': 1, '^fc2': 3 }, lora_alpha: 9, alpha_pattern }),
      weights,
    ).modules.map((m) => m.alpha);

  // Modules: block.fc2, fc1, fc2. As re.match(rf"(.*\.)?({key})$", name) of PEFT has it.
  it.each([
    [{}, [9, 9, 9]],
    [{ fc2: 5 }, [5, 9, 5]],
    [{ '^fc2': 5 }, [9, 9, 5]],
    [{ 'block.fc2': 5 }, [5, 9, 9]],
    [{ 'fc.': 5 }, [5, 5, 5]],
    [{ 'block\\.fc2': 5 }, [5, 9, 9]],
    [{ 'fc\\.': 5 }, [9, 9, 9]],
    [{ c2: 5 }, [9, 9, 9]],
    [{ block: 5 }, [9, 9, 9]],
    [{ fc2: 5, 'block.fc2': 5 }, [5, 9, 5]],
  ])('%j', (pattern, expected) => {
    expect(alphas(pattern)()).toEqual(expected);
  });

  it('that say two things about one module are refused', () => {
    expect(thrown(alphas({ fc2: 5, 'block.fc2': 6 })).code).toBe('PEFT_CONFIG_INVALID');
  });
});

describe('a new adapter', () => {
  it('has the configuration of its modules', () => {
    const { config } = toyAdapter();
    expect(config).toMatchObject({
      r: 1,
      lora_alpha: 1,
      target_modules: ['block.fc2', 'fc1', 'fc2'],
      rank_pattern: { '^fc1': 2, '^fc2': 3 },
      alpha_pattern: { '^fc1': 4, '^fc2': 4 },
      base_model_name_or_path: 'toy/mlp',
      revision: 'v1',
      inference_mode: true,
    });
  });

  it('is written in ASCII, whatever the base is called', () => {
    const adapter = createPeftAdapter({ modules: [module('fc1', 1, 2, 2, 1)], baseModel: 'Ünï ☂ 😀 "x"' });
    const { config, weights } = serialisePeftAdapter(adapter);
    expect(config).toMatch(/^[\n -~]+$/);
    expect(parsePeftAdapter(config, weights)).toEqual(adapter);
  });

  it('is read back as it was, whatever its modules', () => {
    const segment = fc.stringMatching(/^[A-Za-z0-9_-]{1,6}$/);
    const modules = fc.uniqueArray(
      fc
        .tuple(fc.array(segment, { minLength: 1, maxLength: 3 }), fc.nat(2), fc.nat(4), fc.nat(4), fc.nat(3))
        .map(([path, r, i, o, a]) => module(path.join('.'), r + 1, i + 1, o + 1, a + 0.5)),
      { selector: (m) => m.name, minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(modules, (list) => {
        const adapter = createPeftAdapter({ modules: list });
        const files = serialisePeftAdapter(adapter);
        const read = parsePeftAdapter(files.config, files.weights);
        expect(read.config).toEqual(adapter.config);
        expect(new Map(read.modules.map((m) => [m.name, m]))).toEqual(new Map(list.map((m) => [m.name, m])));
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('keeps apart modules whose names differ in a dot', () => {
    const modules = [module('a.b', 1, 2, 2, 1), module('a-b', 2, 2, 2, 3), module('c.a.b', 1, 2, 2, 7)];
    modules.push(module('a.b.c', 1, 2, 2, 5), module('axbxc', 1, 2, 2, 6));
    const { config, weights } = serialisePeftAdapter(createPeftAdapter({ modules }));
    const read = parsePeftAdapter(config, weights).modules;
    expect(new Map(read.map((m) => [m.name, m.alpha]))).toEqual(
      new Map(modules.map((m) => [m.name, m.alpha])),
    );
  });

  it('has no more patterns than can be compared with its modules', () => {
    const modules = Array.from({ length: 4098 }, (_, i) => module(`m${i}`, 1, 1, 1, i === 0 ? 1 : 2));
    expect(thrown(() => createPeftAdapter({ modules })).code).toBe('PEFT_CONFIG_INVALID');
    expect(createPeftAdapter({ modules: modules.slice(1) }).config.alpha_pattern).toEqual({});
    const { config, weights } = serialisePeftAdapter(createPeftAdapter({ modules: modules.slice(0, 2000) }));
    expect(parsePeftAdapter(config, weights).modules.filter((m) => m.alpha === 2).length).toBe(1999);
  });

  const good = module('fc1', 2, 5, 4, 4);
  it.each([
    ['no modules', [], 'PEFT_EMPTY'],
    ['a module twice', [good, good], 'PEFT_KEY'],
    ['a name with an empty part', [{ ...good, name: 'a..b' }], 'PEFT_KEY'],
    ['A of other sizes', [{ ...good, inputs: 6 }], 'PEFT_SHAPE'],
    ['B of other sizes', [{ ...good, outputs: 3 }], 'PEFT_SHAPE'],
    ['no inputs', [{ ...good, inputs: 0, A: new Float32Array() }], 'PEFT_SHAPE'],
    ['values that are not finite', [{ ...good, A: good.A.map(() => Number.NaN) }], 'PEFT_NOT_FINITE'],
    ['a rank that is no integer', [{ ...good, rank: 1.5 }], 'PEFT_CONFIG_INVALID'],
    ['a negative alpha', [{ ...good, alpha: -1 }], 'PEFT_CONFIG_INVALID'],
  ])('with %s is refused', (_, modules, code) => {
    expect(thrown(() => createPeftAdapter({ modules })).code).toBe(code);
  });

  it.each([
    ['rank', { rank: 1, A: new Float32Array(5), B: new Float32Array(4) }, 'PEFT_RANK'],
    ['alpha', { alpha: 5 }, 'PEFT_ALPHA'],
    ['name', { name: 'fc9' }, 'PEFT_MODULE_NOT_TARGETED'],
  ])('is not written with another %s than its configuration has', (_, change, code) => {
    const { config } = createPeftAdapter({ modules: [good] });
    expect(thrown(() => serialisePeftAdapter({ config, modules: [{ ...good, ...change }] })).code).toBe(code);
  });

  it('is not written with a configuration that could not be read', () => {
    const adapter = createPeftAdapter({ modules: [good] });
    const config = { ...adapter.config, lora_dropout: 7 };
    expect(thrown(() => serialisePeftAdapter({ ...adapter, config })).code).toBe('PEFT_CONFIG_INVALID');
  });
});

describe('the base model', () => {
  const layers = [
    { name: 'fc1', inputs: 5, outputs: 4 },
    { name: 'fc2', inputs: 4, outputs: 3 },
    { name: 'block.fc2', inputs: 3, outputs: 3 },
    { name: 'head', inputs: 3, outputs: 2 },
  ];

  it('has an adapter for its layers', () => {
    const found = matchPeftModules(toyAdapter(), layers, { baseModel: 'toy/mlp', revision: 'v1' });
    expect(found.map((m) => m?.name)).toEqual(['fc1', 'fc2', 'block.fc2', undefined]);
  });

  it.each([
    ['without one of the layers', layers.slice(1), {}],
    ['with other inputs', [{ ...layers[0]!, inputs: 6 }, ...layers.slice(1)], {}],
    ['with other outputs', [{ ...layers[0]!, outputs: 3 }, ...layers.slice(1)], {}],
    ['of another name', layers, { baseModel: 'toy/other' }],
    ['of another revision', layers, { baseModel: 'toy/mlp', revision: 'v2' }],
  ])('%s is another one', (_, model, base) => {
    expect(thrown(() => matchPeftModules(toyAdapter(), model, base)).code).toBe('PEFT_BASE_MISMATCH');
  });

  it('that is not named is not the one expected', () => {
    const adapter = createPeftAdapter({ modules: [module('fc1', 2, 5, 4, 4)] });
    expect(thrown(() => matchPeftModules(adapter, layers, { revision: 'v1' })).code).toBe(
      'PEFT_BASE_MISMATCH',
    );
  });
});
