/**
 * Copies of this package's files inside modules. Vite's development server, before Vite 8, moves a package's modules and
 * not the files beside them; what it moves it resolves under the condition `development`, and that gives this file.
 */
import type { Embedded } from './types.js';

export const embedded: Embedded | undefined = {
  plain: () => import('../../embedded/plain.js'),
  ignition: () => import('../../embedded/ignition.js'),
};
