import { findRuntime } from '../../src/check/findRuntime.js';
import type { OnnxRuntime } from '../../src/check/runtime.js';

const named = process.env.POT_ONNXRUNTIME;

/** onnxruntime, of the file that POT_ONNXRUNTIME names, or where it is installed; undefined without. */
export const runtime = named
  ? ((await import(named)) as { default: OnnxRuntime }).default
  : await findRuntime();
