import type { Chain } from './chain.js';
import { brief, briefly, invalid, unsupported } from './errors.js';
import type { AttributeProto, NodeProto } from './proto/onnx_pb.js';
import { type Tensor, tensorOf } from './tensor.js';

/** What a node is given: a value of each sample, or a constant; undefined where an optional input is left out. */
export type Given = { chain: Chain } | { tensor: Tensor } | undefined;

/** A node as operators see it. Each attribute must be asked for: what nobody asked for is refused. */
export class OnnxNode {
  readonly at: string;
  private readonly asked = new Set<string>();

  constructor(
    readonly proto: NodeProto,
    readonly given: readonly Given[],
    /** Version of the node's domain. */
    readonly opset: number,
    /** Counts entries of constants that are made, before they are. */
    readonly spend: (entries: number) => void = () => {},
  ) {
    const name = proto.name || proto.output[0] || 'a node';
    this.at = `${brief(proto.opType)} ${JSON.stringify(brief(name))}`;
  }

  /** The value of each sample among the inputs. Errors: `ONNX_UNSUPPORTED`. */
  chain(index = 0): Chain {
    const value = this.given[index];
    if (value && 'chain' in value) return value.chain;
    throw unsupported(this.at, `input ${index} is a constant, and must be a value of each sample`);
  }

  /** A constant. Errors: `ONNX_UNSUPPORTED`. */
  tensor(index: number): Tensor {
    const value = this.given[index];
    if (value && 'tensor' in value) return value.tensor;
    throw unsupported(
      this.at,
      `input ${index} must be a constant`,
      'Products and sums of two values that depend on the input are not proven yet.',
    );
  }

  number(name: string, otherwise: number): number {
    const found = this.attribute(name, 1);
    return found ? found.f : otherwise;
  }
  integer(name: string, otherwise: number): number {
    const found = this.attribute(name, 2);
    return found ? Number(found.i) : otherwise;
  }
  text(name: string, otherwise: string): string {
    const found = this.attribute(name, 3);
    return found ? new TextDecoder().decode(found.s) : otherwise;
  }
  numbers(name: string): Float64Array | undefined {
    const found = this.attribute(name, 6);
    return found && Float64Array.from(found.floats);
  }
  integers(name: string): number[] | undefined {
    return this.attribute(name, 7)?.ints.map(Number);
  }
  texts(name: string): string[] | undefined {
    const decoder = new TextDecoder();
    return this.attribute(name, 8)?.strings.map((v) => decoder.decode(v));
  }
  /** Numbers of single precision, or of double precision as a constant beside them. */
  doubles(name: string): Float64Array | undefined {
    const [single, double] = [this.numbers(name), this.constant(`${name}_as_tensor`)?.values];
    return double && double.length > 0 ? Float64Array.from(double) : single;
  }
  /** A constant that is an attribute. Errors: those of {@link tensorOf}. */
  constant(name: string): Tensor | undefined {
    const found = this.attribute(name, 4);
    return found?.t && tensorOf(found.t);
  }
  /** Whether a node has only constants, so that what it gives is one too. */
  get isConstant(): boolean {
    return this.given.every((value) => value === undefined || 'tensor' in value);
  }
  /** An attribute that changes nothing of what is computed here, such as the labels of classes. */
  ignored(...names: string[]): void {
    for (const name of names) this.asked.add(name);
  }

  private attribute(name: string, type: number): AttributeProto | undefined {
    this.asked.add(name);
    const found = this.proto.attribute.filter((a) => a.name === name);
    if (found.length > 1) throw invalid(`${this.at}: the attribute ${name} is there twice`);
    const [one] = found;
    if (one && (one.refAttrName !== '' || (one.type !== 0 && one.type !== type))) {
      throw invalid(`${this.at}: the attribute ${name} has another type`);
    }
    return one;
  }

  /** Errors: `ONNX_UNSUPPORTED`, `ONNX_INVALID`. */
  finish(): void {
    const other = this.proto.attribute.find((a) => !this.asked.has(a.name));
    if (other)
      throw unsupported(this.at, `the attribute ${JSON.stringify(other.name.slice(0, 80))} is not known`);
  }

  /** Errors: `ONNX_INVALID`. */
  requireInputs(least: number, most = least): void {
    const there = this.given.length;
    if (there >= least && there <= most && this.given.slice(0, least).every((v) => v !== undefined)) return;
    throw invalid(`${this.at}: ${there} inputs`);
  }
}

/** A constant with one value a feature, or one for all. Errors: `ONNX_UNSUPPORTED` for other shapes. */
export function perFeature(tensor: Tensor, width: number, at: string): Float64Array {
  const { shape, values } = tensor;
  const leading = shape.slice(0, -1).every((d) => d === 1);
  const last = shape.at(-1) ?? 1;
  if (leading && last === width && shape.length <= 2) return values;
  if (values.length === 1 && shape.length <= 2) return new Float64Array(width).fill(values[0]!);
  throw unsupported(
    at,
    `${tensor.name} has the shape ${briefly(shape)}, and must have one value for each of ${width} features`,
  );
}
