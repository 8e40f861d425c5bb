import { fromBinary } from '@bufbuild/protobuf';
import { invalid } from './errors.js';
import { type GraphProto, type ModelProto, ModelProtoSchema, type NodeProto } from './proto/onnx_pb.js';

/** Largest file, in bytes. */
const MAX_BYTES = 1 << 28;
const MAX_NODES = 4096;
/** Versions of both domains that are read. */
const OPSETS: Readonly<Record<string, readonly [number, number]>> = { '': [9, 22], 'ai.onnx.ml': [1, 5] };

/** The graph of a file, and the version of each domain of operators. */
export interface OnnxFile {
  graph: GraphProto;
  opsets: Map<string, number>;
  irVersion: bigint;
}

/** Errors: `ONNX_INVALID` for what is no model, too large, or holds more than a graph with its constants. */
export function openOnnx(bytes: Uint8Array): OnnxFile {
  if (bytes.length > MAX_BYTES) {
    throw invalid(`${bytes.length} bytes: up to ${MAX_BYTES} are read`);
  }
  const model = parsed(bytes);
  return { graph: graphOf(model), opsets: opsetsOf(model), irVersion: model.irVersion };
}

/** The default domain has two names. */
export const domainOf = (domain: string) => (domain === 'ai.onnx' ? '' : domain);
/** As `OPERATORS` names them. */
export const operatorOf = ({ domain, opType }: NodeProto) =>
  domainOf(domain) === '' ? opType : `${domain}.${opType}`;

function parsed(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch {
    throw invalid('the file cannot be read: it is damaged, or none');
  }
}

function graphOf({ graph, functions, trainingInfo }: ModelProto): GraphProto {
  if (!graph || graph.node.length === 0) throw invalid('it has no nodes');
  if (functions.length > 0) throw invalid('it has functions of its own; export it without');
  if (trainingInfo.length > 0) throw invalid('it has training information; export it for inference');
  if (graph.sparseInitializer.length > 0) throw invalid('it has sparse constants; export it without');
  if (graph.node.length > MAX_NODES) throw invalid(`${graph.node.length} nodes: up to ${MAX_NODES} are read`);
  return graph;
}

/** The version of each domain. Errors: `ONNX_INVALID`. */
function opsetsOf({ opsetImport }: ModelProto): Map<string, number> {
  const opsets = new Map<string, number>();
  for (const { domain, version } of opsetImport) {
    const name = domainOf(domain);
    const range = Object.hasOwn(OPSETS, name) ? OPSETS[name] : undefined;
    // Others matter where a node is of them.
    if (range && (version < range[0] || version > range[1])) {
      throw invalid(
        `operators of version ${version}: ${range[0]} to ${range[1]} are read${name && ` of ${name}`}`,
      );
    }
    // skl2onnx names one domain twice.
    if (opsets.has(name) && opsets.get(name) !== Number(version)) throw invalid('two versions of one domain');
    opsets.set(name, Number(version));
  }
  return opsets;
}
