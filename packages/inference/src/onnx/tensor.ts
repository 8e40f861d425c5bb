import { brief, invalid, unsupported } from './errors.js';
import type { TensorProto } from './proto/tensor_pb.js';

/** A constant of the model, in double precision. */
export interface Tensor {
  name: string;
  shape: number[];
  /** Row by row. */
  values: Float64Array;
  /** Whether they are whole numbers by their type, of which divisions and the like are others. */
  whole?: boolean;
}

/** ONNX's TensorProto.DataType, of those that are read. */
const [FLOAT, INT32, INT64, BOOL, DOUBLE] = [1, 6, 7, 9, 11];
/** Bytes of one value, of those that are read. */
const SIZES: Readonly<Record<number, number>> = {
  [FLOAT]: 4,
  [INT32]: 4,
  [INT64]: 8,
  [BOOL]: 1,
  [DOUBLE]: 8,
};
const WHOLE = [INT32, INT64, BOOL];
/** TensorProto.DataLocation. */
const EXTERNAL = 1;
/** Largest constant, in entries: what a graph may hold. */
const MAX_ENTRIES = 2 ** 26;
export const MAX_AXES = 6;

/**
 * Reads a constant: of floating-point or whole numbers of 32 and 64 bits, or booleans, its data in the file.
 *
 * Errors: `ONNX_INVALID` for a shape that is not the data's, values that are not finite, and data in other files (a path that a stranger
 * chose is never opened); `ONNX_UNSUPPORTED` for other types.
 */
export function tensorOf(proto: TensorProto): Tensor {
  const name = proto.name === '' ? 'a constant without a name' : brief(proto.name);
  if (proto.dataLocation === EXTERNAL || proto.externalData.length > 0) {
    throw invalid(`${name}: its data is in another file; save the model with its data in it`);
  }
  if (proto.segment.length > 0) throw invalid(`${name}: it is a segment of a tensor`);
  const shape = proto.dims.map(Number);
  const entries = shape.reduce((n, d) => n * d, 1);
  const sound = shape.length <= MAX_AXES && shape.every((d) => Number.isSafeInteger(d) && d >= 0);
  if (!sound || entries > MAX_ENTRIES) throw invalid(`${name}: no shape that a constant can have`);
  const values = valuesOf(proto, name, entries);
  if (values.length !== entries) throw invalid(`${name}: ${values.length} values, its shape says ${entries}`);
  if (!values.every(Number.isFinite)) throw invalid(`${name}: a value is not finite`);
  return { name, shape, values, ...(WHOLE.includes(proto.dataType) && { whole: true }) };
}

function valuesOf(proto: TensorProto, name: string, entries: number): Float64Array {
  const { dataType, rawData } = proto;
  const { floatData, doubleData, int32Data, int64Data } = proto;
  const given = [rawData, floatData, doubleData, int32Data, int64Data].map(({ length }) => length);
  // An empty tensor has none of them.
  if (given.filter((n) => n > 0).length > 1) throw invalid(`${name}: its data is there twice`);
  if (rawData.length > 0) return rawValues(rawData, dataType, name, entries);
  if (dataType === FLOAT) return Float64Array.from(floatData);
  if (dataType === DOUBLE) return Float64Array.from(doubleData);
  if (dataType === INT64) return Float64Array.from(int64Data, Number);
  if (dataType === INT32 || dataType === BOOL) return Float64Array.from(int32Data);
  throw otherType(name, dataType);
}

/** Little-endian, as the format has it. */
function rawValues(bytes: Uint8Array, dataType: number, name: string, entries: number): Float64Array {
  const size = SIZES[dataType];
  if (size === undefined) throw otherType(name, dataType);
  if (bytes.length !== entries * size)
    throw invalid(`${name}: ${bytes.length} bytes, its shape says ${entries * size}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = (i: number) => {
    if (dataType === FLOAT) return view.getFloat32(4 * i, true);
    if (dataType === INT32) return view.getInt32(4 * i, true);
    if (dataType === BOOL) return view.getUint8(i);
    return dataType === DOUBLE ? view.getFloat64(8 * i, true) : Number(view.getBigInt64(8 * i, true));
  };
  return Float64Array.from({ length: entries }, (_, i) => read(i));
}

function otherType(name: string, dataType: number) {
  return unsupported(name, `its type is ${dataType}: float, double, int32, int64 and bool are read`);
}
