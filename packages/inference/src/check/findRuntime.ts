import type { OnnxRuntime } from './runtime.js';

/** Optional peers, the one that is sought first first. */
const NAMES = ['onnxruntime-node', 'onnxruntime-web'];

/** onnxruntime where it is installed beside this package; undefined where it is not, or cannot be loaded. */
export async function findRuntime(): Promise<OnnxRuntime | undefined> {
  for (const name of NAMES) {
    const module = (await import(name).catch(() => undefined)) as
      | (Partial<OnnxRuntime> & { default?: OnnxRuntime })
      | undefined;
    const found = module?.InferenceSession ? module : module?.default;
    if (found?.InferenceSession) return found as OnnxRuntime;
  }
  return undefined;
}
