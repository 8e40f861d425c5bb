import type { Accuracy, ModelCheck } from '@proof-of-training/inference/node';

const MB = 2 ** 20;

/** A report of `checkModel` in lines for people. */
export function checkLines(report: ModelCheck): string[] {
  const { model, circuit, bounds, cost, accuracy, problems, advice } = report;
  const operators = Object.entries(model.operators).map(([name, count]) => `${name} x ${count}`);
  return [
    `network: ${model.network.join(' - ')}${model.last ? `, ${model.last}` : ''}; ${model.parameters} parameters`,
    `output: ${model.output}`,
    `operators: ${operators.join(', ')}`,
    ...(circuit ? circuitLines(circuit) : []),
    ...(bounds ? boundLines(bounds) : []),
    ...(cost ? costLines(cost) : []),
    ...(accuracy ? accuracyLines(accuracy) : []),
    ...problems.flatMap(({ code, message, hint }) => [
      `problem: ${message} [${code}]`,
      ...(hint ? [`  ${hint}`] : []),
    ]),
    ...advice.map((line) => `advice: ${line}`),
    '',
    report.ok ? 'CAN BE PROVEN' : 'CANNOT BE PROVEN',
  ];
}

function circuitLines({ k, samples, shape, genesis }: NonNullable<ModelCheck['circuit']>): string[] {
  const { weightColumns, dataColumns, outputColumns, lanes, laneColumns } = shape;
  return [
    `circuit: 2^${k} rows, ${samples} samples a proof; columns: ${weightColumns} of weights, ${dataColumns} of inputs, ${outputColumns} of outputs, ${lanes * laneColumns} of units`,
    `genesis proof: ${genesis.proofBytes} bytes, ${megabytes(genesis.memoryBytes)}`,
  ];
}

function boundLines({ range, nodes, worst, fitsAnyInput }: NonNullable<ModelCheck['bounds']>): string[] {
  return [
    `inputs: ${range[0]} to ${range[1]}${fitsAnyInput ? '; any others that the format holds fit too' : ''}`,
    ...nodes.map(
      (n) =>
        `  ${n.node}: ${n.bits} bits of ${n.mostBits}, sums of ${n.rawBits}${n === worst ? ' (needs most)' : ''}`,
    ),
  ];
}

function costLines({
  memoryBytes,
  seconds,
  engine,
  threads,
  how,
}: NonNullable<ModelCheck['cost']>): string[] {
  const time = seconds === undefined ? '' : `, ${seconds.toFixed(1)} s`;
  return [
    `a proof with its key, estimated: ${megabytes(memoryBytes)}${time} (${engine}, threads: ${threads}; ${how})`,
  ];
}

function accuracyLines({
  against,
  note,
  rows,
  values,
  largestError,
  meanError,
  changed,
  refused,
}: Accuracy): string[] {
  const decisions = changed ? `; decisions that change: ${changed.rows} (${percent(changed.share)})` : '';
  return [
    `accuracy of ${rows} rows against ${against}, ${values}: largest error ${digits(largestError)}, mean ${digits(meanError)}${decisions}`,
    ...(changed && changed.rows > 0
      ? [`  rows ${changed.first.join(', ')}${changed.rows > changed.first.length ? ', ..' : ''}`]
      : []),
    ...(refused > 0 ? [`  ${refused} rows leave the room of a node`] : []),
    ...(note ? [`  ${note}`] : []),
  ];
}

const megabytes = (bytes: number) => `${Math.ceil(bytes / MB)} MB`;
const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
const digits = (v: number) => v.toPrecision(3);
